"""Distances of parts -> coloured cells: the colour is the RMS of the differences.

An exact 0 is written as 0 without colour, a dash marks what could not be compared, and places
without weights are empty.
"""

from typing import Any

from generator.networks.palette import DISTANCE_COLOURS
from generator.publish.figures.figure import MIDDLE, Specification
from generator.publish.figures.parts import SAID
from generator.publish.figures.scales import LinearScale, LogScale
from generator.publish.quantities.pairs import ComparedPart
from generator.records import DistanceSum
from generator.text import numbers

# A cell without a colour has one of these.
ZERO, MISSING = "0", numbers.MISSING
# Narrower cells have no room for text.
NARROWEST, CELL = 8, 24
_EDGE = {"stroke": "currentColor", "strokeOpacity": 0.35}


def cell(total: DistanceSum, words: str, width: float = CELL) -> dict[str, Any]:
    """The row of data of a cell, `width` pixels wide."""
    sign = MISSING if total.l2 is None else "" if total.l2 else ZERO
    return {"rms": None if sign else total.rms, "sign": sign, "text": words} | {
        "shown": sign if width >= NARROWEST else ""
    }


def in_words(part: ComparedPart) -> str:
    """The figures of a part, as shown when hovering over its cell."""
    total = part.total
    if total.l2 is None:
        return f"{part.name}: not comparable"
    if not total.l2:
        return f"{part.name}: exactly 0"
    said = f"{part.name}: RMS {numbers.small(total.rms)}, L2 {numbers.small(total.l2)}"
    if part.distance_share is None:
        return said
    return (
        f"{said}, {numbers.share(part.distance_share, 1)} of the squared L2 in"
        f" {numbers.share(part.size_share, 1)} of the weights"
    )


def cell_layers(
    scale: LinearScale | LogScale | None, title: str, box: Specification, middle: Specification
) -> list[Specification]:
    """Cells of data rows made by `cell`; the encoding `box` gives their place, `middle` is the
    encoding of their middle."""
    colour = {"field": "rms", "type": "quantitative", **_colours(scale, title)}
    return [
        {
            "transform": [{"filter": "!datum.sign"}],
            "mark": {"type": "rect", "aria": True, **_EDGE},
            "encoding": {"fill": colour, **box, **SAID},
        },
        {
            "transform": [{"filter": "datum.sign"}],
            "mark": {"type": "rect", "aria": True, "fill": "currentColor", "fillOpacity": 0}
            | _EDGE,
            "encoding": box | SAID,
        },
        {
            "transform": [{"filter": "datum.sign"}],
            "mark": {"type": "text", "dy": MIDDLE},
            "encoding": middle | {"text": {"field": "shown", "type": "nominal"}},
        },
    ]


def _colours(scale: LinearScale | LogScale | None, title: str) -> Specification:
    """The colour scale from the smallest distance to the largest, and its key."""
    if scale is None or not scale.high:
        return {"scale": None, "legend": None}
    last = len(DISTANCE_COLOURS) - 1
    stops = [scale.at(number / last) for number in range(last + 1)]
    ends = [stops[0], stops[-1]]
    return {
        "scale": {
            "type": "log" if isinstance(scale, LogScale) else "linear",
            "domain": stops,
            "range": DISTANCE_COLOURS,
            "interpolate": "rgb",
            "nice": False,
        },
        "legend": {
            "orient": "top",
            "direction": "horizontal",
            "title": title,
            "titleAnchor": "start",
            "titleLimit": 0,
            "values": ends,
            "labelExpr": f"datum.value > {ends[0]!r} ? '{numbers.small(ends[1])}' : "
            f"'{numbers.small(ends[0])}'",
            "gradientLength": 180,
            "offset": 10,
        },
    }
