"""Points -> a scatter plot on two logarithmic axes, with labels where there is room."""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import msgspec

from generator.publish.figures import svg
from generator.publish.figures.figure import NARROW, Figure, Specification, figure
from generator.publish.figures.parts import COLOUR, DOT, SAID, axis, data, frame
from generator.publish.figures.placing import LabelBox, Placed, Side, Wanted, place_texts
from generator.publish.figures.scales import LogScale, decades
from generator.records import Record
from generator.text import numbers

LEFT, RIGHT, BOTTOM, TOP = 64, 20, 48, 12
WIDE_HEIGHT, NARROW_HEIGHT = 520, 440
# Width of a character of the names, which are bold.
SIGN = 0.67 * svg.TEXT

# What a point takes, and a text below its baseline.
RADIUS, DESCENT = 7, 4
# Vega's name of where a text begins, and that place as a part of its width, by its side.
ANCHORS = {
    "right": ("left", 0.0),
    "left": ("right", 1.0),
    "above": ("center", 0.5),
    "below": ("center", 0.5),
}


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
                "mark": DOT,
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
) -> list[LabelSide | None]:
    """Sides for the labels, in pixels, between the edges `left` and `right`: beside the point, or
    above or below it and moved in from the edge; None where a label would cover something."""
    area = LabelBox(left - DESCENT, -math.inf, right, math.inf)
    wanted = [
        Wanted(x, y, (SIGN * len(label),)) for label, (x, y) in zip(labels, places, strict=True)
    ]
    placed = place_texts(wanted, range(len(wanted)), area, RADIUS, sides=_sides)
    return [_anchor(one, point) if one else None for one, point in zip(placed, wanted, strict=True)]


def _sides(point: Wanted, width: float, area: LabelBox) -> Iterator[tuple[Side, LabelBox]]:
    def box(left: float, down: float) -> LabelBox:
        base = point.y + down
        return LabelBox(left, base - svg.TEXT, left + width, base + DESCENT)

    yield "right", box(point.x + 10, 4)
    yield "left", box(point.x - 10 - width, 4)
    middle = min(max(point.x, area.left + 4 + width / 2), area.right - 2 - width / 2)
    for down in (-12, 22, -27, 37):
        yield "above" if down < 0 else "below", box(middle - width / 2, down)


def _anchor(placed: Placed, point: Wanted) -> LabelSide:
    align, part = ANCHORS[placed.side]
    at = placed.box.left + part * (placed.box.right - placed.box.left)
    dx, dy = at - point.x, placed.box.bottom - DESCENT - point.y
    return LabelSide(dx=round(dx, 1), dy=round(dy, 1), align=align)
