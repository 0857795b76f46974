"""The interactive map: points, lines between them, labels where there is room."""

from generator.publish.figures.groups.placing import GAP
from generator.publish.figures.groups.specification_parts import (
    COLOUR,
    HIGHLIGHT,
    IS_MARKED,
    MARKED_POINT,
    ZOOM,
    Specification,
    place,
    quantity,
    text,
)

_X, _Y = place("x", 0, "$width"), place("y", "$height", 0)
_POINT: Specification = {"x": _X, "y": _Y}
_TIP = [
    text("name", "Checkpoint"),
    quantity("number", "Number"),
    text("equal", "Equal to"),
    text("nearest", "Nearest"),
    quantity("length", "at L2"),
]
TOWARDS_THE_MIDDLE = "datum.x < width / 3 ? 'left' : datum.x > 2 * width / 3 ? 'right' : 'center'"
_SIDES: dict[str, Specification] = {
    "right": {"align": "left", "baseline": "middle", "dx": GAP},
    "left": {"align": "right", "baseline": "middle", "dx": -GAP},
    "above": {"align": "center", "baseline": "bottom", "dy": -GAP},
    "below": {"align": "center", "baseline": "top", "dy": GAP},
}

MAP: Specification = {
    "width": "$width",
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
                "tooltip": [text("a", "From"), text("b", "To"), quantity("length", "L2")],
            },
        },
        {
            "data": {"name": "points"},
            "params": [ZOOM],
            "mark": {"type": "circle", "size": 70, "opacity": 1, "cursor": "pointer"},
            "encoding": _POINT
            | {
                "color": COLOUR,
                "tooltip": _TIP,
            },
        },
        {
            "data": {"name": "points"},
            "transform": [{"filter": IS_MARKED}],
            "mark": MARKED_POINT,
            "encoding": _POINT | {"tooltip": _TIP},
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
