"""A TOML file of the package -> a typed table."""

from pathlib import Path
from typing import TypeVar

import msgspec

from generator.records.kept import kept

Table = TypeVar("Table")
_PACKAGE = Path(__file__).parents[1]


def read_table(room: str, name: str, kind: type[Table]) -> Table:
    """The file `name` in a room, checked against its type.

    Python takes longer to parse TOML than to inspect a checkpoint, so the table is kept as JSON.
    """
    source = _PACKAGE / room / name
    content = source.read_bytes()
    return msgspec.json.decode(kept(source, "json", content, lambda: as_json(content)), type=kind)


def as_json(content: bytes) -> bytes:
    """The same table, in JSON."""
    return msgspec.json.encode(msgspec.toml.decode(content))
