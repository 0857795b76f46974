"""Versions of the libraries that results depend on."""

import importlib.metadata
from collections.abc import Sequence

from generator.errors import UsageError

MEASURING = ("diffusers", "pygraphviz", "torch", "torchinfo", "torchview")
ENCODING = ("instant-clip-tokenizer", "scikit-learn", "tokenizers", "torch", "transformers")


def library_versions(names: Sequence[str] = MEASURING) -> dict[str, str]:
    """Installed versions, without the build tag of CPU or CUDA.

    Raises:
        UsageError: the measuring half is not installed.
    """
    try:
        return {name: importlib.metadata.version(name).split("+")[0] for name in names}
    except importlib.metadata.PackageNotFoundError as error:
        raise UsageError(
            f"the package {error.name}",
            "is not installed",
            "pip install 'diffusion-atlas[measure]'",
        ) from error
