"""The contexts of the pages about maps of prompts."""

from markupsafe import Markup

from generator.publish.context import Context, Download
from generator.publish.maps.charts import Mark
from generator.publish.table import Column, Row
from generator.records import (
    EmbeddingMap,
    EncoderMember,
    EncoderSpace,
    MappedEncoder,
    Record,
    VectorKind,
)


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
    moved most. `tokens` are the different counts that tokenizers make of it."""

    text: str
    category: str
    tokens: tuple[int, ...]
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
    of vectors of `kind`, `pairs` of encoders of all kinds; `cut` counts the prompts that are longer
    than 77 tokens; `shown_encoder` is the one that the interactive map begins with.
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
    pair_columns: tuple[Column, ...]
    pairs: tuple[Row, ...]
    silhouettes: dict[str, float]
    figures: tuple[MetricFigures, ...]
    cut: int
    prompts: tuple[PromptRow, ...]
    downloads: tuple[Download, ...]
