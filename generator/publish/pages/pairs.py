"""The pairs -> their list, a page for each, and a page with all its tensors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup

from generator.networks.blocks import REST
from generator.networks.palette import component_colour
from generator.publish.downloads import Download, found
from generator.publish.figures.figure import Figure
from generator.publish.figures.histogram import histograms
from generator.publish.figures.pairs.overview import overview
from generator.publish.figures.pairs.strip import heat_strip
from generator.publish.pages.context import Context, Told, told
from generator.publish.pages.site import Site
from generator.publish.quantities.block_groups import BLOCK_GROUPS, block_group
from generator.publish.quantities.pairs import (
    AttentionRow,
    Names,
    block_parts,
    by_attention,
    dtypes_by_component,
    kind_parts,
    most_first,
    names_by_component,
    root_sum_squares,
)
from generator.publish.reading.pairs import PAIRS, LoadedPair
from generator.publish.tables.comparisons import (
    ATTENTION_COLUMNS,
    VERDICT_COLUMNS,
    part_columns,
)
from generator.publish.tables.pairs import PAIR_COLUMNS
from generator.publish.tables.table import Table, table
from generator.publish.tables.tensors import DISTANCE_COLUMNS, excluded
from generator.records import (
    Checkpoint,
    ComponentComparison,
    Pair,
    Record,
    TensorDistance,
)
from generator.text import numbers
from generator.text.escaping import inert
from generator.text.filling import Naming
from generator.text.findings import PAIR_TEXTS, pair_sentence
from generator.text.pairs import answer, answer_of_all
from generator.text.words import component_title, order_components

# Number of most different tensors on the page of a pair.
MOST_TENSORS = 12


class Strip(Record):
    """The heat strip of one component, and the values of its blocks and kinds."""

    component: str
    chart: Figure
    blocks: Table
    kinds: Table


class Split(Record):
    """Tensors of a component by attention."""

    component: str
    chart: Figure
    table: Table


class PairIndex(Context):
    """The table of all pairs; `chart` has a strip per pair, `legend` the block groups in it."""

    TEMPLATE = "pairs.md"

    table: Table
    answer: str
    chart: Figure | None
    legend: tuple[str, ...]
    downloads: tuple[Download, ...]

    def figures(self) -> Iterable[Figure]:
        """The strips of all pairs."""
        return filter(None, [self.chart])


class PairPage(Context):
    """One pair; `held` are its two checkpoints, as far as they have a page.

    `strips` has one entry per component, the denoiser first; `most` are the tensors that differ
    most. `dtypes` counts tensors by (component, dtype in A, dtype in B) where the dtypes differ.
    """

    TEMPLATE = "pair.md"

    pair: Pair
    held: tuple[Checkpoint | None, Checkpoint | None]
    verdicts: Table
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


class PairTensorsPage(Context):
    """The tensors of one pair, the most different first; `whole` is the file with all of them."""

    TEMPLATE = "pair-tensors.md"

    pair: Pair
    table: Table
    whole: Download


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The index and two pages per pair."""
    checkpoints = {held.record.id: held.record for held in site.atlas.checkpoints}
    yield f"{PAIRS.name}/index.md", _index(site.atlas.pairs, site.downloads.tables[PAIRS.name])
    for pair in site.atlas.pairs:
        name = pair.record.id
        tensors = most_first(pair.beside)
        files = site.downloads.own[PAIRS.name][name]
        yield f"{PAIRS.name}/{name}.md", _page(pair, tensors, checkpoints, files)
        yield (
            f"{PAIRS.name}/{name}.tensors.md",
            PairTensorsPage(
                pair=pair.record,
                table=table(DISTANCE_COLUMNS, tensors, excluded(pair)),
                whole=found(files, ".tensors.csv"),
            ),
        )


def _index(judged: Sequence[LoadedPair], downloads: tuple[Download, ...]) -> PairIndex:
    compared = [pair.record.comparison.summary.components.get("denoiser") for pair in judged]
    found = {block_group(block) for part in compared if part for block in part.blocks}
    return PairIndex(
        table=table(PAIR_COLUMNS, judged, None),
        answer=answer_of_all([(pair.record.name, pair.record.verdicts) for pair in judged]),
        chart=overview("pairs", judged) if judged else None,
        legend=tuple(name for name in (*BLOCK_GROUPS, REST) if name in found),
        downloads=downloads,
    )


def _page(
    judged: LoadedPair,
    tensors: Sequence[TensorDistance],
    checkpoints: Mapping[str, Checkpoint],
    downloads: tuple[Download, ...],
) -> PairPage:
    pair, comparison = judged.record, judged.record.comparison
    parts = comparison.summary.components
    apart = [name for name in order_components(parts) if parts[name].total.l2]
    strips = tuple(_strip(name, parts[name], pair.name) for name in apart)
    sections = ["components", "blocks", "tensors", "apart"]
    sections += ["shapes"] if comparison.shape_mismatch else []
    most = [tensor for tensor in tensors if tensor.l2][:MOST_TENSORS]
    name = _naming(checkpoints)
    return PairPage(
        pair=pair,
        held=(checkpoints.get(pair.a), checkpoints.get(pair.b)),
        answer=answer(pair.verdicts),
        verdicts=table(VERDICT_COLUMNS, pair.verdicts, comparison),
        findings=tuple(
            told(pair_sentence(each, name), PAIR_TEXTS[each.kind].sections, sections)
            for each in pair.findings
        ),
        strips=strips,
        split=_split(judged, strips[0].component) if strips else None,
        most=table(DISTANCE_COLUMNS, most, excluded(judged)),
        only_a=names_by_component(comparison.only_a),
        only_b=names_by_component(comparison.only_b),
        dtypes=dtypes_by_component(comparison.dtype_difference),
        downloads=downloads,
    )


def _naming(checkpoints: Mapping[str, Checkpoint]) -> Naming:
    """A function that turns a checkpoint id into markup, with a link if it has a page."""

    def name(checkpoint: str) -> Markup:
        if checkpoint not in checkpoints:
            return inert(checkpoint)
        return Markup('<a href="../checkpoints/{0}.html">{0}</a>').format(inert(checkpoint))

    return name


def _strip(name: str, component: ComponentComparison, pair: str) -> Strip:
    title = f"Differences in the {component_title(name)} of {pair}, block by block"
    return Strip(
        component=name,
        chart=heat_strip(f"strip-{name}", title, component),
        blocks=table(part_columns("block"), block_parts(component), component.total),
        kinds=table(part_columns("kind"), kind_parts(component), component.total),
    )


def _split(judged: LoadedPair, component: str) -> Split:
    # Rows without weights have no distance.
    compared = [row for row in judged.beside if row.component == component and row.l2 is not None]
    groups = by_attention(compared)
    rows = [
        AttentionRow(
            attention=name,
            tensors=len(found),
            zeros=sum(not row.l2 for row in found),
            l2=root_sum_squares(found),
        )
        for name, found in groups.items()
    ]
    series = {
        f"{row.attention}, L2 {numbers.small(row.l2)}": [
            one.l2 or 0.0 for one in groups[row.attention]
        ]
        for row in rows
    }
    return Split(
        component=component,
        chart=histograms(
            "histograms",
            f"Tensors of the {component_title(component)} by their L2",
            "L2 of a tensor",
            series,
            component_colour(component),
        ),
        table=table(ATTENTION_COLUMNS, rows, None),
    )
