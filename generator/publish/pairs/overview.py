"""All pairs -> one figure: a strip of coloured cells for each, on one scale."""

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from generator.palette import block_colour
from generator.publish import numbers, svg
from generator.publish.pairs.columns import JudgedPair, shortened
from generator.publish.pairs.figures import block_parts, rms
from generator.publish.pairs.heat import colour_bar, heat_cell, in_words, key_of_marks
from generator.publish.scales import LogScale, decades
from generator.publish.words import order_components

HEAD = 60
ROW = 34
CELL = 24
NAMES_WIDTH = 290
# A component that is one cell.
SINGLE_WIDTH = 84
GAP = 10
DENOISER = "denoiser"


def overview(name: str, pairs: Sequence[JudgedPair]) -> Markup:
    """A row for each pair: its denoiser block by block, and one cell for each other component."""
    singles = order_components(
        {v.component for pair in pairs for v in pair.verdicts if v.figures} - {DENOISER}
    )
    scale = _scale(pairs)
    right = svg.WIDTH - len(singles) * (SINGLE_WIDTH + GAP)
    ends = (numbers.small(scale.low), numbers.small(scale.high)) if scale else ("0", "0")
    parts: list[str] = [
        *colour_bar(0, 180, 2, ends, "RMS of the differences, logarithmic:"),
        *key_of_marks(640),
        svg.label("denoiser, block by block", NAMES_WIDTH, HEAD - 10, "start"),
    ]
    places = {one: right + GAP + n * (SINGLE_WIDTH + GAP) for n, one in enumerate(singles)}
    for component, x in places.items():
        parts.append(svg.label(component, x, HEAD - 10, "start"))
    for number, pair in enumerate(pairs):
        top = HEAD + number * ROW
        label = svg.label(shortened(pair.held.pair.name), 0, top + CELL / 2 + 4, "start")
        parts.append(svg.element("a", [label], href=f"{pair.held.pair.id}.html"))
        parts.extend(_row(pair, scale, top, right, places))
    words = "; ".join(
        f"{pair.held.pair.name}: {', '.join(f'{v.component} {v.text}' for v in pair.verdicts)}"
        for pair in pairs
    )
    title = "Where the two checkpoints of each pair differ"
    size = svg.sized(svg.WIDTH, HEAD + len(pairs) * ROW)
    return svg.drawing(name, title, words, parts, role="group", **size)


def _row(
    pair: JudgedPair, scale: LogScale | None, top: float, right: float, places: Mapping[str, float]
) -> Iterator[str]:
    compared = pair.held.pair.comparison.summary.components
    blocks = block_parts(compared[DENOISER]) if DENOISER in compared else ()
    pitch = (right - NAMES_WIDTH) / max(len(blocks), 1)
    for number, part in enumerate(blocks):
        x = NAMES_WIDTH + number * pitch
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
        yield svg.label("no denoiser in both that can be compared", NAMES_WIDTH, top + 16, "start")
    for component, x in places.items():
        if component in compared:
            total = compared[component].total
            words = f"{component}: L2 {numbers.small(total.l2)}, RMS {numbers.small(rms(total))}"
            yield heat_cell(words, total, _shade(scale, rms(total)), x, top, SINGLE_WIDTH, CELL)


def _scale(pairs: Sequence[JudgedPair]) -> LogScale | None:
    found = [
        value
        for pair in pairs
        for component in pair.held.pair.comparison.summary.components.values()
        for total in (component.total, *component.blocks.values())
        if (value := rms(total))
    ]
    return decades(found) if found else None


def _shade(scale: LogScale | None, value: float | None) -> float:
    return scale.fraction(value) if scale and value else 0.0
