"""The contexts of the pages about maps of prompts."""

from markupsafe import Markup

from generator.publish.downloads import Download
from generator.publish.figures.maps.charts import Mark
from generator.publish.pages.context import Context
from generator.publish.tables.table import Table
from generator.records import EmbeddingMap, EncoderMember, EncoderSpace, Record, VectorKind


class MapCard(Record, frozen=True, kw_only=True):
    """One map of prompts: what it is of, and which encoder `moved` most from its reference, on
    average; empty if none did."""

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
    reference: str
    label: str
    layers: int
    width: int
    space: EncoderSpace
    cka: float | None
    procrustes: float | None
    most_moved: tuple[str, ...]


class PromptRow(Record, frozen=True, kw_only=True):
    """One prompt: for each reference its neighbours there, and how far it moved from there in the
    encoder that moved most. `tokens` are the different counts that tokenizers make of it."""

    text: str
    category: str
    tokens: tuple[int, ...]
    neighbours: tuple[tuple[str, ...], ...]
    moved: tuple[float | None, ...]


class MetricFigures(Record, frozen=True, kw_only=True):
    """Distances by one metric: a tint for each pair of prompts, and means by category; no means
    of too many categories."""

    metric: str
    pairs: Markup
    means: Markup | None


class ReferenceView(Record, frozen=True, kw_only=True):
    """One reference, number `encoder`, and what became of the encoders compared with it.

    `holders` counts the places that hold it; `related` the encoders compared with it, but for
    `unrelated`, which have nothing to do with it; `farthest` is the one of them that moved most,
    if any moved. `drawn` counts the points of the figure.
    """

    encoder: int
    name: str
    label: str
    holders: int
    related: int
    unrelated: tuple[str, ...]
    farthest: EncoderSpace | None
    farthest_name: str
    farthest_prompt: str
    figure: Markup
    drawn: int
    metrics: tuple[MetricFigures, ...]


class Toys(Record, frozen=True, kw_only=True):
    """Encoders that are narrower than any that was trained; `all` if there are no others.

    `sizes` are their widths, each with those of the released networks.
    """

    all: bool
    names: tuple[str, ...]
    sizes: dict[int, tuple[int, ...]]


class MapIndex(Context, frozen=True, kw_only=True):
    """The list of maps."""

    TEMPLATE = "embeddings.md"

    cards: tuple[MapCard, ...]


class MapPage(Context, frozen=True, kw_only=True):
    """One set of prompts in the text encoders of one group.

    `views` are of all references, `main` of the one from which an encoder moved most; its figure
    is the page's first, and `shown_encoder` the one that the interactive map begins with. `rows`,
    `prompts`, `silhouettes` (one for each view) and the figures are of vectors of `kind`, `pairs`
    of encoders of all kinds; `cut` counts the prompts that are longer than 77 tokens.
    """

    TEMPLATE = "embedding.md"

    map: EmbeddingMap
    card: MapCard
    toys: Toys | None
    views: tuple[ReferenceView, ...]
    main: ReferenceView
    shown_encoder: int
    kind: VectorKind
    marks: tuple[Mark, ...]
    rows: tuple[MapRow, ...]
    pairs: Table
    most_categories: int
    silhouettes: dict[str, tuple[float, ...]]
    cut: int
    prompts: tuple[PromptRow, ...]
    downloads: tuple[Download, ...]
