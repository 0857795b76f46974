"""`data/catalog.toml`, the one file a person edits -> a validated `Catalog`.

A file that is not TOML or has an unknown table is refused as a whole. A bad entry is refused alone,
with the file, the entry and the key in the message; the other entries are used.
"""

import tomllib
from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from generator.errors import CatalogError, UsageError
from generator.records import About, Claim, License, Origin, PipelineSettings, Record
from generator.records.architectures import ComponentRole, Modality
from generator.records.components import ComponentKind

CATALOG_FILE = "catalog.toml"

# An id becomes a file name and part of an address: lower case, because file names on Windows and
# macOS ignore case, and a letter or digit first, so that no file is hidden or `..`.
ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}$"
# Names that Windows reserves for devices, with any suffix; and names of our own files.
RESERVED_IDS = frozenset(
    ["con", "prn", "aux", "nul", "index", "refused"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)]
)

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Label = Annotated[str, Meta(min_length=1, max_length=200)]
Positive = Annotated[int, Meta(ge=1, le=65536)]


class InputSizes(Record):
    """Sizes of the inputs at which torchinfo measures a network.

    `latent` is the side of the square latent image (default: the config's `sample_size`),
    `text_tokens` the length of the text embeddings (default: 77).
    """

    batch: Positive = 1
    latent: Positive | None = None
    text_tokens: Positive | None = None


class ArchitectureEntry(Record):
    """One `[[architecture]]`: `config` is a path relative to the catalogue's folder.

    `pipeline` is the diffusers pipeline that calls it, where the config does not decide that, and
    `defaults` are settings of its own. `components` are ids of the networks that the pipeline loads
    beside it, by role. The other fields are those of the record.
    """

    id: Id
    name: Label
    repo: Label
    config: Label
    modality: Modality | None = None
    year: Annotated[int, Meta(ge=2015, le=2100)] | None = None
    license: License | None = None
    claim: Claim | None = None
    origin: Origin | None = None
    note: str = ""
    pipeline: Label | None = None
    defaults: PipelineSettings = PipelineSettings()
    components: dict[ComponentRole, Id] = msgspec.field(default_factory=dict)
    sizes: InputSizes | None = None


class ComponentEntry(Record):
    """One `[[component]]`: a network that pipelines load beside the denoiser.

    `class_name` is a class of diffusers or transformers, `config` a path relative to the
    catalogue's folder. The other fields are those of the record.
    """

    id: Id
    name: Label
    kind: ComponentKind
    class_name: Label
    config: Label
    dtype: Label | None = None
    dtype_source: str = ""
    claim: Claim | None = None
    origin: Origin | None = None
    note: str = ""


class CheckpointEntry(Record):
    """One `[[checkpoint]]`: `path` is a weight file, a shard index or a diffusers folder, absolute
    or relative to the catalogue's folder. If it does not exist, its result is kept."""

    id: Id
    # No system has a NUL in a path.
    path: Annotated[str, Meta(min_length=1, max_length=4096, pattern=r"^[^\0]*$")]


class GroupEntry(About):
    """One `[[group]]`: checkpoints that are all compared with each other.

    `members` are ids of checkpoints, with `*`, `?` and `[...]` as in file names; `architectures`
    adds all checkpoints of these networks. `reference` is the member that figures compare with.
    What it has of `About` is shown on the page.
    `truth` is a file like `truth.json` of `atlas demo`, which states how the members were made; the
    page shows it beside the result. The metrics L1 and L0 take longer: they are summed pair by
    pair.
    """

    id: Id
    name: Label
    members: tuple[Label, ...] = ()
    architectures: tuple[Id, ...] = ()
    reference: Id | None = None
    metrics: tuple[Literal["l2", "cosine", "l1", "l0"], ...] = ("l2", "cosine")
    truth: Label | None = None

    def admits(self, checkpoint: str, architecture: str) -> bool:
        """Whether a checkpoint of this id and network is a member."""
        named = any(fnmatchcase(checkpoint, pattern) for pattern in self.members)
        return named or architecture in self.architectures or checkpoint == self.reference


class PairEntry(Record):
    """One `[[pair]]`: the checkpoints `a` and `b`, compared tensor by tensor."""

    id: Id
    name: Label
    a: Id
    b: Id


class ArchiveEntry(About):
    """One `[[archive]]`: a group whose distances others published in `files`.

    `files` are absolute, or relative to the catalogue's folder. Of several files, each compares two
    checkpoints. `reference` is the name of a member. What it has of `About` is shown on the page.
    """

    id: Id
    name: Label
    files: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=4096)], ...], Meta(min_length=1)
    ]
    reference: Label | None = None


def about(entry: GroupEntry | ArchiveEntry) -> About:
    """What the catalogue says of a group to its readers."""
    return msgspec.convert(entry, About, from_attributes=True)


Entry = ComponentEntry | ArchitectureEntry | CheckpointEntry | GroupEntry | PairEntry | ArchiveEntry
# In the order of reading: architectures name components, groups and pairs checkpoints, and archives
# share the ids of groups.
TABLES: dict[str, type[Entry]] = {
    "component": ComponentEntry,
    "architecture": ArchitectureEntry,
    "checkpoint": CheckpointEntry,
    "group": GroupEntry,
    "pair": PairEntry,
    "archive": ArchiveEntry,
}


class RefusedEntry(Record):
    """An entry of `table` that cannot be used; `id` is its id as written, valid or not."""

    table: str
    id: str
    error: CatalogError


class Catalog(Record):
    """The valid entries, in file order, and the refused ones."""

    folder: Path
    components: tuple[ComponentEntry, ...] = ()
    architectures: tuple[ArchitectureEntry, ...] = ()
    checkpoints: tuple[CheckpointEntry, ...] = ()
    groups: tuple[GroupEntry, ...] = ()
    pairs: tuple[PairEntry, ...] = ()
    archives: tuple[ArchiveEntry, ...] = ()
    refused: tuple[RefusedEntry, ...] = ()

    def ids(self, table: str) -> set[str]:
        """Ids of all entries of a table, including refused ones.

        Groups and archives share their ids, because their results share a folder.
        """
        tables = ("group", "archive") if table in ("group", "archive") else (table,)
        standing: list[Entry] = [entry for each in tables for entry in getattr(self, f"{each}s")]
        refused = (entry.id for entry in self.refused if entry.table in tables)
        return {entry.id for entry in standing}.union(refused)


def read_catalog(folder: Path) -> Catalog:
    """Read `catalog.toml` in `folder`.

    Raises:
        UsageError: the file cannot be read, is not TOML, or has an unknown table.
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
