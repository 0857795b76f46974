"""The interactive figures as Vega-Lite specifications: what they show is put in by `group.js`.

Data sets have the names that stand here as `data`.
"""

from generator.publish.figures import svg
from generator.publish.figures.groups.map_specification import MAP
from generator.publish.figures.groups.row_specifications import (
    CLUSTERS,
    CLUSTERS_NARROW,
    DISTANCES,
    DISTANCES_NARROW,
)
from generator.publish.figures.groups.specification_parts import (
    HIGHLIGHT,
    IS_MARKED,
    NAMES,
    Specification,
    quantity,
    text,
)

_TITLE = {"text": {"expr": "names[highlight]"}, "anchor": "start", "fontWeight": "normal"}
_BLOCK = {"field": "block", "type": "nominal", "sort": None, "title": None}
_SHARE = quantity(
    "share",
    "Squared distance (lines: parameters)",
    stack=None,
    # By whom is highlighted; told, as a member without bars has nothing to find it from.
    scale={"domain": {"expr": "[0, ends[highlight]]"}, "nice": True},
    axis={"format": ".0%", "tickCount": 4},
)
_COLOUR = {"field": "colour", "type": "nominal", "scale": None}
_SHARE_TIP = [
    text("block", "Block"),
    quantity("share", "Squared distance", format=".1%"),
    quantity("parameters", "Parameters", format=".1%"),
]
_PARAMETERS_TIP = [text("block", "Block"), quantity("share", "Parameters", format=".1%")]
BLOCKS: Specification = {
    "width": svg.WIDTH - 80,
    "height": 260,
    "params": [HIGHLIGHT, NAMES, {"name": "ends", "value": "$ends"}],
    "title": _TITLE,
    "encoding": {"x": _BLOCK, "y": _SHARE},
    "layer": [
        {
            "data": {"name": "shares"},
            "transform": [{"filter": IS_MARKED}],
            "mark": {"type": "bar", "width": {"band": 0.6}},
            "encoding": {"color": _COLOUR, "tooltip": _SHARE_TIP},
        },
        {
            "data": {"name": "parameters"},
            "mark": {"type": "tick", "thickness": 2.5, "width": {"band": 0.9}},
            "encoding": {"tooltip": _PARAMETERS_TIP},
        },
    ],
}
# On a narrow screen the blocks stand below one another.
BLOCKS_NARROW: Specification = BLOCKS | {
    "width": "$width",
    "height": {"step": 18},
    "title": _TITLE | {"limit": "$width"},
    "encoding": {
        "x": _SHARE | {"axis": {"format": ".0%", "tickCount": 4, "orient": "top"}},
        "y": _BLOCK,
    },
    "layer": [
        BLOCKS["layer"][0] | {"mark": {"type": "bar", "height": {"band": 0.6}}},
        BLOCKS["layer"][1] | {"mark": {"type": "tick", "thickness": 2.5, "height": {"band": 0.9}}},
    ],
}

# By screen. A map is told its size.
SPECIFICATIONS = {
    "wide": {"map": MAP, "clusters": CLUSTERS, "distances": DISTANCES, "blocks": BLOCKS},
    "narrow": {
        "map": MAP,
        "clusters": CLUSTERS_NARROW,
        "distances": DISTANCES_NARROW,
        "blocks": BLOCKS_NARROW,
    },
}
