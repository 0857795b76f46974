"""`atlas --version`: the version of this program, and of the libraries that decide figures."""

import importlib.metadata
import platform

import click

from generator.errors import PACKAGE
from generator.records.versions import ENCODING, NETWORKS, Libraries

# What every result depends on.
BASE = Libraries("", ("numba", "numpy", "scipy", "vl-convert-python"))


def print_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    """Print the versions and end, if they are `asked` for."""
    if not asked or context.resilient_parsing:
        return
    click.echo(f"atlas {importlib.metadata.version(PACKAGE)}, Python {platform.python_version()}")
    for libraries in (BASE, NETWORKS, ENCODING):
        label = f"{libraries.extra}: " if libraries.extra else ""
        click.echo(label + ", ".join(map(_version, libraries.names)))
    context.exit()


def _version(name: str) -> str:
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return f"{name} is not installed"
