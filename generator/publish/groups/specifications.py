"""The interactive figures as Vega-Lite specifications: what they show is put in by `group.js`.

Data sets have the names that stand here as `data`. Text that begins with `$` is a place that the
script fills: sizes, names and scales. The parameter `highlight` is the number of a member, 0 for
none.
"""

from typing import Any

from generator.publish import svg
from generator.publish.groups.heat_map import TREE_WIDTH
from generator.publish.groups.line import VALUE_WIDTH
from generator.publish.groups.placing import GAP
from generator.publish.groups.rows import LABELS_WIDTH
from generator.publish.groups.scales import COLOURS

Specification = dict[str, Any]

# No component or group of blocks has this colour.
MARKED = "#d6006c"
HIGHLIGHT = {"name": "highlight", "value": 0}
NAMES = {"name": "names", "value": "$names"}
IS_MARKED = "datum.number === highlight"
COLOUR: Specification = {
    "condition": {"test": IS_MARKED, "value": MARKED},
    "field": "colour",
    "type": "nominal",
    "scale": None,
}
# A wheel alone scrolls the page.
ZOOM = {
    "name": "zoom",
    "select": {"type": "interval", "zoom": "wheel![event.ctrlKey]"},
    "bind": "scales",
}
# Room at the left of rows is the same as in the static pictures.
AXIS_WIDTH = LABELS_WIDTH


def _place(field: str, low: float | str, high: float | str, **more: object) -> Specification:
    """A position on a scale that begins and ends where it is told."""
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None} | more


def _quantity(field: str, title: str, **more: object) -> Specification:
    return {"field": field, "type": "quantitative", "title": title} | more


def _text(field: str, title: str) -> Specification:
    return {"field": field, "type": "nominal", "title": title}


# Rows from 0 to the number of members, each with the name of one.
ROWS_SCALE = {"domain": ["$rows", 0], "nice": False, "zero": False}
ROW = {
    "field": "row",
    "type": "quantitative",
    "scale": ROWS_SCALE,
    "axis": {
        "title": None,
        "values": "$middles",
        "labelExpr": "names[floor(datum.value)]",
        "labelLimit": AXIS_WIDTH,
        "minExtent": AXIS_WIDTH,
        "maxExtent": AXIS_WIDTH,
        "labelOverlap": True,
        "ticks": False,
        "domain": False,
        "grid": False,
    },
}
PLAIN_ROW = {"field": "row", "type": "quantitative", "scale": ROWS_SCALE, "axis": None}

_X, _Y = _place("x", 0, svg.WIDTH), _place("y", "$height", 0)
_POINT: Specification = {"x": _X, "y": _Y}
TOWARDS_THE_MIDDLE = "datum.x < 150 ? 'left' : datum.x > 1010 ? 'right' : 'center'"
_SIDES: dict[str, Specification] = {
    "right": {"align": "left", "baseline": "middle", "dx": GAP},
    "left": {"align": "right", "baseline": "middle", "dx": -GAP},
    "above": {"align": "center", "baseline": "bottom", "dy": -GAP},
    "below": {"align": "center", "baseline": "top", "dy": GAP},
}

MAP: Specification = {
    "width": svg.WIDTH,
    "height": "$height",
    "params": [HIGHLIGHT],
    "layer": [
        {
            "data": {"name": "edges"},
            "mark": {"type": "rule", "opacity": 0.55},
            "encoding": {
                **_POINT,
                "x2": {"field": "x2"},
                "y2": {"field": "y2"},
                "strokeWidth": {"condition": {"test": "datum.nearest", "value": 2.2}, "value": 1},
                "tooltip": [_text("a", "From"), _text("b", "To"), _quantity("length", "L2")],
            },
        },
        {
            "data": {"name": "points"},
            "params": [ZOOM],
            "mark": {"type": "circle", "size": 70, "opacity": 1, "cursor": "pointer"},
            "encoding": _POINT
            | {
                "color": COLOUR,
                "size": {"condition": {"test": IS_MARKED, "value": 220}, "value": 70},
                "tooltip": [
                    _text("name", "Checkpoint"),
                    _quantity("number", "Number"),
                    _text("nearest", "Nearest"),
                    _quantity("length", "at L2"),
                ],
            },
        },
        {
            "data": {"name": "points"},
            "transform": [{"filter": "datum.isBase"}],
            "mark": {"type": "point", "size": 220},
            "encoding": _POINT,
        },
        *(
            {
                "data": {"name": "points"},
                "transform": [{"filter": f"datum.side === '{side}' && !({IS_MARKED})"}],
                "mark": options | {"type": "text"},
                "encoding": _POINT | {"text": {"field": "text"}},
            }
            for side, options in _SIDES.items()
        ),
        {
            "data": {"name": "rulers"},
            "mark": {"type": "rule", "strokeWidth": 1.2},
            "encoding": _POINT | {"x2": {"field": "x2"}},
        },
        {
            "data": {"name": "notes"},
            "mark": {"type": "text", "align": "left", "baseline": "middle"},
            "encoding": _POINT | {"text": {"field": "text"}},
        },
        {
            "data": {"name": "points"},
            "transform": [{"filter": IS_MARKED}],
            "mark": {
                "type": "text",
                "fontWeight": "bold",
                "dy": -14,
                "align": {"expr": TOWARDS_THE_MIDDLE},
            },
            "encoding": _POINT | {"text": {"field": "name"}},
        },
    ],
}

CLUSTERS: Specification = {
    "params": [HIGHLIGHT, NAMES],
    "spacing": 6,
    "hconcat": [
        {
            "width": "$width",
            "height": "$height",
            "layer": [
                {
                    "data": {"name": "cells"},
                    "params": [ZOOM],
                    "mark": {"type": "rect", "clip": True, "cursor": "pointer"},
                    "encoding": {
                        "x": _place("column", 0, "$rows"),
                        "x2": {"field": "column2"},
                        "y": ROW,
                        "y2": {"field": "row2"},
                        "color": {
                            "field": "value",
                            "type": "quantitative",
                            "title": "$metric",
                            "scale": {"scheme": COLOURS, "domain": [0, "$end"], "clamp": True},
                            "legend": {
                                "orient": "top",
                                "gradientLength": 300,
                                "gradientThickness": 10,
                            },
                        },
                        "tooltip": [
                            _text("a", "Row"),
                            _text("b", "Column"),
                            _quantity("value", "Distance"),
                        ],
                    },
                },
                {
                    "data": {"name": "bands"},
                    "transform": [{"filter": IS_MARKED}],
                    "mark": {
                        "type": "rect",
                        "filled": False,
                        "stroke": MARKED,
                        "strokeWidth": 2,
                        "clip": True,
                    },
                    "encoding": {
                        "x": _place("column", 0, "$rows"),
                        "x2": {"field": "column2"},
                        "y": ROW,
                        "y2": {"field": "row2"},
                    },
                },
            ],
        },
        {
            "width": TREE_WIDTH,
            "height": "$height",
            "data": {"name": "forks"},
            "mark": {"type": "rule", "clip": True},
            "encoding": {
                "strokeDash": {"condition": {"test": "datum.isFar", "value": [2, 2]}, "value": []},
                "x": {
                    "field": "x",
                    "type": "quantitative",
                    "title": "Mean L2 at which clusters join",
                    "scale": {"domain": [0, "$treeEnd"], "nice": False},
                    "axis": {"orient": "top", "tickCount": 3},
                },
                "x2": {"field": "x2"},
                "y": PLAIN_ROW,
                "y2": {"field": "row2"},
                "tooltip": [_quantity("height", "Mean L2"), _quantity("size", "Checkpoints")],
            },
        },
    ],
    "resolve": {"scale": {"y": "shared"}, "axis": {"y": "independent"}},
}

_DISTANCE = {
    "field": "x",
    "type": "quantitative",
    "title": "$metric",
    "scale": {"domain": [0, "$xEnd"], "nice": False},
    "axis": {"orient": "top", "tickCount": 6},
}
DISTANCES: Specification = {
    "width": svg.WIDTH - LABELS_WIDTH - VALUE_WIDTH,
    "height": "$height",
    "params": [HIGHLIGHT, NAMES],
    "data": {"name": "rows"},
    "encoding": {"x": _DISTANCE, "y": ROW},
    "layer": [
        {
            "transform": [{"filter": "!datum.isFar"}],
            "mark": {"type": "line", "strokeWidth": 1.5},
            "encoding": {"order": {"field": "row"}},
        },
        {
            "params": [ZOOM],
            "mark": {"type": "point", "filled": True, "opacity": 1, "cursor": "pointer"},
            "encoding": {
                "color": COLOUR,
                "shape": {
                    "condition": {"test": "datum.isFar", "value": "triangle-right"},
                    "value": "circle",
                },
                "size": {"condition": {"test": IS_MARKED, "value": 180}, "value": 45},
                "tooltip": [
                    _text("name", "Checkpoint"),
                    _quantity("number", "Number"),
                    _quantity("value", "Distance"),
                ],
            },
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 9},
            "encoding": {"text": {"field": "value", "type": "quantitative", "format": ",.3~r"}},
        },
    ],
}

SHARE_TITLE = "Squared distance (lines: parameters)"
_BLOCK = {"field": "block", "type": "nominal", "sort": None, "title": None}
BLOCKS: Specification = {
    "width": svg.WIDTH - 80,
    "height": 260,
    "params": [HIGHLIGHT, NAMES],
    "title": {"text": {"expr": "names[highlight]"}, "anchor": "start", "fontWeight": "normal"},
    "layer": [
        {
            "data": {"name": "shares"},
            "transform": [{"filter": IS_MARKED}],
            "mark": {"type": "bar", "width": {"band": 0.6}},
            "encoding": {
                "x": _BLOCK,
                "y": _quantity("share", SHARE_TITLE, axis={"format": ".0%", "tickCount": 5}),
                "color": {"field": "colour", "type": "nominal", "scale": None},
                "tooltip": [
                    _text("block", "Block"),
                    _quantity("share", "Squared distance", format=".1%"),
                    _quantity("parameters", "Parameters", format=".1%"),
                ],
            },
        },
        {
            "data": {"name": "parameters"},
            "mark": {"type": "tick", "thickness": 2.5, "width": {"band": 0.9}},
            "encoding": {
                "x": _BLOCK,
                "y": _quantity("share", SHARE_TITLE),
                "tooltip": [
                    _text("block", "Block"),
                    _quantity("share", "Parameters", format=".1%"),
                ],
            },
        },
    ],
}

SPECIFICATIONS = {"map": MAP, "clusters": CLUSTERS, "distances": DISTANCES, "blocks": BLOCKS}
