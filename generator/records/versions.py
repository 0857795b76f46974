"""Versions of the libraries that results depend on, and the extras that install them."""

import importlib.metadata
from typing import NamedTuple

from generator.errors import MissingExtra


class Libraries(NamedTuple):
    """The libraries that decide a kind of results, which an `extra` of this program installs."""

    extra: str
    names: tuple[str, ...]


NETWORKS = Libraries("networks", ("diffusers", "pygraphviz", "torch", "torchinfo", "torchview"))
COMPONENTS = Libraries("networks", ("diffusers", "torch", "transformers"))
ENCODING = Libraries(
    "text", ("instant-clip-tokenizer", "scikit-learn", "tokenizers", "torch", "transformers")
)


def installed_versions(libraries: Libraries) -> dict[str, str] | None:
    """Installed versions, without the build tag of CPU or CUDA; None if a library is missing."""
    try:
        return {name: importlib.metadata.version(name).split("+")[0] for name in libraries.names}
    except importlib.metadata.PackageNotFoundError:
        return None


def library_versions(libraries: Libraries, subject: str) -> dict[str, str]:
    """Installed versions, for measuring `subject`.

    Raises:
        MissingExtra: a library is missing.
    """
    versions = installed_versions(libraries)
    if versions is None:
        raise MissingExtra(subject, libraries.extra)
    return versions
