"""One frozen record per template: exactly the names that the template may use.

`TEMPLATE` of a record is the file that it fills. A test compares each record's fields with the
names that its template uses.
"""

from markupsafe import Markup

from generator.publish.figures.block_runs import Run
from generator.publish.figures.figure import Figure
from generator.publish.pages.context import Context, Download
from generator.publish.pages.groups.contexts import GroupIndex, GroupPage
from generator.publish.pages.histories import KnownHistory
from generator.publish.pages.identity import IdentityRow, RoundedClass
from generator.publish.pages.maps.contexts import MapIndex, MapPage
from generator.publish.pages.network_findings import Finding
from generator.publish.pages.pairs.contexts import PairIndex, PairPage, PairTensorsPage
from generator.publish.pages.quantities import Part
from generator.publish.pages.schema import Schema
from generator.publish.reading import published
from generator.publish.reading.atlas import Drawing
from generator.publish.tables.table import Column, Row
from generator.records import (
    Anomaly,
    Architecture,
    Bench,
    Checkpoint,
    EmbeddingMap,
    Group,
    Pair,
    Record,
    RefusedCheckpoint,
)


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


class Home(Context, frozen=True, kw_only=True):
    """The first page: what this is, and what was found of networks, of checkpoints, and of
    histories that are known. `bars` is one figure of all networks, `trees` are the lineages of
    groups by their ids."""

    TEMPLATE = "home.md"

    cards: tuple[Card, ...]
    findings: tuple[Finding, ...]
    checkpoints: tuple[Finding, ...]
    histories: tuple[KnownHistory, ...]
    trees: dict[str, Figure]
    bars: Markup
    groups: tuple[str, ...]


class Comparison(Context, frozen=True, kw_only=True):
    """The table of all networks; the cells of `rows` are in the order of `columns`.

    `dearest` is the network whose step takes most FLOPs.
    """

    TEMPLATE = "compare.md"

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    cards: tuple[Card, ...]
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
    """The parameter tensors of one architecture, of which the page shows the first `rows` of
    `total`, and torchinfo's summary."""

    TEMPLATE = "parameters.md"

    network: Architecture
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: int
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
    """The table of all checkpoints; the cells of `rows` are in the order of `columns`.

    `contents` counts the different contents of each component, which `sharing` shows, `identity`
    also those that are left after rounding, by which `rounded` are equal; `refused` lists what
    could not be read.
    """

    TEMPLATE = "checkpoints.md"

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    contents: dict[str, int]
    sharing: Markup
    identity: tuple[IdentityRow, ...]
    rounded: tuple[RoundedClass, ...]
    shared: tuple[SharedComponent, ...]
    refused: tuple[RefusedCheckpoint, ...]
    downloads: tuple[Download, ...]


class AnomalyKind(Record, frozen=True, kw_only=True):
    """The anomalies of one code, and what the code means for whoever uses the checkpoint."""

    code: str
    meaning: str
    found: tuple[Anomaly, ...]


class Chart(Record, frozen=True, kw_only=True):
    """A chart, and what it shows."""

    title: str
    svg: Markup


class CheckpointPage(Context, frozen=True, kw_only=True):
    """One checkpoint. `charts` are of the blocks of its components; `same` the other checkpoints
    that hold a component of this one."""

    TEMPLATE = "checkpoint.md"

    checkpoint: Checkpoint
    identity: str
    is_network: bool
    component_columns: tuple[Column, ...]
    components: tuple[Row, ...]
    charts: tuple[Chart, ...]
    anomalies: tuple[AnomalyKind, ...]
    file_columns: tuple[Column, ...]
    files: tuple[Row, ...]
    same: tuple[SharedComponent, ...]
    downloads: tuple[Download, ...]


class TensorsPage(Context, frozen=True, kw_only=True):
    """The tensors of one checkpoint, of which the page shows the first `rows` of `total`."""

    TEMPLATE = "tensors.md"

    checkpoint: Checkpoint
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: int


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
    """All downloads, and the schemas of the records; `schema_files` are the same as JSON Schema."""

    TEMPLATE = "data.md"

    common: tuple[Download, ...]
    networks: tuple[tuple[Card, tuple[Download, ...]], ...]
    checkpoints: tuple[tuple[Checkpoint, tuple[Download, ...]], ...]
    pairs: tuple[tuple[Pair, tuple[Download, ...]], ...]
    groups: tuple[tuple[Group, tuple[Download, ...]], ...]
    maps: tuple[tuple[EmbeddingMap, tuple[Download, ...]], ...]
    schemas: tuple[Schema, ...]
    schema_files: tuple[Download, ...]


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
    PairIndex,
    PairPage,
    PairTensorsPage,
    GroupIndex,
    GroupPage,
    MapIndex,
    MapPage,
)
