"""One frozen record per template: exactly the names that the template may use.

`TEMPLATE` of a record is the file that it fills. A test compares each record's fields with the
names that its template uses.
"""

from typing import ClassVar

from markupsafe import Markup

from generator.publish import published
from generator.publish.atlas import Drawing
from generator.publish.block_runs import Run
from generator.publish.findings import Finding
from generator.publish.groups.facts import Content, NotCompared
from generator.publish.groups.labels import Label
from generator.publish.maps.charts import Mark
from generator.publish.quantities import Part
from generator.publish.schema import Schema
from generator.publish.table import Cell, Column
from generator.records import (
    Architecture,
    Bench,
    Checkpoint,
    EmbeddingMap,
    EncoderMember,
    EncoderSpace,
    Group,
    MappedEncoder,
    ParameterRow,
    Record,
    RefusedCheckpoint,
    TensorRow,
    VectorKind,
)


class Context(Record, frozen=True, kw_only=True):
    """Base of all contexts."""

    TEMPLATE: ClassVar[str]


class Card(Record, frozen=True, kw_only=True):
    """One network among others: where its page is, what it is, and what it is made of."""

    id: str
    name: str
    family: str
    parameters: int
    blocks: int
    flops: int
    runs: tuple[Run, ...]
    bar: Markup


class Download(Record, frozen=True, kw_only=True):
    """One file to download: its address from the site's root, what it is, and its size in bytes."""

    path: str
    label: str
    size: int


class Home(Context, frozen=True, kw_only=True):
    """The first page: what this is and what was found. `bars` is one figure of all networks."""

    TEMPLATE = "home.md"

    cards: tuple[Card, ...]
    findings: tuple[Finding, ...]
    bars: Markup
    groups: tuple[str, ...]


class Comparison(Context, frozen=True, kw_only=True):
    """The table of all networks; `rows` pair a card with cells in the order of `columns`.

    `dearest` is the network whose step takes most FLOPs.
    """

    TEMPLATE = "compare.md"

    columns: tuple[Column, ...]
    rows: tuple[tuple[Card, tuple[Cell, ...]], ...]
    dearest: Card | None
    downloads: tuple[Download, ...]
    scatter: Markup


class Gallery(Context, frozen=True, kw_only=True):
    """The list of architectures."""

    TEMPLATE = "architectures.md"

    cards: tuple[Card, ...]
    groups: tuple[str, ...]


class ArchitecturePage(Context, frozen=True, kw_only=True):
    """One architecture. `cards` are all networks, to go from one to the next.

    `unseen` is the number of parameters that torchinfo's size leaves out; `half` the number of
    blocks that hold half of the parameters, `largest` the parameters of the largest block.
    """

    TEMPLATE = "architecture.md"

    network: Architecture
    cards: tuple[Card, ...]
    batch: int | None
    flops_per_sample: float | None
    flops_per_parameter: float | None
    weights: int
    unseen: int
    half: int
    largest: int
    tensors: int
    runs: tuple[Run, ...]
    kinds: tuple[Part, ...]
    profile: Markup
    drawings: tuple[Drawing, ...]
    downloads: tuple[Download, ...]
    repo_address: str


class ParametersPage(Context, frozen=True, kw_only=True):
    """Every parameter tensor of one architecture, and torchinfo's summary."""

    TEMPLATE = "parameters.md"

    network: Architecture
    rows: tuple[ParameterRow, ...]
    summary: str


class ReproducedRow(Record, frozen=True, kw_only=True):
    """One network of the published table: what was printed, and ours."""

    network: Architecture
    log: str
    cells: tuple[published.Comparison, ...]


class Reproduction(Context, frozen=True, kw_only=True):
    """The published table beside ours. `totals` counts the cells of each verdict."""

    TEMPLATE = "reproducing.md"

    table: published.PublishedTable
    columns: tuple[published.Column, ...]
    rows: tuple[ReproducedRow, ...]
    totals: dict[str, int]
    unmeasured: tuple[str, ...]


class SharedComponent(Record, frozen=True, kw_only=True):
    """A component that several checkpoints hold, with the id and name of each."""

    component: str
    blake3: str
    parameters: int
    holders: tuple[tuple[str, str], ...]


class CheckpointIndex(Context, frozen=True, kw_only=True):
    """The table of all checkpoints; `rows` pair an id with cells in the order of `columns`.

    `contents` counts the different contents of each component, `refused` lists what could not be
    read.
    """

    TEMPLATE = "checkpoints.md"

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    contents: dict[str, int]
    shared: tuple[SharedComponent, ...]
    refused: tuple[RefusedCheckpoint, ...]
    downloads: tuple[Download, ...]


class CheckpointPage(Context, frozen=True, kw_only=True):
    """One checkpoint. `profiles` are charts of its components, by name; `same` the other
    checkpoints that hold a component of this one."""

    TEMPLATE = "checkpoint.md"

    checkpoint: Checkpoint
    identity: str
    is_network: bool
    profiles: dict[str, Markup]
    same: tuple[SharedComponent, ...]
    downloads: tuple[Download, ...]


class TensorsPage(Context, frozen=True, kw_only=True):
    """Every tensor of one checkpoint."""

    TEMPLATE = "tensors.md"

    checkpoint: Checkpoint
    rows: tuple[TensorRow, ...]


class Picture(Record, frozen=True, kw_only=True):
    """A static picture of one component of a group, there without scripts."""

    component: str
    title: str
    svg: Markup
    caption: str


class PictureSection(Record, frozen=True, kw_only=True):
    """The pictures that answer one question, a component each."""

    key: str
    title: str
    question: str
    pictures: tuple[Picture, ...]


class GroupCard(Record, frozen=True, kw_only=True):
    """One group among others; `contents` are those of its first component."""

    id: str
    name: str
    members: int
    imported: bool
    components: tuple[str, ...]
    contents: Content | None


class GroupIndex(Context, frozen=True, kw_only=True):
    """The list of groups."""

    TEMPLATE = "groups.md"

    cards: tuple[GroupCard, ...]


class MemberCell(Record, frozen=True, kw_only=True):
    """A distance in the table of members, or the reason why there is none."""

    raw: float | None
    text: str
    reason: str


class MemberRow(Record, frozen=True, kw_only=True):
    """A member, the address of its page (empty if it has none), and its distances."""

    label: Label
    link: str
    cells: tuple[MemberCell, ...]


class GroupPage(Context, frozen=True, kw_only=True):
    """One group. `columns` pair a component with the member from which the table's distances in it
    are, `alike` names components that all members hold alike; `script` is the address of the data
    that the interactive figures show."""

    TEMPLATE = "group.md"

    group: Group
    contents: tuple[Content, ...]
    alike: tuple[str, ...]
    sections: tuple[PictureSection, ...]
    columns: tuple[tuple[str, str], ...]
    rows: tuple[MemberRow, ...]
    left_out: tuple[NotCompared, ...]
    downloads: tuple[Download, ...]
    script: str


class MapCard(Record, frozen=True, kw_only=True):
    """One map of prompts: what it is of, and which encoder `moved` most, on average; empty if none
    did."""

    id: str
    name: str
    group: str
    prompts: int
    encoders: int
    checkpoints: int
    moved: str
    moved_mean: float


class MapRow(Record, frozen=True, kw_only=True):
    """One encoder of a map, with its likeness to its reference and the prompts that moved most."""

    name: str
    members: tuple[EncoderMember, ...]
    is_reference: bool
    label: str
    layers: int
    width: int
    space: EncoderSpace
    cka: float | None
    procrustes: float | None
    most_moved: tuple[str, ...]


class PromptRow(Record, frozen=True, kw_only=True):
    """One prompt with its neighbours in the reference, and how far it moved in the encoder that
    moved most."""

    text: str
    category: str
    tokens: int
    neighbours: tuple[str, ...]
    moved: float | None


class MetricFigures(Record, frozen=True, kw_only=True):
    """Distances by one metric: a tint for each pair of prompts, and means by category."""

    metric: str
    pairs: Markup
    means: Markup


class MapIndex(Context, frozen=True, kw_only=True):
    """The list of maps."""

    TEMPLATE = "embeddings.md"

    cards: tuple[MapCard, ...]


class MapPage(Context, frozen=True, kw_only=True):
    """One set of prompts in the text encoders of one group.

    `toy` is an encoder that is narrower than any that was trained. `unchanged` counts the places
    that hold the reference's encoder; `farthest` is the encoder that moved most, but for
    `strangers`, which have nothing to do with the reference. `rows`, `prompts` and the figures are
    of vectors of `kind`; `cut` counts the prompts longer than 77 tokens; `shown_encoder` is the
    one that the interactive map begins with.
    """

    TEMPLATE = "embedding.md"

    map: EmbeddingMap
    card: MapCard
    toy: MappedEncoder | None
    shown_encoder: int
    reference: str
    strangers: tuple[str, ...]
    unchanged: int
    farthest: EncoderSpace | None
    farthest_prompt: str
    kind: VectorKind
    figure: Markup
    marks: tuple[Mark, ...]
    rows: tuple[MapRow, ...]
    silhouettes: dict[str, float]
    figures: tuple[MetricFigures, ...]
    cut: int
    prompts: tuple[PromptRow, ...]
    downloads: tuple[Download, ...]


class Methods(Context, frozen=True, kw_only=True):
    """The definition of every number; `versions` are those of all records, `anomalies` the codes
    with what they mean, `benches` what `make bench` measured."""

    TEMPLATE = "methods.md"

    anomalies: dict[str, str]
    versions: tuple[tuple[str, tuple[str, ...]], ...]
    columns: tuple[Column, ...]
    cards: tuple[Card, ...]
    benches: dict[str, Bench]


class DataPage(Context, frozen=True, kw_only=True):
    """All downloads, and the schema of the records."""

    TEMPLATE = "data.md"

    common: tuple[Download, ...]
    networks: tuple[tuple[Card, tuple[Download, ...]], ...]
    checkpoints: tuple[tuple[Checkpoint, tuple[Download, ...]], ...]
    groups: tuple[tuple[Group, tuple[Download, ...]], ...]
    maps: tuple[tuple[EmbeddingMap, tuple[Download, ...]], ...]
    schemas: tuple[Schema, ...]


CONTEXTS: tuple[type[Context], ...] = (
    Home,
    Comparison,
    Gallery,
    ArchitecturePage,
    ParametersPage,
    Reproduction,
    Methods,
    DataPage,
    CheckpointIndex,
    CheckpointPage,
    TensorsPage,
    GroupIndex,
    GroupPage,
    MapIndex,
    MapPage,
)
