"""Pairs in `data/` -> the contexts of their pages."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from generator.networks.palette import component_colour
from generator.publish.downloads import Download
from generator.publish.figures.block_runs import GROUPS, group_of
from generator.publish.figures.histogram import histograms
from generator.publish.figures.pairs.overview import overview
from generator.publish.figures.pairs.strip import heat_strip
from generator.publish.pages.context import Context
from generator.publish.pages.evidence import told
from generator.publish.pages.pairs.contexts import (
    Names,
    PairIndex,
    PairPage,
    PairTensorsPage,
    Side,
    Split,
    Strip,
)
from generator.publish.pages.pairs.figures import (
    block_parts,
    by_attention,
    kind_parts,
    root_sum_squares,
)
from generator.publish.pages.site import Site
from generator.publish.reading.checkpoints import identity
from generator.publish.reading.pairs import PAIRS, HeldPair
from generator.publish.tables.pairs import DISTANCE_COLUMNS, PAIR_COLUMNS, excluded
from generator.publish.tables.table import table
from generator.records import (
    Checkpoint,
    Comparison,
    ComponentComparison,
    DTypePair,
    TensorDistance,
)
from generator.text import numbers
from generator.text.escaping import inert
from generator.text.filling import Naming
from generator.text.findings import PAIR_TEXTS, pair_sentence
from generator.text.pairs import answer, answer_of_all
from generator.text.words import component_title, network_title, order_components

# Of long lists of names the first few are shown; the download has them all.
MOST_NAMES = 200
# The tensors that differ most, on the page of the pair.
MOST_TENSORS = 12


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The index and two pages per pair."""
    checkpoints = {held.checkpoint.id: held.checkpoint for held in site.atlas.checkpoints}
    yield f"{PAIRS}/index.md", _index(site.atlas.pairs, site.downloads.tables[PAIRS])
    for pair in site.atlas.pairs:
        name = pair.pair.id
        tensors = _most_first(pair.rows)
        files = site.downloads.own[PAIRS][name]
        yield f"{PAIRS}/{name}.md", _page(pair, tensors, checkpoints, files)
        yield (
            f"{PAIRS}/{name}.tensors.md",
            PairTensorsPage(
                pair=pair.pair,
                table=table(DISTANCE_COLUMNS, tensors, excluded(pair)),
            ),
        )


def _index(judged: Sequence[HeldPair], downloads: tuple[Download, ...]) -> PairIndex:
    found = {group_of(block) for pair in judged for block in _blocks_of_denoiser(pair)}
    return PairIndex(
        table=table(PAIR_COLUMNS, judged, None),
        answer=answer_of_all([(pair.pair.name, pair.pair.verdicts) for pair in judged]),
        chart=overview("pairs", judged) if judged else None,
        block_groups=tuple(name for name in (*GROUPS, "BASE") if name in found),
        downloads=downloads,
    )


def _blocks_of_denoiser(pair: HeldPair) -> Iterator[str]:
    component = pair.pair.comparison.summary.components.get("denoiser")
    yield from component.blocks if component else ()


def _page(
    judged: HeldPair,
    tensors: Sequence[TensorDistance],
    checkpoints: Mapping[str, Checkpoint],
    downloads: tuple[Download, ...],
) -> PairPage:
    pair, comparison = judged.pair, judged.pair.comparison
    strips = tuple(_strip(name, part, pair.name) for name, part in _pictured(comparison))
    sections = ["components", "blocks", "tensors", "apart"]
    sections += ["shapes"] if comparison.shape_mismatch else []
    most = [tensor for tensor in tensors if tensor.l2][:MOST_TENSORS]
    name = _naming(checkpoints)
    return PairPage(
        pair=pair,
        sides=(
            _side("A", comparison.a, checkpoints.get(pair.a)),
            _side("B", comparison.b, checkpoints.get(pair.b)),
        ),
        answer=answer(pair.verdicts),
        findings=tuple(
            told(pair_sentence(each, name), PAIR_TEXTS[each.kind].sections, sections)
            for each in pair.findings
        ),
        strips=strips,
        split=_split(judged, strips[0].component) if strips else None,
        most=table(DISTANCE_COLUMNS, most, excluded(judged)),
        only_a=_names(comparison.only_a),
        only_b=_names(comparison.only_b),
        dtypes=_dtypes(comparison.dtype_difference),
        downloads=downloads,
    )


def _naming(checkpoints: Mapping[str, Checkpoint]) -> Naming:
    """What makes the id of a checkpoint markup: a link where it has a page."""

    def name(checkpoint: str) -> Markup:
        if checkpoint not in checkpoints:
            return inert(checkpoint)
        return Markup('<a href="../checkpoints/{}.html">{}</a>').format(
            inert(checkpoint), inert(checkpoint)
        )

    return name


def _side(letter: str, name: str, checkpoint: Checkpoint | None) -> Side:
    about, link = "", ""
    if checkpoint:
        dtypes = ", ".join(checkpoint.dtypes)
        size = numbers.quantity(float(checkpoint.size), "B")
        about = ", ".join(filter(None, (network_title(identity(checkpoint)), dtypes, size)))
        link = f"../checkpoints/{checkpoint.id}.html"
    return Side(letter=letter, name=name, link=link, about=about)


def _pictured(comparison: Comparison) -> list[tuple[str, ComponentComparison]]:
    """Components that are any distance apart."""
    parts = comparison.summary.components
    return [(name, parts[name]) for name in order_components(parts) if parts[name].total.l2]


def _strip(name: str, component: ComponentComparison, pair: str) -> Strip:
    title = f"Differences in the {component_title(name)} of {pair}, block by block"
    return Strip(
        component=name,
        chart=heat_strip(f"strip-{name}", title, component),
        blocks=block_parts(component),
        kinds=kind_parts(component),
    )


def _split(judged: HeldPair, component: str) -> Split:
    # What is no weight has no distance either.
    compared = [row for row in judged.rows if row.component == component and row.l2 is not None]
    groups = by_attention(compared)
    series = {
        f"{name}, L2 {numbers.small(root_sum_squares(found))}": [row.l2 or 0.0 for row in found]
        for name, found in groups.items()
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
        rows=tuple(
            (name, len(found), sum(not row.l2 for row in found), root_sum_squares(found))
            for name, found in groups.items()
        ),
    )


def _most_first(tensors: Sequence[TensorDistance]) -> list[TensorDistance]:
    """By L2, the largest first; what was not compared is last."""
    return sorted(tensors, key=lambda tensor: (tensor.l2 is None, -(tensor.l2 or 0.0)))


def _names(names: Sequence[str]) -> tuple[Names, ...]:
    found: dict[str, list[str]] = {}
    for name in names:
        component, _, rest = name.partition("/")
        found.setdefault(component, []).append(rest)
    return tuple(
        Names(component=one, count=len(found[one]), first=tuple(found[one][:MOST_NAMES]))
        for one in order_components(found)
    )


def _dtypes(differences: Sequence[DTypePair]) -> tuple[tuple[str, str, str, int], ...]:
    counts = Counter((one.name.partition("/")[0], one.a, one.b) for one in differences)
    return tuple(
        (component, a, b, count)
        for name in order_components({key[0] for key in counts})
        for (component, a, b), count in sorted(counts.items())
        if component == name
    )
