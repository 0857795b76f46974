"""Pieces of specifications: axes with custom labels, and marks that show their numbers."""

import json
from collections.abc import Iterable, Mapping, Sequence

from generator.publish.figures.figure import Specification

# Screen readers read a mark with these; hovering shows its `text`, with and without scripts.
SAID: Specification = {
    "tooltip": {"field": "text", "type": "nominal"},
    "description": {"field": "text", "type": "nominal"},
}
COLOUR: Specification = {"field": "colour", "type": "nominal", "scale": None}
# The mark of something that has a page of its own.
DOT: Specification = {"type": "point", "filled": True, "aria": True, "size": 70, "opacity": 0.85}
PLAIN_AXIS: Specification = {
    "domain": False,
    "ticks": False,
    "labelOverlap": False,
    "labelAngle": 0,
    "labelPadding": 6,
}
# Zooming needs Ctrl: a wheel alone scrolls the page.
ZOOM: Specification = {
    "name": "zoom",
    "select": {"type": "interval", "zoom": "wheel![event.ctrlKey]"},
    "bind": "scales",
}


def data(rows: Iterable[Mapping[str, object]]) -> Specification:
    """Rows of data inside a specification."""
    return {"values": list(rows)}


def axis(ticks: Sequence[float], labels: Sequence[str], **more: object) -> Specification:
    """An axis with a label for each tick."""
    expression = f"{json.dumps(list(labels))}[indexof({json.dumps(list(ticks))}, datum.value)]"
    return PLAIN_AXIS | {"values": list(ticks), "labelExpr": expression} | more


def placed(field: str, low: float, high: float, **more: object) -> Specification:
    """A number on a linear scale with these ends, without an axis."""
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None} | more


def named(field: str, **more: object) -> Specification:
    """Names in the order of the data."""
    return {
        "field": field,
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": PLAIN_AXIS,
    } | more


def frame(
    width: float, height: float, left: float, top: float, right: float, bottom: float
) -> Specification:
    """The plot of a drawing of fixed size: the area inside the margins."""
    return {
        "width": width - left - right,
        "height": height - top - bottom,
        "padding": {"left": left, "top": top, "right": right, "bottom": bottom},
        "autosize": "none",
    }
