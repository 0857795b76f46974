"""All pairs -> one figure: a strip of coloured cells for each, on one scale."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from generator.networks.palette import block_colour
from generator.publish.figures.figure import NARROW, Figure, Specification, figure
from generator.publish.figures.pairs.marks import cell, cell_layers, in_words
from generator.publish.figures.parts import COLOUR, data, frame, placed
from generator.publish.figures.scales import LogScale, decades
from generator.publish.quantities.pairs import block_parts
from generator.publish.reading.pairs import LoadedPair
from generator.records import DistanceSum
from generator.text import numbers
from generator.text.pairs import verdict_text
from generator.text.words import begun, component_title, order_components

DENOISER = "denoiser"
LONGEST_NAME = 40
TITLE = "Where the two checkpoints of each pair differ"
CELL, STRIPE, NAME, KEY = 24, 4, 16, 60


class OverviewLayout(NamedTuple):
    """Sizes in pixels: of the head, of a row, from the left and from the top of a row to its cells,
    of a component shown as one cell, and of the gap before it."""

    head: int
    row: int
    left: int
    below: int
    single: int
    gap: int
    title: str
    is_named_above: bool


WIDE_LAYOUT = OverviewLayout(30, 34, 290, 0, 84, 10, "RMS of the differences, logarithmic", True)
NARROW_LAYOUT = OverviewLayout(30, 60, 0, 22, 30, 6, "RMS, logarithmic", False)


def overview(name: str, pairs: Sequence[LoadedPair]) -> Figure:
    """A row for each pair: its denoiser block by block, and one cell for each other component."""
    words = "; ".join(
        f"{pair.record.name}: "
        + ", ".join(
            f"{component_title(v.component)} {verdict_text(v)}" for v in pair.record.verdicts
        )
        for pair in pairs
    )
    return figure(name, TITLE, words, partial(_specification, pairs), links=True)


def _specification(pairs: Sequence[LoadedPair], width: int) -> Specification:
    """In pixels, because the width of blocks depends on their number in the network."""
    layout = NARROW_LAYOUT if width <= NARROW else WIDE_LAYOUT
    singles = order_components(
        {name for pair in pairs for name in pair.record.comparison.summary.components} - {DENOISER}
    )
    pitch = layout.single + layout.gap
    right = width - len(singles) * pitch
    places = {one: right + layout.gap + number * pitch for number, one in enumerate(singles)}
    tops = [layout.head + number * layout.row for number in range(len(pairs))]
    height = layout.head + len(pairs) * layout.row
    rows = [_row(pair, layout, right, places) for pair in pairs]
    cells = [
        each | _lines(top + layout.below)
        for top, (found, _) in zip(tops, rows, strict=True)
        for each in found
    ]
    stripes = [
        {"x": each["x"], "x2": each["x2"], "y": each["y2"], "y2": each["y2"] + STRIPE}
        | {"colour": each["colour"]}
        for each in cells
        if each["colour"]
    ]
    x, y = placed("x", 0, width), placed("y", height, 0)
    box = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
    middle = {"x": placed("middle", 0, width), "y": placed("centre", height, 0)}
    texts = [*_titles(layout, places)]
    texts += [
        {"x": layout.left, "y": top + layout.below + 16, "name": note}
        for top, (_, note) in zip(tops, rows, strict=True)
        if note
    ]
    links = [
        {"x": 0, "y": top + NAME, "name": numbers.shortened(pair.record.name, LONGEST_NAME)}
        | {"text": pair.record.name, "link": f"{pair.record.id}.html"}
        for top, pair in zip(tops, pairs, strict=True)
    ]
    text = {"type": "text", "align": "left"}
    said = {"x": x, "y": y, "text": {"field": "name"}}
    layers = cell_layers(_scale(pairs), layout.title, box, middle)
    return frame(width, height + KEY, 0, KEY, 0, 0) | {
        "layer": [
            {"data": data(cells), "layer": layers},
            {"data": data(stripes), "mark": "rect", "encoding": box | {"fill": COLOUR}},
            {"data": data(texts), "mark": text, "encoding": said},
            {"data": data(links), "mark": text, "encoding": said | {"href": {"field": "link"}}},
        ],
    }


def _row(
    pair: LoadedPair, layout: OverviewLayout, right: float, places: Mapping[str, float]
) -> tuple[list[dict[str, Any]], str]:
    """The cells of a pair, without their height, and the text that replaces the denoiser's
    cells."""
    compared = pair.record.comparison.summary.components
    blocks = block_parts(compared[DENOISER]) if DENOISER in compared else ()
    pitch = (right - layout.left) / max(len(blocks), 1)
    found = [
        _cell(part.total, in_words(part), layout.left + number * pitch, pitch)
        | {"colour": block_colour(part.block)}
        for number, part in enumerate(blocks)
    ]
    for component, x in places.items():
        if component in compared:
            total = compared[component].total
            title = begun(component_title(component))
            words = f"{title}: L2 {numbers.small(total.l2)}, RMS {numbers.small(total.rms)}"
            found.append(_cell(total, words, x, layout.single) | {"colour": ""})
    return found, "" if blocks else "no denoiser that can be compared"


def _cell(total: DistanceSum, words: str, x: float, width: float) -> dict[str, Any]:
    places = {"x": x, "x2": x + width, "middle": x + width / 2}
    return cell(total, words, width) | places


def _lines(top: float) -> dict[str, Any]:
    return {"y": top, "y2": top + CELL, "centre": top + CELL / 2}


def _titles(layout: OverviewLayout, places: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    y = layout.head - 10
    if layout.is_named_above:
        yield {"x": layout.left, "y": y, "name": "Denoiser, block by block"}
        for component, x in places.items():
            yield {"x": x, "y": y, "name": begun(component_title(component))}
    else:
        titles = ", ".join(map(component_title, places))
        then = f"; at the right: {titles}" if titles else ""
        yield {"x": layout.left, "y": y, "name": f"Denoiser by block{then}"}


def _scale(pairs: Sequence[LoadedPair]) -> LogScale | None:
    found = [
        value
        for pair in pairs
        for component in pair.record.comparison.summary.components.values()
        for total in (component.total, *component.blocks.values())
        if (value := total.rms)
    ]
    return decades(found) if found else None
