"""Versions of the libraries that results depend on, and the extras that install them."""

import importlib.metadata
from collections.abc import Mapping
from typing import Literal

from generator.errors import MissingExtra

Extra = Literal["networks", "text"]
# The libraries whose versions decide the results of an extra.
DECIDING: Mapping[Extra, tuple[str, ...]] = {
    "networks": ("diffusers", "pygraphviz", "torch", "torchinfo", "torchview"),
    "text": ("instant-clip-tokenizer", "scikit-learn", "tokenizers", "torch", "transformers"),
}


def installed_versions(extra: Extra) -> dict[str, str] | None:
    """Versions of the libraries of `extra`, without the build tag of CPU or CUDA; None if one of
    them is not installed."""
    try:
        return {name: importlib.metadata.version(name).split("+")[0] for name in DECIDING[extra]}
    except importlib.metadata.PackageNotFoundError:
        return None


def library_versions(extra: Extra, subject: str) -> dict[str, str]:
    """Installed versions, for measuring `subject`.

    Raises:
        MissingExtra: they are not all installed.
    """
    versions = installed_versions(extra)
    if versions is None:
        raise MissingExtra(subject, extra)
    return versions
