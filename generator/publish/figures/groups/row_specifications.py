"""The interactive figures with a row per member: clusters, and distances from one."""

from generator.networks.palette import DISTANCE_COLOURS
from generator.publish.figures import svg
from generator.publish.figures.groups.heat_map import TREE_WIDTH
from generator.publish.figures.groups.line import LINE_STRENGTH, VALUE_WIDTH
from generator.publish.figures.groups.rows import LABELS_WIDTH
from generator.publish.figures.groups.specification_parts import (
    COLOUR,
    COLUMNS,
    HIGHLIGHT,
    IS_MARKED,
    MARKED,
    MARKED_POINT,
    NAMES,
    PLAIN_ROW,
    ROW,
    ZOOM,
    Specification,
    place,
    quantity,
    text,
)

# All layers have the axis: one without would take it from the others.
_COLUMN = place("column", 0, "$rows") | {
    "axis": {
        "title": "$columnTitle",
        "titleAnchor": "start",
        "values": "$columnMiddles",
        "labelExpr": "columns[floor(datum.value)]",
        "labelAngle": "$columnAngle",
        "labelOverlap": False,
        "ticks": False,
        "domain": False,
        "grid": False,
    }
}
CLUSTERS: Specification = {
    "params": [HIGHLIGHT, NAMES, COLUMNS],
    "spacing": 6,
    "hconcat": [
        {
            "width": "$side",
            "height": "$side",
            "layer": [
                {
                    "data": {"name": "cells"},
                    "params": [ZOOM],
                    "mark": {"type": "rect", "clip": True, "cursor": "pointer"},
                    "encoding": {
                        "x": _COLUMN,
                        "x2": {"field": "column2"},
                        "y": ROW,
                        "y2": {"field": "row2"},
                        "color": {
                            "field": "value",
                            "type": "quantitative",
                            "title": "$metric",
                            "scale": {
                                "range": DISTANCE_COLOURS,
                                "domain": [0, "$end"],
                                "clamp": True,
                            },
                            "legend": {
                                "orient": "top",
                                "gradientLength": "$legend",
                                "gradientThickness": 10,
                                "tickCount": 4,
                                "labelSeparation": 6,
                            },
                        },
                        "tooltip": [
                            text("a", "Row"),
                            text("b", "Column"),
                            text("shown", "$metric"),
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
                        "x": _COLUMN,
                        "x2": {"field": "column2"},
                        "y": ROW,
                        "y2": {"field": "row2"},
                    },
                },
            ],
        },
        {
            "width": TREE_WIDTH,
            "height": "$side",
            "data": {"name": "forks"},
            "mark": {"type": "rule", "clip": True},
            "encoding": {
                "strokeDash": {"condition": {"test": "datum.isFar", "value": [2, 2]}, "value": []},
                "x": {
                    "field": "x",
                    "type": "quantitative",
                    "title": "Mean L2 at which clusters join",
                    "scale": {"domain": [0, "$treeEnd"], "nice": False},
                    "axis": {"orient": "bottom", "tickCount": 3},
                },
                "x2": {"field": "x2"},
                "y": PLAIN_ROW,
                "y2": {"field": "row2"},
                "tooltip": [quantity("height", "Mean L2"), quantity("size", "Checkpoints")],
            },
        },
    ],
    "resolve": {"scale": {"y": "shared"}, "axis": {"y": "independent"}},
}

# A narrow screen has no room for the dendrogram.
CLUSTERS_NARROW: Specification = CLUSTERS | {"hconcat": CLUSTERS["hconcat"][:1]}

_DISTANCE: Specification = {
    "field": "x",
    "type": "quantitative",
    "title": "$metric",
    "scale": {"domain": ["$xStart", "$xEnd"], "nice": False},
    "axis": {"orient": "top", "tickCount": 4},
}
_PROFILE: Specification = {
    "transform": [{"filter": "!datum.isFar"}],
    "mark": {"type": "line", "strokeWidth": 1.5, "opacity": LINE_STRENGTH},
    "encoding": {"order": {"field": "row"}},
}
_SHAPE: Specification = {
    "shape": {"condition": {"test": "datum.isFar", "value": "triangle-right"}, "value": "circle"},
    "tooltip": [
        text("name", "Checkpoint"),
        quantity("number", "Number"),
        text("shown", "$metric"),
    ],
}
_POINTS: Specification = {
    "params": [ZOOM],
    "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1, "cursor": "pointer"},
    "encoding": _SHAPE | {"color": COLOUR},
}
_MARKED: Specification = {
    "transform": [{"filter": IS_MARKED}],
    "mark": MARKED_POINT,
    "encoding": _SHAPE,
}
PLOT_WIDTH = svg.WIDTH - LABELS_WIDTH - VALUE_WIDTH
# Where the column of numbers ends.
VALUE_RIGHT = PLOT_WIDTH + VALUE_WIDTH - 4
DISTANCES: Specification = {
    "width": PLOT_WIDTH,
    "height": "$height",
    "params": [HIGHLIGHT, NAMES],
    "data": {"name": "rows"},
    "encoding": {"x": _DISTANCE, "y": ROW},
    "layer": [
        _PROFILE,
        _POINTS,
        _MARKED,
        {
            # Beside the plot: what zooms is clipped if it is not told otherwise.
            "mark": {"type": "text", "align": "right", "clip": False},
            "encoding": {"x": {"value": VALUE_RIGHT}, "text": {"field": "shown"}},
        },
    ],
}

# On a narrow screen, name and number stand above the point, over the whole width.
_ABOVE = PLAIN_ROW | {"field": "above"}
DISTANCES_NARROW: Specification = {
    "width": "$width",
    "height": "$height",
    "params": [HIGHLIGHT],
    "data": {"name": "rows"},
    "encoding": {
        # Long numbers at the ends would be wider than the screen.
        "x": _DISTANCE | {"axis": _DISTANCE["axis"] | {"labelFlush": 24}},
        "y": PLAIN_ROW,
    },
    "layer": [
        _PROFILE,
        _POINTS,
        _MARKED,
        {
            "mark": {"type": "text", "align": "left"},
            "encoding": {"x": {"value": 0}, "y": _ABOVE, "text": {"field": "label"}},
        },
        {
            "mark": {"type": "text", "align": "right"},
            "encoding": {"x": {"value": "$width"}, "y": _ABOVE, "text": {"field": "shown"}},
        },
    ],
}
