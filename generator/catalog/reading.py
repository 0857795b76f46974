"""`data/catalog.toml`, the one file a person edits -> a validated `Catalog`.

A file that is not TOML or has an unknown table is refused as a whole. A bad entry is refused alone,
with the file, the entry and the key in the message; the other entries are used.
"""

import tomllib
from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from generator.catalog.entries import (
    RESERVED_IDS,
    TABLES,
    ArchitectureEntry,
    ArchiveEntry,
    Catalog,
    ComponentEntry,
    Entry,
    GroupEntry,
    PairEntry,
    RefusedEntry,
)
from generator.errors import CatalogError, UsageError

CATALOG_FILE = "catalog.toml"


def read_catalog(folder: Path) -> Catalog:
    """Read `catalog.toml` in `folder`.

    Raises:
        UsageError: the file cannot be read, is not TOML, or has an unknown table.
    """
    path = folder / CATALOG_FILE
    try:
        # Some editors begin a file with a mark that is none of TOML's.
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(str(path), f"cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(str(path), f"is not TOML ({error})") from error
    for name, table in tables.items():
        if name not in TABLES or not isinstance(table, list):
            allowed = ", ".join(f"[[{known}]]" for known in TABLES)
            raise UsageError(str(path), f"unknown key '{name}'", f"Allowed are {allowed}")
    catalog = Catalog(folder=folder)
    for table, kind in TABLES.items():
        catalog = _read_entries(catalog, table, kind, tables.get(table, []))
    return catalog


def _read_entries(catalog: Catalog, table: str, kind: type[Entry], rows: list[object]) -> Catalog:
    """`catalog` with the valid entries of one table, and the others as refused ones."""
    entries: dict[str, Entry] = {}
    refused = [*catalog.refused]
    for number, row in enumerate(rows, start=1):
        label = row.get("id", number) if isinstance(row, dict) else number
        try:
            entry = _read_entry(row, kind, entries)
            _check(entry, catalog)
        except ValueError as error:
            reason = CatalogError(f"{catalog.folder / CATALOG_FILE}: {table} {label!r}", str(error))
            refused.append(RefusedEntry(table=table, id=str(label), error=reason))
        else:
            entries[entry.id] = entry
    read = {f"{table}s": tuple(entries.values()), "refused": tuple(refused)}
    return msgspec.structs.replace(catalog, **read)


def _read_entry(row: object, kind: type[Entry], others: Collection[str]) -> Entry:
    """One entry. Raises `ValueError` with the error and the allowed values."""
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


def _check(entry: Entry, catalog: Catalog) -> None:
    """Raise `ValueError` unless the entry fits the tables that were read before."""
    # Groups and pairs may use refused checkpoints: these are reported once, as checkpoints.
    match entry:
        case ComponentEntry():
            _check_config(entry.config, catalog.folder)
        case ArchitectureEntry():
            _check_config(entry.config, catalog.folder)
            _check_components(entry, catalog.ids("component"))
        case GroupEntry():
            _check_group(entry, catalog.ids("checkpoint"))
        case PairEntry():
            _check_pair(entry, catalog.ids("checkpoint"))
        case ArchiveEntry() if any(entry.id == group.id for group in catalog.groups):
            raise ValueError(f"the id '{entry.id}' belongs to a group. Ids are unique")


def _check_config(config: str, folder: Path) -> None:
    path = folder / config
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"config '{config}' lies outside {folder}")
    if not path.is_file():
        raise ValueError(f"config '{config}' is missing. It is a path relative to {folder}")


def _check_components(entry: ArchitectureEntry, components: Collection[str]) -> None:
    for role, component in entry.components.items():
        if component not in components:
            raise ValueError(f"the {role} '{component}' is not a component of the catalogue")


def _check_group(entry: GroupEntry, checkpoints: Collection[str]) -> None:
    if not entry.members and not entry.architectures:
        raise ValueError("names no checkpoints. Give members, architectures, or both")
    if not entry.metrics:
        raise ValueError("names no metrics. Leave the key out for L2 and cosine")
    for pattern in entry.members:
        if not any(fnmatchcase(checkpoint, pattern) for checkpoint in checkpoints):
            raise ValueError(f"the member '{pattern}' is not a checkpoint of the catalogue")
    if entry.reference is not None and entry.reference not in checkpoints:
        raise ValueError(f"the reference '{entry.reference}' is not a checkpoint of the catalogue")


def _check_pair(entry: PairEntry, checkpoints: Collection[str]) -> None:
    for checkpoint in (entry.a, entry.b):
        if checkpoint not in checkpoints:
            raise ValueError(f"'{checkpoint}' is not a checkpoint of the catalogue")
    if entry.a == entry.b:
        raise ValueError(f"compares '{entry.a}' with itself")
