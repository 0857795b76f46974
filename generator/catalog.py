"""`data/catalog.toml`, the one file a person edits -> a validated `Catalog`.

A file that is no TOML, or has an unknown table, is unusable as a whole. A bad entry is refused by
itself, with the file, the entry and the key in the message, and the others stand.
"""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from generator.errors import CatalogError, UsageError
from generator.records import Record

CATALOG_FILE = "catalog.toml"

# An id becomes a file name and a part of an address: lower case, so that no two ids meet in one
# file on Windows and macOS, and starting with a letter or digit, so that none is hidden or `..`.
ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}$"
# Names that Windows keeps for devices, whatever the suffix.
RESERVED_IDS = frozenset(
    ["con", "prn", "aux", "nul", "index"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)]
)

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Label = Annotated[str, Meta(min_length=1, max_length=200)]
Positive = Annotated[int, Meta(ge=1, le=65536)]


class InputSizes(Record, frozen=True, kw_only=True):
    """Sizes of the inputs at which torchinfo measures a network.

    `latent` is the side of the square latent image (the config's `sample_size` where it is left
    out), `text_tokens` the length of the text embeddings (77 where it is left out).
    """

    batch: Positive = 1
    latent: Positive | None = None
    text_tokens: Positive | None = None


class ArchitectureEntry(Record, frozen=True, kw_only=True):
    """One `[[architecture]]`: `config` is a path relative to the catalogue's folder."""

    id: Id
    name: Label
    repo: Label
    config: Label
    sizes: InputSizes = InputSizes()


class RefusedEntry(Record, frozen=True, kw_only=True):
    """An entry that cannot be used; `id` is what it calls itself, whatever that is."""

    id: str
    error: CatalogError


class Catalog(Record, frozen=True, kw_only=True):
    """The entries that stand, in the order of the file, and those that do not."""

    folder: Path
    architectures: tuple[ArchitectureEntry, ...] = ()
    refused: tuple[RefusedEntry, ...] = ()


TABLES = {"architecture": ArchitectureEntry}


def read_catalog(folder: Path) -> Catalog:
    """Read `catalog.toml` in `folder`.

    Raises:
        UsageError: there is no such file, it is not TOML, or it has an unknown table.
    """
    path = folder / CATALOG_FILE
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(str(path), f"cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(str(path), f"is not TOML ({error})") from error
    for name, table in tables.items():
        if name not in TABLES or not isinstance(table, list):
            allowed = ", ".join(f"[[{known}]]" for known in TABLES)
            raise UsageError(str(path), f"unknown key '{name}'", f"Allowed are {allowed}")
    architectures, refused = _read_entries(path, tables.get("architecture", []))
    return Catalog(folder=folder, architectures=tuple(architectures), refused=tuple(refused))


def _read_entries(
    path: Path, rows: list[object]
) -> tuple[list[ArchitectureEntry], list[RefusedEntry]]:
    entries: dict[str, ArchitectureEntry] = {}
    refused = []
    for number, row in enumerate(rows, start=1):
        label = row.get("id", number) if isinstance(row, dict) else number
        try:
            entry = _read_entry(row, entries, path.parent)
        except ValueError as error:
            reason = CatalogError(f"{path}: architecture {label!r}", str(error))
            refused.append(RefusedEntry(id=str(label), error=reason))
        else:
            entries[entry.id] = entry
    return list(entries.values()), refused


def _read_entry(
    row: object, others: dict[str, ArchitectureEntry], folder: Path
) -> ArchitectureEntry:
    """One entry. Raises `ValueError` with what is wrong and what is allowed."""
    try:
        entry = msgspec.convert(row, ArchitectureEntry)
    except msgspec.ValidationError as error:
        fields = ", ".join(field.name for field in msgspec.structs.fields(ArchitectureEntry))
        raise ValueError(f"{error}. Allowed are {fields}") from error
    if entry.id in RESERVED_IDS:
        raise ValueError(f"the id '{entry.id}' is reserved. Choose another")
    if entry.id in others:
        raise ValueError(f"the id '{entry.id}' is already taken. Ids are unique")
    config = folder / entry.config
    if not config.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"config '{entry.config}' lies outside {folder}")
    if not config.is_file():
        raise ValueError(f"config '{entry.config}' is missing. It is a path relative to {folder}")
    return entry
