"""A TOML file beside this module -> a typed table of what is known of networks."""

from importlib.resources import files
from typing import TypeVar

import msgspec

Table = TypeVar("Table")


def read_table(name: str, kind: type[Table]) -> Table:
    """The file `name`, checked against its type."""
    content = files("generator.networks").joinpath(name).read_bytes()
    return msgspec.toml.decode(content, type=kind)
