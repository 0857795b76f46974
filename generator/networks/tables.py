"""A TOML file of the package -> a typed table."""

from importlib.resources import files
from typing import TypeVar

import msgspec

Table = TypeVar("Table")


def read_table(room: str, name: str, kind: type[Table]) -> Table:
    """The file `name` in a room, checked against its type."""
    content = files(f"generator.{room}").joinpath(name).read_bytes()
    return msgspec.toml.decode(content, type=kind)
