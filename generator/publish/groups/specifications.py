"""The interactive figures as Vega-Lite specifications: what they show is put in by `group.js`.

Data sets have the names that stand here as `data`.
"""

from generator.publish import svg
from generator.publish.groups.map_specification import MAP
from generator.publish.groups.row_specifications import CLUSTERS, DISTANCES
from generator.publish.groups.specification_parts import (
    HIGHLIGHT,
    IS_MARKED,
    NAMES,
    Specification,
    quantity,
    text,
)

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
                "y": quantity("share", SHARE_TITLE, axis={"format": ".0%", "tickCount": 5}),
                "color": {"field": "colour", "type": "nominal", "scale": None},
                "tooltip": [
                    text("block", "Block"),
                    quantity("share", "Squared distance", format=".1%"),
                    quantity("parameters", "Parameters", format=".1%"),
                ],
            },
        },
        {
            "data": {"name": "parameters"},
            "mark": {"type": "tick", "thickness": 2.5, "width": {"band": 0.9}},
            "encoding": {
                "x": _BLOCK,
                "y": quantity("share", SHARE_TITLE),
                "tooltip": [
                    text("block", "Block"),
                    quantity("share", "Parameters", format=".1%"),
                ],
            },
        },
    ],
}

SPECIFICATIONS = {"map": MAP, "clusters": CLUSTERS, "distances": DISTANCES, "blocks": BLOCKS}
