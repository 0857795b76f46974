"""Distances of the blocks and kinds of a component -> a strip of coloured cells, block by block.

The colour is the RMS of the differences, so small and large blocks can be compared; bars show each
block's share of the squared L2 beside its share of the weights.
"""

from collections.abc import Sequence
from functools import partial

from generator.networks.palette import block_colour
from generator.publish.figures import svg
from generator.publish.figures.figure import NARROW, Figure, Specification, figure
from generator.publish.figures.pairs.marks import cell, cell_layers, in_words
from generator.publish.figures.parts import COLOUR, PLAIN_AXIS, SAID, axis, data, named, placed
from generator.publish.figures.scales import LinearScale
from generator.publish.quantities.pairs import block_parts, cells_of, order_kinds
from generator.records import ComponentComparison

CELL, WIDEST, KINDS_WIDTH, BARS_HEIGHT = 24, 64, 62, 84
NARROW_CELL, NARROW_ROW, GAP = 25, 18, 16
BARS_TITLE: Specification = {
    "text": "Share of the squared L2 (filled) and of the weights (outlined)",
    "fontSize": svg.TEXT,
}
# In each block, the bar of its distance stands before the bar of its weights.
SIDE: Specification = {"field": "of", "type": "nominal", "sort": None}


def heat_strip(name: str, title: str, component: ComponentComparison) -> Figure:
    """Kinds down, blocks across; below, the shares of each block. On a narrow screen, blocks down,
    kinds across, and the shares at the right."""
    words = "; ".join(map(in_words, block_parts(component)))
    return figure(name, title, words, partial(_specification, component))


def _specification(component: ComponentComparison, width: int) -> Specification:
    blocks = block_parts(component)
    names = [part.block for part in blocks]
    kinds = order_kinds({one.kind for one in cells_of(component)})
    if width <= NARROW:
        left = _name_width(names)
        heat_width = len(kinds) * NARROW_CELL
        height = len(blocks) * NARROW_ROW
        rest = width - left - heat_width - GAP
        block = named("block", sort=names)
        beside = {"y": block | {"axis": PLAIN_AXIS | _extent(left)}}
        kind = named("kind", sort=kinds, axis=PLAIN_AXIS | {"orient": "top", "labelAngle": -90})
        share = _share(component, orient="top")
        views = [
            _heat(component, beside | {"x": kind}) | {"width": heat_width, "height": height},
            _bars(component, {"y": block | {"axis": None}, "x": share, "yOffset": SIDE})
            | {"width": rest, "height": height},
        ]
        return {"hconcat": views, "spacing": GAP}
    pitch = min((width - KINDS_WIDTH) / max(len(blocks), 1), WIDEST)
    block = named("block", sort=names)
    kind = named("kind", sort=kinds, axis=PLAIN_AXIS | _extent(KINDS_WIDTH))
    extent = _extent(_name_width(names))
    below = {"x": block | {"axis": PLAIN_AXIS | {"labelAngle": -90, **extent}}}
    share = _share(component, orient="left", **_extent(KINDS_WIDTH))
    size = {"width": pitch * len(blocks)}
    views = [
        _heat(component, {"x": block | {"axis": None}, "y": kind})
        | {"height": len(kinds) * CELL, **size},
        _bars(component, below | {"y": share, "xOffset": SIDE})
        | {"height": BARS_HEIGHT, "title": BARS_TITLE, **size},
    ]
    return {"vconcat": views, "spacing": 10}


def _name_width(names: Sequence[str]) -> int:
    """Room for the longest name, with a gap, in pixels."""
    return max((round(7.8 * len(name)) for name in names), default=0) + 14


def _extent(width: int) -> dict[str, int]:
    """The room for the labels of an axis, shared by both views."""
    return {"minExtent": width - 4, "maxExtent": width - 4}


def _heat(component: ComponentComparison, places: Specification) -> Specification:
    cells = cells_of(component)
    scale = LinearScale(high=max((one.total.rms or 0.0 for one in cells), default=0.0))
    return {
        "data": data(
            {"block": one.block, "kind": one.kind} | cell(one.total, in_words(one)) for one in cells
        ),
        "encoding": places,
        "layer": cell_layers(scale, "RMS of the differences", {}, {}),
    }


def _bars(component: ComponentComparison, places: Specification) -> Specification:
    rows = [
        {"block": part.block, "of": side, "share": share, "text": in_words(part)}
        | {"colour": block_colour(part.block), "fill": block_colour(part.block) if filled else None}
        for part in block_parts(component)
        for side, share, filled in (
            ("L2", part.distance_share or 0.0, True),
            ("weights", part.size_share, False),
        )
    ]
    fill = {"field": "fill", "type": "nominal", "scale": None}
    return {
        "data": data(rows),
        "mark": {"type": "bar", "aria": True, "strokeWidth": 1},
        "encoding": places | {"stroke": COLOUR, "fill": fill, **SAID},
    }


def _share(component: ComponentComparison, **more: object) -> Specification:
    """The axis of shares in the squared L2 and in the weights."""
    parts = block_parts(component)
    highest = max((max(part.distance_share or 0.0, part.size_share) for part in parts), default=0.0)
    end = highest or 1.0
    ticks = axis([0, end], ["0", f"{100 * end:.2g} %"], grid=False, **more)
    return placed("share", 0, end) | {"axis": ticks, "title": None}
