"""The tables of `data/catalog.toml` as types: what an entry may say, and the whole `Catalog`."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from generator.errors import CatalogError
from generator.records import About, Claim, License, Origin, PipelineSettings, Record
from generator.records.architectures import ComponentRole, Modality
from generator.records.components import ComponentKind

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
    year_source: str = ""
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
