"""What the specifications of the interactive figures have in common.

Text that begins with `$` is a place that `group.js` fills: sizes, names and scales. The parameter
`highlight` is the number of a member, 0 for none.
"""

from typing import Any

Specification = dict[str, Any]

# No component or group of blocks has this colour, to any reader.
MARKED = "#ff1e4b"
HIGHLIGHT = {"name": "highlight", "value": 0}
NAMES = {"name": "names", "value": "$names"}
COLUMNS = {"name": "columns", "value": "$columns"}
IS_MARKED = "datum.number === highlight"
COLOUR: Specification = {"field": "colour", "type": "nominal", "scale": None}
# The point that is highlighted, on top of all others and parted from them by a halo.
MARKED_POINT: Specification = {
    "type": "point",
    "filled": True,
    "size": 170,
    "opacity": 1,
    "fill": MARKED,
    "stroke": "$paper",
    "strokeWidth": 3,
    "cursor": "pointer",
}
# A wheel alone scrolls the page.
ZOOM = {
    "name": "zoom",
    "select": {"type": "interval", "zoom": "wheel![event.ctrlKey]"},
    "bind": "scales",
}


def place(field: str, low: float | str, high: float | str, **more: object) -> Specification:
    """A position on a scale that begins and ends where it is told."""
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None} | more


def quantity(field: str, title: str, **more: object) -> Specification:
    """A number with its name."""
    return {"field": field, "type": "quantitative", "title": title} | more


def text(field: str, title: str) -> Specification:
    """A word with its name."""
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
        "labelLimit": "$labels",
        "minExtent": "$labels",
        "maxExtent": "$labels",
        "labelOverlap": False,
        "ticks": False,
        "domain": False,
        "grid": False,
    },
}
# The same without names.
PLAIN_ROW = {"field": "row", "type": "quantitative", "scale": ROWS_SCALE, "axis": None}
