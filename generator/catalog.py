"""`data/catalog.toml`, the one file a person edits -> a validated `Catalog`.

A file that is no TOML, or has an unknown table, is unusable as a whole. A bad entry is refused by
itself, with the file, the entry and the key in the message, and the others stand.
"""

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

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
    ["con", "prn", "aux", "nul", "index", "refused"]
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


class CheckpointEntry(Record, frozen=True, kw_only=True):
    """One `[[checkpoint]]`: `path` is a weight file, a shard index or a diffusers folder, absolute
    or relative to the catalogue's folder. It need not be there: then its result stays as it is."""

    id: Id
    path: Annotated[str, Meta(min_length=1, max_length=4096)]


AnyEntry = TypeVar("AnyEntry", bound=ArchitectureEntry | CheckpointEntry)

TABLES = ("architecture", "checkpoint")


class RefusedEntry(Record, frozen=True, kw_only=True):
    """An entry of `table` that cannot be used; `id` is what it calls itself, whatever that is."""

    table: str
    id: str
    error: CatalogError


class Catalog(Record, frozen=True, kw_only=True):
    """The entries that stand, in the order of the file, and those that do not."""

    folder: Path
    architectures: tuple[ArchitectureEntry, ...] = ()
    checkpoints: tuple[CheckpointEntry, ...] = ()
    refused: tuple[RefusedEntry, ...] = ()

    def ids(self, table: str) -> set[str]:
        """Ids of all entries of a table, the refused ones included."""
        standing = self.architectures if table == "architecture" else self.checkpoints
        refused = (entry.id for entry in self.refused if entry.table == table)
        return {entry.id for entry in standing}.union(refused)


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
    refused: list[RefusedEntry] = []
    architectures = _read_entries(path, tables, "architecture", ArchitectureEntry, refused)
    checkpoints = _read_entries(path, tables, "checkpoint", CheckpointEntry, refused)
    return Catalog(
        folder=folder,
        architectures=tuple(architectures),
        checkpoints=tuple(checkpoints),
        refused=tuple(refused),
    )


def _read_entries(
    path: Path,
    tables: Mapping[str, list[object]],
    table: str,
    kind: type[AnyEntry],
    refused: list[RefusedEntry],
) -> list[AnyEntry]:
    """Entries of one table; those that cannot be used go into `refused`."""
    entries: dict[str, AnyEntry] = {}
    for number, row in enumerate(tables.get(table, []), start=1):
        label = row.get("id", number) if isinstance(row, dict) else number
        try:
            entry = _read_entry(row, kind, entries)
            if isinstance(entry, ArchitectureEntry):
                _check_config(entry, path.parent)
        except ValueError as error:
            reason = CatalogError(f"{path}: {table} {label!r}", str(error))
            refused.append(RefusedEntry(table=table, id=str(label), error=reason))
        else:
            entries[entry.id] = entry
    return list(entries.values())


def _read_entry(row: object, kind: type[AnyEntry], others: Collection[str]) -> AnyEntry:
    """One entry. Raises `ValueError` with what is wrong and what is allowed."""
    try:
        entry = msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        fields = ", ".join(field.name for field in msgspec.structs.fields(kind))
        raise ValueError(f"{error}. Allowed are {fields}") from error
    if entry.id in RESERVED_IDS:
        raise ValueError(f"the id '{entry.id}' is reserved. Choose another")
    if entry.id in others:
        raise ValueError(f"the id '{entry.id}' is already taken. Ids are unique")
    return entry


def _check_config(entry: ArchitectureEntry, folder: Path) -> None:
    config = folder / entry.config
    if not config.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"config '{entry.config}' lies outside {folder}")
    if not config.is_file():
        raise ValueError(f"config '{entry.config}' is missing. It is a path relative to {folder}")
