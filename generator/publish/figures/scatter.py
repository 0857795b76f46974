"""Points -> a scatter plot on two logarithmic axes, with labels where there is room."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import msgspec

from generator.publish.figures import svg
from generator.publish.figures.figure import NARROW, Figure, Specification, figure
from generator.publish.figures.parts import COLOUR, SAID, axis, data, frame
from generator.publish.figures.scales import LogScale, decades
from generator.records import Record
from generator.text import numbers

LEFT, RIGHT, BOTTOM, TOP = 64, 20, 48, 12
WIDE_HEIGHT, NARROW_HEIGHT = 520, 440
# Width of a character of the names, which are bold.
SIGN = 0.67 * svg.TEXT

Box = tuple[float, float, float, float]


class Point(Record):
    """One point of a scatter plot, in the units of its axes, with its colour, Vega's name of its
    shape, and the page that it leads to."""

    label: str
    x: float
    y: float
    colour: str
    shape: str
    link: str


class LabelSide(Record):
    """The anchor of a point's label (start, middle or end), in pixels from the point."""

    dx: float
    dy: float
    align: str


def scatter(
    name: str,
    title: str,
    axes: tuple[str, str],
    points: Sequence[Point],
    within: Sequence[Point],
    **more: Any,  # noqa: ANN401 -- other fields of the figure
) -> Figure:
    """Points on two logarithmic axes, which have room for all those `within`; each is labelled if
    there is room."""
    text = "; ".join(map(_in_words, points))
    description = f"{axes[0]} and {axes[1]}. {text}"
    draw = partial(_specification, axes, points, within)
    return figure(name, title, description, draw, links=True, **more)


def _specification(
    axes: tuple[str, str], points: Sequence[Point], within: Sequence[Point], width: int
) -> Specification:
    is_narrow = width <= NARROW
    height = NARROW_HEIGHT if is_narrow else WIDE_HEIGHT
    across = decades([point.x for point in within])
    upward = decades([point.y for point in within])
    places = [
        (
            LEFT + (width - LEFT - RIGHT) * across.fraction(point.x),
            TOP + (height - BOTTOM - TOP) * (1 - upward.fraction(point.y)),
        )
        for point in points
    ]
    sides = label_sides([point.label for point in points], places, LEFT, width)
    ticks = across.some(4 if is_narrow else 10)
    return frame(width, height, LEFT, TOP, RIGHT, BOTTOM) | {
        "data": data(
            {"x": point.x, "y": point.y, "text": _in_words(point), "link": point.link}
            | {"colour": point.colour, "shape": point.shape}
            | ({"name": point.label, **msgspec.structs.asdict(side)} if side else {})
            for point, side in zip(points, sides, strict=True)
        ),
        "encoding": {
            "x": _axis("x", axes[0], across, ticks, numbers.COUNTS, titleY=BOTTOM - 16),
            "y": _axis("y", axes[1], upward, upward.ticks, numbers.SI, titleX=-LEFT + 14),
        },
        "layer": [
            {
                "mark": {
                    "type": "point",
                    "filled": True,
                    "aria": True,
                    "size": 70,
                    "opacity": 0.85,
                },
                "encoding": SAID
                | {
                    "href": {"field": "link"},
                    "color": COLOUR,
                    "shape": {"field": "shape", "type": "nominal", "scale": None},
                },
            },
            {
                "transform": [{"filter": "isValid(datum.name)"}],
                "mark": {
                    "type": "text",
                    "fontWeight": 600,
                    "align": {"expr": "datum.align"},
                    "dx": {"expr": "datum.dx"},
                    "dy": {"expr": "datum.dy"},
                },
                "encoding": {"text": {"field": "name"}},
            },
        ],
    }


def _axis(
    field: str,
    title: str,
    scale: LogScale,
    ticks: Sequence[float],
    prefixes: Sequence[tuple[float, str]],
    **place: float,
) -> Specification:
    labels = [numbers.tick(value, prefixes) for value in ticks]
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "scale": {"type": "log", "domain": [scale.low, scale.high], "nice": False},
        "axis": axis(ticks, labels, labelPadding=8, **place),
    }


def _in_words(point: Point) -> str:
    return f"{point.label}: {numbers.quantity(point.x, '')}, {numbers.quantity(point.y, '')}"


def label_sides(
    labels: Sequence[str], places: Sequence[tuple[float, float]], left: float, right: float
) -> Iterator[LabelSide | None]:
    """Sides for the labels, in pixels, between the edges `left` and `right`: beside the point, or
    above or below it and moved in from the edge; the first side where the label covers nothing.
    None where there is no such side."""
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y in places]
    for label, (x, y) in zip(labels, places, strict=True):
        length = SIGN * len(label)
        within = min(max(x, left + length / 2), right - 2 - length / 2) - x
        sides = [LabelSide(dx=10, dy=4, align="left"), LabelSide(dx=-10, dy=4, align="right")]
        sides += [LabelSide(dx=within, dy=dy, align="center") for dy in (-12, 22, -27, 37)]
        others = [box for box in taken if not (box[0] < x < box[2] and box[1] < y < box[3])]
        boxes = {side: _box(side, x, y, length) for side in sides}
        inside = [side for side, box in boxes.items() if box[0] > left - 4 and box[2] < right]
        free = (side for side in inside if not any(_overlap(boxes[side], box) for box in others))
        best = next(free, None)
        if best:
            taken.append(boxes[best])
        yield best


def _box(side: LabelSide, x: float, y: float, length: float) -> Box:
    left = x + side.dx - length * {"left": 0.0, "center": 0.5, "right": 1.0}[side.align]
    return left, y + side.dy - svg.TEXT, left + length, y + side.dy + 4


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
