"""`atlas --version`: the version of this program, and of the libraries that decide figures."""

import importlib.metadata
import platform
from collections.abc import Iterator

from generator.errors import PACKAGE
from generator.records.versions import ENCODING, NETWORKS, Libraries

# What every result depends on.
BASE = Libraries("", ("numba", "numpy", "vl-convert-python"))


def version_lines() -> Iterator[str]:
    """The versions: of this program, then of the libraries of each extra."""
    yield f"atlas {importlib.metadata.version(PACKAGE)}, Python {platform.python_version()}"
    for libraries in (BASE, NETWORKS, ENCODING):
        label = f"{libraries.extra}: " if libraries.extra else ""
        yield label + ", ".join(map(_version, libraries.names))


def _version(name: str) -> str:
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return f"{name} is not installed"
