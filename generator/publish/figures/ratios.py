"""Our numbers over those of others -> points around 1, over the size of what they count."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from generator.publish.figures.figure import NARROW, Figure, Specification, figure
from generator.publish.figures.parts import COLOUR, DOT, SAID, axis, data, frame
from generator.publish.figures.scales import decades
from generator.publish.figures.scatter import label_sides
from generator.records import Record
from generator.text import numbers

LEFT, RIGHT, BOTTOM, TOP = 64, 20, 48, 12
WIDE_HEIGHT, NARROW_HEIGHT = 380, 380
# Distance of the ticks, and what stays free above and below all points.
STEP, ROOM = 0.1, 0.04


class RatioPoint(Record):
    """One point: its size, the ratio, its colour and Vega's name of its shape, its `text` on hover
    and for screen readers, and the page that it leads to. Without a `label` none is written."""

    size: float
    ratio: float
    label: str
    text: str
    colour: str
    shape: str
    link: str = ""


def ratios(
    name: str,
    title: str,
    axes: tuple[str, str],
    points: Sequence[RatioPoint],
    close: float = 0.0,
    **more: Any,  # noqa: ANN401 -- other fields of the figure
) -> Figure:
    """Points over a logarithmic axis of sizes; ratios within `close` of 1 lie in a band."""
    text = "; ".join(point.text for point in points)
    return figure(name, title, text, partial(_specification, axes, points, close), **more)


def _specification(
    axes: tuple[str, str], points: Sequence[RatioPoint], close: float, width: int
) -> Specification:
    is_narrow = width <= NARROW
    height = NARROW_HEIGHT if is_narrow else WIDE_HEIGHT
    across = decades([point.size for point in points])
    low = min(1 - close, *(point.ratio for point in points)) - ROOM
    high = max(1 + close, *(point.ratio for point in points)) + ROOM
    places = [
        (
            LEFT + (width - LEFT - RIGHT) * across.fraction(point.size),
            TOP + (height - BOTTOM - TOP) * (high - point.ratio) / (high - low),
        )
        for point in points
    ]
    sides = label_sides([point.label for point in points], places, LEFT, width)
    ticks = across.some(4 if is_narrow else 10)
    levels = [one * STEP for one in range(round(10 * low), round(10 * high) + 1)]
    levels = [round(one, 1) for one in levels if low <= one <= high]
    upward = {"type": "quantitative", "scale": {"domain": [low, high], "nice": False}}
    band = [{"low": 1 - close, "high": 1 + close, "one": 1}]
    x = {
        "field": "size",
        "type": "quantitative",
        "title": axes[0],
        "scale": {"type": "log", "domain": [across.low, across.high], "nice": False},
        "axis": axis(
            ticks,
            [numbers.tick(value, numbers.COUNTS) for value in ticks],
            labelPadding=8,
            titleY=BOTTOM - 16,
        ),
    }
    y = upward | {
        "field": "ratio",
        "title": axes[1],
        "axis": axis(levels, [f"{one:.1f}×" for one in levels], labelPadding=8, titleX=14 - LEFT),
    }
    return frame(width, height, LEFT, TOP, RIGHT, BOTTOM) | {
        "layer": [
            {
                "data": data(band),
                "mark": {"type": "rect", "color": "#009e73", "opacity": 0.16},
                "encoding": {"y": upward | {"field": "low"}, "y2": {"field": "high"}},
            },
            {
                "data": data(band),
                "mark": {"type": "rule", "opacity": 0.6},
                "encoding": {"y": upward | {"field": "one"}},
            },
            {
                "data": data(
                    {"size": one.size, "ratio": one.ratio, "text": one.text}
                    | {"colour": one.colour, "shape": one.shape}
                    | ({"link": one.link} if one.link else {})
                    for one in points
                ),
                "mark": DOT,
                "encoding": SAID
                | ({"href": {"field": "link"}} if any(one.link for one in points) else {})
                | {
                    "x": x,
                    "y": y,
                    "color": COLOUR,
                    "shape": {"field": "shape", "type": "nominal", "scale": None},
                },
            },
            {
                "data": data(
                    {"size": one.size, "ratio": one.ratio, "name": one.label}
                    | {"align": side.align, "dx": side.dx, "dy": side.dy}
                    for one, side in zip(points, sides, strict=True)
                    if side and one.label
                ),
                "mark": {
                    "type": "text",
                    "fontWeight": 600,
                    "align": {"expr": "datum.align"},
                    "dx": {"expr": "datum.dx"},
                    "dy": {"expr": "datum.dy"},
                },
                "encoding": {"x": x, "y": y, "text": {"field": "name"}},
            },
        ],
    }
