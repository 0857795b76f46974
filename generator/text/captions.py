"""Templates of the captions of a group's figures, filled with names and numbers in words.

A caption describes the metric shown; figures that always use L2 say so. `{title}` is the component,
`{base}` the checkpoint from which distances are shown, and why; `{missing}` lists the checkpoints
that are not drawn.
"""

from collections.abc import Sequence

from generator.text.words import listed

# The title and the question of a section, by its key.
SECTIONS = {
    "map": ("Map", "Which checkpoints are near each other?"),
    "spectral": ("Spectral layout", "Which are loosely joined?"),
    "clusters": ("Clusters", "Which belong together?"),
    "distances": ("Distances from the middle", "How far is each one?"),
    "blocks": ("Blocks", "Which blocks were changed?"),
}
FROM_REFERENCE = "Distances from the reference"
_MAP_TITLES = (
    "Map of {count} checkpoints by their {component}",
    "{count} points and the minimum spanning tree. {meaning}",
)
# The title and the text alternative of a figure, by the key of its section.
TITLES = {
    "map": _MAP_TITLES,
    "spectral": _MAP_TITLES,
    "clusters": (
        "Distances of {count} checkpoints in their {component}",
        "Heat map of {count} by {count} {metric}s, from 0 to {largest}, in the order of the"
        " dendrogram of average linkage.",
    ),
    "distances": (
        "Distances of the {component} from one checkpoint",
        "{metric} of {others} checkpoints from {base}.",
    ),
    "blocks": (
        "Blocks of the {component} that carry the distance",
        "Shares of {blocks} blocks in the squared L2 distance of {changed} checkpoints from {base},"
        " against their shares of the parameters.",
    ),
}
# The title and the text alternative of a group's map on other pages; the title of a lineage.
SMALL_MAP = "Map of {name}"
SMALL_MAP_MEANING = (
    "{count} checkpoints by their {component}; a plane shows distances as well as it can; the "
    "darker a point, the farther from {base}"
)
LINEAGE = "Lineage of the {component}"
# Why a figure does not show a member.
NOT_DRAWN = "{name} is not drawn by its {component}."
IS_BASE = "{name} is where distances begin."
# The meaning of a map, by layout.
MEANINGS = {
    "stress": "Lengths stand for L2 distances.",
    "spectral": "Eigenvectors of the graph's Laplacian with weights 1 / L2 distance: what few short"
    " distances join comes apart. Lengths mean nothing.",
}
ALWAYS_L2 = "Always by L2, whichever metric is chosen. "
MAP = (
    "{title}, {count} checkpoints. {meaning} The darker a point, the farther from the one in the"
    " ring: {base}. Stress {stress}: 0 is a map whose lengths are all true. The lines are the"
    " minimum spanning tree; strong ones lead to a nearest neighbour.{equal}{numbered}{missing}"
)
EQUAL = " “(3 equal)” marks three checkpoints that hold the same and are one point."
NUMBERED = " Numbers are those of the table."
CLUSTERS = (
    "{title}: {metric} of every checkpoint from every other; rows and columns are in the order in"
    " which neighbours are nearest by L2.{beside}{pairs}{beyond}{missing}"
)
PAIRS = " An outlined cell leads to the page of its pair."
COLOURS_END = " Colours end at {end}: what is farther, up to {largest}, has the last one."
DENDROGRAM = (
    " The dendrogram is that of average linkage of L2 distances.{dotted} Numbers are those of the"
    " table.{unnamed}"
)
DOTTED = " Dotted forks are beyond {end}, where it ends."
UNNAMED = " {named} of the {count} rows have room for a name; point at a row to see the others."
NUMBERS = (
    " Rows have the numbers of the table, as many as have room; touch a cell to see which two it"
    " compares."
)
DISTANCES = "{title}: {metric} from {base}; the nearest first.{beyond}{missing}"
AXIS_END = (
    " A triangle at the end of the axis marks what is much farther than that, up to {largest}."
)
BLOCKS = (
    "{title}: bars are the shares of the blocks in the squared L2 distance from {base}, lines their"
    " shares of the parameters. Strips show, for each checkpoint, how many times as large the"
    " former is. {spread} Checkpoints that do not differ have none.{missing}"
)
EVEN = "The change is spread evenly: no block carries a tenth more or less than its part."
UNEVEN = "Where a change is spread evenly over all weights, the strip is blank."
BLANK = " The strips are blank."
REFERENCE = "{name}, the group's reference"
CENTRAL = "{name}, the most central (smallest sum of L2 distances to the others)"
MISSING = " Not drawn, as not all their L2 distances are known: {names}."
# At most this many of the checkpoints that are not drawn are named; all are counted.
NAMED = 4


def missing_text(names: Sequence[str]) -> str:
    """The checkpoints that are not drawn; empty if all are."""
    if not names:
        return ""
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    return MISSING.format(names=listed([*names[:NAMED], *more]))
