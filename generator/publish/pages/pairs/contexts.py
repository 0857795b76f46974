"""The contexts of the pages about pairs."""

from collections.abc import Iterable

from generator.publish.downloads import Download
from generator.publish.figures.figure import Figure
from generator.publish.pages.context import Context
from generator.publish.pages.evidence import Told
from generator.publish.pages.pairs.figures import Part
from generator.publish.tables.table import Table
from generator.records import Pair, Record


class Side(Record, frozen=True, kw_only=True):
    """One of the two checkpoints: its letter, its name, and its page's address if it has one."""

    letter: str
    name: str
    link: str
    about: str


class Strip(Record, frozen=True, kw_only=True):
    """The heat strip of one component, and the figures of its blocks and kinds."""

    component: str
    chart: Figure
    blocks: tuple[Part, ...]
    kinds: tuple[Part, ...]


class Split(Record, frozen=True, kw_only=True):
    """Tensors of one component in self-attention, cross-attention, and the rest: `rows` are the
    name, the number of tensors, how many do not differ at all, and the L2 of all together."""

    component: str
    chart: Figure
    rows: tuple[tuple[str, int, int, float | None], ...]


class Names(Record, frozen=True, kw_only=True):
    """The first few of the names of one component, and how many there are."""

    component: str
    count: int
    first: tuple[str, ...]


class PairIndex(Context, frozen=True, kw_only=True):
    """The table of all pairs.

    `chart` is a strip for each pair, `block_groups` are those in it.
    """

    TEMPLATE = "pairs.md"

    table: Table
    answer: str
    chart: Figure | None
    block_groups: tuple[str, ...]
    downloads: tuple[Download, ...]

    def figures(self) -> Iterable[Figure]:
        """The strips of all pairs."""
        return filter(None, [self.chart])


class PairPage(Context, frozen=True, kw_only=True):
    """One pair. `strips` are of its components, that of the picture first; `most` are the tensors
    that differ most. `dtypes` counts the tensors of each component whose
    dtypes differ in one way: component, dtype in A, in B, how many."""

    TEMPLATE = "pair.md"

    pair: Pair
    sides: tuple[Side, ...]
    answer: str
    findings: tuple[Told, ...]
    strips: tuple[Strip, ...]
    split: Split | None
    most: Table
    only_a: tuple[Names, ...]
    only_b: tuple[Names, ...]
    dtypes: tuple[tuple[str, str, str, int], ...]
    downloads: tuple[Download, ...]

    def figures(self) -> Iterable[Figure]:
        """The strips, and the histograms."""
        return [each.chart for each in (*self.strips, self.split) if each]


class PairTensorsPage(Context, frozen=True, kw_only=True):
    """The tensors of one pair, those that differ most first."""

    TEMPLATE = "pair-tensors.md"

    pair: Pair
    table: Table
