"""Measured memory -> a page for each network, the page What fits, and how good predictions are."""

import json
from collections.abc import Iterable, Iterator

from markupsafe import Markup

from generator.networks.palette import CATEGORY_COLOURS
from generator.networks.tables import read_table
from generator.publish.figures.figure import Figure
from generator.publish.figures.memory_lines import memory_lines
from generator.publish.figures.ratios import RatioPoint, ratios
from generator.publish.figures.stacked_bars import card_bars
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities.memory import (
    GIB,
    SIDES,
    VAES,
    WEIGHTS,
    CardSummary,
    Fit,
    at_sides,
    fits_on,
    slider_data,
    ways_of,
)
from generator.publish.reading.memory import MeasuredPeak
from generator.publish.tables.memory import FIT_COLUMNS, PEAK_COLUMNS, ComparedPeak
from generator.publish.tables.table import Table, table
from generator.records import Architecture, Record
from generator.text.memory import STAGES, STRATEGIES, VAE_WORDS, way_title, weights_title
from generator.vram.answer import CARDS, predict
from generator.vram.request import check_options, size_step, strategies_of
from generator.vram.setup import Setup

# Names of graphics cards by their memory in GB.
CARD_NAMES = read_table("networks", "card_names.toml", dict[str, tuple[str, ...]])
# Bytes of the "GB" of the published table: decimal MB / 1024.
TABLE_GB = 1024 * 10**6
# Where a prediction counts as right, and where as far off.
CLOSE, FAR = 0.05, 0.10
# The marks of peaks that others published, and of measured ones: colours of Okabe and Ito, Vega's
# names of shapes, the signs that stand for them in the legend, and their meaning.
MARKS = (
    ("#0072b2", "circle", "●", "published by others"),
    ("#d55e00", "square", "■", "measured for this site"),
)


class FitsPage(Context):
    """All networks and cards; `bars` are the numbers of networks by card, `card_names` those of
    graphics cards by their memory."""

    TEMPLATE = "what-fits.md"

    fits: tuple[Fit, ...]
    cards: tuple[CardSummary, ...]
    bars: Markup
    table: Table
    card_names: dict[int, tuple[str, ...]]

    def picture(self) -> Markup:
        """The bars of the cards."""
        return self.bars


class StrategyLine(Record):
    """One strategy: its words, its colour in the figure, and bytes at each of `SIDES`."""

    title: str
    colour: str
    peaks: tuple[int, ...]


class MemoryPage(Context):
    """The memory of one network; `data` is what the sliders compute with."""

    TEMPLATE = "memory.md"

    network: Architecture
    fit: Fit
    step: int
    sides: tuple[int, ...]
    lines: tuple[StrategyLine, ...]
    chart: Figure
    cards: tuple[tuple[int, str], ...]
    strategies: dict[str, str]
    weights: dict[str, str]
    vaes: dict[str, str]
    stages: dict[str, str]
    frames: int | None
    data: Markup

    def figures(self) -> Iterable[Figure]:
        """The lines of the strategies."""
        return [self.chart]


class PredictionsPage(Context):
    """Measured peaks beside ours: those of a table of runs, and those that others published."""

    TEMPLATE = "memory-check.md"

    published: Table
    runs: Table
    published_counts: tuple[int, int, int]
    run_counts: tuple[int, int, int]
    far: tuple[ComparedPeak, ...]
    chart: Figure | None
    marks: tuple[tuple[str, str, str], ...]
    rule_range: tuple[float, float] | None
    reserved_more: tuple[float, ...]
    card: str

    def figures(self) -> Iterable[Figure]:
        """The ratios of all that are compared."""
        return [self.chart] if self.chart else []


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The pages; a network has one where its memory is known."""
    networks = {network.id: network for network in site.atlas.architectures}
    fits = site.fits
    cards = tuple(fits_on(fits, card) for card in CARDS)
    yield (
        "what-fits.md",
        FitsPage(
            fits=fits,
            cards=cards,
            bars=card_bars(cards) if fits else Markup(),
            # As a card grows, it takes them in about this order.
            table=table(FIT_COLUMNS, sorted(fits, key=lambda fit: fit.resident.peak.high), None),
            card_names={card: CARD_NAMES.get(str(card), ()) for card in CARDS},
        ),
    )
    for fit in fits:
        page = _memory_page(networks[fit.setup.id], fit)
        yield f"architectures/{fit.setup.id}.memory.md", page
    yield "memory-check.md", _predictions(site, {fit.setup.id: fit.setup for fit in fits}, networks)


def _memory_page(network: Architecture, fit: Fit) -> MemoryPage:
    setup = fit.setup
    lines = tuple(
        StrategyLine(title=way_title(options), colour=colour, peaks=at_sides(setup, options))
        for options, colour in zip(ways_of(setup).values(), CATEGORY_COLOURS, strict=False)
    )
    vaes = [name for name in VAES if name != "tiling" or (setup.vae and setup.vae.tile)]
    # Numbers and codes of this program alone.
    data = json.dumps(slider_data(setup) | {"stages": STAGES}).replace("<", "\\u003c")
    return MemoryPage(
        network=network,
        fit=fit,
        step=size_step(setup),
        sides=SIDES,
        lines=lines,
        chart=memory_lines(
            "memory", network.name, SIDES, {line.title: line.peaks for line in lines}, CARDS
        ),
        cards=tuple(
            (card, way_title(way) if way else "") for card, way in zip(CARDS, fit.ways, strict=True)
        ),
        strategies={name: STRATEGIES[name] for name in strategies_of(setup)},
        weights={name: weights_title(name) for name in WEIGHTS},
        vaes={name: VAE_WORDS[name] for name in vaes},
        stages=STAGES,
        frames=setup.defaults.frames,
        data=Markup(data),
    )


def _predictions(
    site: Site, setups: dict[str, Setup], networks: dict[str, Architecture]
) -> PredictionsPage:
    published = [_compared(peak, setups, networks) for peak in site.atlas.peaks]
    runs = [_compared(peak, setups, networks) for peak in site.atlas.gpu_runs]
    rules = [row.rule / row.peak.bytes for row in published if row.rule]
    return PredictionsPage(
        published=table(PEAK_COLUMNS, published, None),
        runs=table(PEAK_COLUMNS, runs, None),
        published_counts=_counts(published),
        run_counts=_counts(runs),
        far=tuple(row for row in (*published, *runs) if _is_far(row)),
        chart=_ratios(published, runs),
        marks=tuple(
            (colour, sign, title)
            for (colour, _, sign, title), rows in zip(MARKS, (published, runs), strict=True)
            if rows
        ),
        rule_range=(min(rules), max(rules)) if rules else None,
        reserved_more=tuple(
            row.peak.reserved / row.told.peak.high
            for row in runs
            if row.told and row.peak.reserved > row.told.peak.high
        ),
        card=runs[0].peak.gpu if runs else "",
    )


def _ratios(*sources: Iterable[ComparedPeak]) -> Figure | None:
    """Ours over measured, by the size of the peak; those far off have names."""
    points = [
        RatioPoint(
            size=row.peak.bytes / GIB,
            ratio=row.ratio,
            label=row.name if abs(row.ratio - 1) > FAR else "",
            text=_in_words(row, row.ratio),
            colour=colour,
            shape=shape,
        )
        for rows, (colour, shape, *_) in zip(sources, MARKS, strict=True)
        for row in rows
        if row.ratio is not None
    ]
    axes = ("Measured peak, GiB", "Predicted over measured")
    title = "Predicted peaks of memory over measured ones"
    return ratios("predictions", title, axes, points, CLOSE) if points else None


def _in_words(row: ComparedPeak, ratio: float) -> str:
    sizes = row.peak.sizes
    length = f" × {sizes.frames} frames" if sizes.frames > 1 else ""
    size = f"{row.peak.options.dtype}, {sizes.width} × {sizes.height} px{length} × {sizes.batch}"
    return f"{row.name}, {size}: {row.peak.bytes / GIB:.2f} GiB measured, {ratio:.2f}× predicted"


def _compared(
    peak: MeasuredPeak, setups: dict[str, Setup], networks: dict[str, Architecture]
) -> ComparedPeak:
    setup = setups.get(peak.network)
    name = networks[peak.network].name if peak.network in networks else peak.network
    if setup is None or peak.not_compared:
        return ComparedPeak(peak=peak, name=name, told=None, rule=None)
    check_options(peak.options, setup)
    return ComparedPeak(
        peak=peak,
        name=name,
        told=predict(setup, peak.options, peak.sizes),
        rule=_rule_of_thumb(peak, setup, networks[peak.network]),
    )


def _rule_of_thumb(peak: MeasuredPeak, setup: Setup, network: Architecture) -> float | None:
    """The original's rule: torchinfo's total in float16 x 0.5 x side / 1024 + text encoders, for
    one image with everything on the GPU."""
    asked = peak.options.strategy != "resident" or peak.options.weights
    if asked or peak.sizes.batch * peak.sizes.frames > 1 or network.published is None:
        return None
    encoders = sum(part.weights["float16"] for part in setup.encoders.values())
    total = network.published.total_gb * TABLE_GB
    return total * 0.5 * peak.sizes.width / 1024 + encoders


def _is_far(row: ComparedPeak) -> bool:
    return row.ratio is not None and abs(row.ratio - 1) > CLOSE


def _counts(rows: Iterable[ComparedPeak]) -> tuple[int, int, int]:
    """Rows within 5 %, within 10 %, and all that are compared."""
    off = [abs(row.ratio - 1) for row in rows if row.ratio is not None]
    return sum(each <= CLOSE for each in off), sum(each <= FAR for each in off), len(off)
