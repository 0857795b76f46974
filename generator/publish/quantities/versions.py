"""Versions of the program and of the libraries that measured networks."""

from collections.abc import Iterable
from importlib.metadata import version

from generator.publish.reading.atlas import LoadedNetwork


def program_version() -> str:
    """The installed version of this program."""
    return version("diffusion-atlas")


def library_versions(networks: Iterable[LoadedNetwork]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The versions of each library in all records, by name."""
    versions: dict[str, set[str]] = {}
    for network in networks:
        for library, found in network.record.versions.items():
            versions.setdefault(library, set()).add(found)
    return tuple((name, tuple(sorted(found))) for name, found in sorted(versions.items()))


def versions_text(networks: Iterable[LoadedNetwork]) -> str:
    """`torch 2.13.0, torchinfo 1.8.0`: empty without networks."""
    return ", ".join(f"{name} {' and '.join(of)}" for name, of in library_versions(networks))
