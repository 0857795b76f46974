"""All pairs -> one figure: a strip of coloured cells for each, on one scale."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from generator.networks.palette import block_colour
from generator.publish.figures import svg
from generator.publish.figures.pairs.heat import (
    LEGEND_LINE,
    colour_bar,
    heat_cell,
    in_words,
    key_of_marks,
)
from generator.publish.figures.scales import LogScale, decades
from generator.publish.pages.pairs.figures import block_parts, rms
from generator.publish.reading.pairs import HeldPair
from generator.publish.tables.pairs import shortened
from generator.text import numbers
from generator.text.pairs import verdict_text
from generator.text.words import begun, component_title, order_components

HEAD = 60
ROW = 34
CELL = 24
NAMES_WIDTH = 290
# A component that is one cell.
SINGLE_WIDTH = 84
GAP = 10
DENOISER = "denoiser"
NARROW_ROW, NARROW_SINGLE, NARROW_GAP = 56, 30, 6
TITLE = "Where the two checkpoints of each pair differ"


class Places(NamedTuple):
    """Where the cells of a row stand: the blocks of the denoiser from `left` to `right`, and other
    components, which take `width` each."""

    left: float
    right: float
    singles: Mapping[str, float]
    width: float


def overview(name: str, pairs: Sequence[HeldPair]) -> Markup:
    """A row for each pair: its denoiser block by block, and one cell for each other component."""
    singles = order_components(
        {name for pair in pairs for name in pair.pair.comparison.summary.components} - {DENOISER}
    )
    return svg.both(_wide(name, pairs, singles), _narrow(f"{name}-narrow", pairs, singles))


def _wide(name: str, pairs: Sequence[HeldPair], singles: Sequence[str]) -> Markup:
    scale = _scale(pairs)
    right = svg.WIDTH - len(singles) * (SINGLE_WIDTH + GAP)
    ends = (numbers.small(scale.low), numbers.small(scale.high)) if scale else ("0", "0")
    parts: list[str] = [
        *colour_bar(0, 180, 2, ends, "RMS of the differences, logarithmic:"),
        *key_of_marks(640),
        svg.label("Denoiser, block by block", NAMES_WIDTH, HEAD - 10, "start"),
    ]
    places = {one: right + GAP + n * (SINGLE_WIDTH + GAP) for n, one in enumerate(singles)}
    for component, x in places.items():
        parts.append(svg.label(begun(component_title(component)), x, HEAD - 10, "start"))
    for number, pair in enumerate(pairs):
        top = HEAD + number * ROW
        label = svg.label(shortened(pair.pair.name), 0, top + CELL / 2 + 4, "start")
        parts.append(svg.element("a", [label], href=f"{pair.pair.id}.html"))
        parts.extend(_row(pair, scale, top, Places(NAMES_WIDTH, right, places, SINGLE_WIDTH)))
    size = svg.sized(svg.WIDTH, HEAD + len(pairs) * ROW)
    return svg.drawing(name, TITLE, _in_words(pairs), parts, role="group", screen="wide", **size)


def _narrow(name: str, pairs: Sequence[HeldPair], singles: Sequence[str]) -> Markup:
    """The name of each pair stands above its cells."""
    scale = _scale(pairs)
    ends = (numbers.small(scale.low), numbers.small(scale.high)) if scale else ("0", "0")
    pitch = NARROW_SINGLE + NARROW_GAP
    right = svg.NARROW_WIDTH - len(singles) * pitch
    places = {one: right + NARROW_GAP + n * pitch for n, one in enumerate(singles)}
    titles = ", ".join(map(component_title, singles))
    then = f"; at the right: {titles}" if titles else ""
    parts: list[str] = [
        *colour_bar(0, 70, 2, ends, "RMS, logarithmic:"),
        *key_of_marks(0, LEGEND_LINE, explain=False),
        svg.label(f"Denoiser by block{then}", 0, 2 * LEGEND_LINE + 12, "start"),
    ]
    for number, pair in enumerate(pairs):
        top = 3 * LEGEND_LINE + number * NARROW_ROW
        label = svg.label(shortened(pair.pair.name), 0, top + 13, "start")
        parts.append(svg.element("a", [label], href=f"{pair.pair.id}.html"))
        parts.extend(_row(pair, scale, top + 18, Places(0, right, places, NARROW_SINGLE)))
    size = svg.sized(svg.NARROW_WIDTH, 3 * LEGEND_LINE + len(pairs) * NARROW_ROW)
    return svg.drawing(name, TITLE, _in_words(pairs), parts, role="group", screen="narrow", **size)


def _in_words(pairs: Sequence[HeldPair]) -> str:
    return "; ".join(
        f"{pair.pair.name}: "
        + ", ".join(f"{component_title(v.component)} {verdict_text(v)}" for v in pair.pair.verdicts)
        for pair in pairs
    )


def _row(pair: HeldPair, scale: LogScale | None, top: float, places: Places) -> Iterator[str]:
    compared = pair.pair.comparison.summary.components
    blocks = block_parts(compared[DENOISER]) if DENOISER in compared else ()
    pitch = (places.right - places.left) / max(len(blocks), 1)
    for number, part in enumerate(blocks):
        x = places.left + number * pitch
        shade = _shade(scale, rms(part.total))
        yield heat_cell(in_words(part), part.total, shade, x, top, pitch, CELL)
        yield svg.element(
            "rect",
            x=svg.length(x),
            y=svg.length(top + CELL),
            width=svg.length(pitch),
            height=4,
            fill=block_colour(part.block),
        )
    if not blocks:
        yield svg.label("no denoiser that can be compared", places.left, top + 16, "start")
    for component, x in places.singles.items():
        if component in compared:
            total = compared[component].total
            title = begun(component_title(component))
            words = f"{title}: L2 {numbers.small(total.l2)}, RMS {numbers.small(rms(total))}"
            yield heat_cell(words, total, _shade(scale, rms(total)), x, top, places.width, CELL)


def _scale(pairs: Sequence[HeldPair]) -> LogScale | None:
    found = [
        value
        for pair in pairs
        for component in pair.pair.comparison.summary.components.values()
        for total in (component.total, *component.blocks.values())
        if (value := rms(total))
    ]
    return decades(found) if found else None


def _shade(scale: LogScale | None, value: float | None) -> float:
    return scale.fraction(value) if scale and value else 0.0
