"""A component as it is drawn, and a metric -> the captions of its figures, static and interactive.

A caption is true of the metric that is shown; figures that are of L2 whatever is chosen say so.
"""

from collections.abc import Callable

import numpy as np

from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.graph_plan import Plan
from generator.publish.figures.groups.heat_map import cell_size, tree_end
from generator.publish.figures.groups.rows import named_rows
from generator.publish.figures.groups.scales import axis_end, reach, value_text
from generator.publish.figures.groups.strip import EVEN, is_even
from generator.records.arrays import Floats
from generator.text import numbers
from generator.text.words import METRICS, begun, component_title, listed

# What maps tell, by layout.
MEANINGS = {
    "stress": "Lengths stand for L2 distances.",
    "spectral": "Eigenvectors of the graph's Laplacian with weights 1 / L2 distance: what is "
    "joined by few short distances comes apart. Lengths mean nothing.",
}
ALWAYS_L2 = "Always by L2, whichever metric is chosen. "
EQUAL = " “(3 equal)”: three that hold the same and are one point."
# As many of those who are not drawn are named; all are counted.
NAMED = 4


def base_words(drawn: Drawn) -> str:
    """From whom distances are shown, and why."""
    name = drawn.labels[drawn.base].text
    if drawn.is_reference:
        return f"{name}, the group's reference"
    return f"{name}, whose L2 distances to the others sum to the least"


def map_caption(drawn: Drawn, layout: str, plan: Plan) -> str:
    """Of either map."""
    arranged = next(one for one in drawn.arrangement.layouts if one.name == layout)
    numbered = " Numbers are those of the table." if plan.has_numbers else ""
    same = any(len(spot.members) > 1 for panel in plan.panels for spot in panel.spots)
    return (
        f"{_begun(drawn)}, {len(drawn.labels)} checkpoints. {MEANINGS[layout]} "
        f"Stress {arranged.stress:.3f}: 0 is a map whose lengths are all true. The lines are the "
        "minimum spanning tree; strong ones lead to a nearest neighbour. The ring marks "
        f"{base_words(drawn)}.{EQUAL if same else ''}{numbered}{_missing(drawn)}"
    )


def clusters_caption(
    drawn: Drawn, metric: str, distances: Floats, beside: Callable[[Drawn], str]
) -> str:
    """Of the heat map of `distances`, M x M; `beside` tells what stands beside it."""
    end, largest = reach(distances), float(np.nanmax(distances))
    beyond = (
        f" Colours end at {value_text(metric, end)}: what is farther, up to "
        f"{value_text(metric, largest)}, has the last one."
        if largest > end
        else ""
    )
    return (
        f"{_begun(drawn)}: {METRICS[metric]} of every checkpoint from every other; rows and "
        f"columns are in the order in which neighbours are nearest by L2.{beside(drawn)}{beyond}"
        f"{_missing(drawn)}"
    )


def dendrogram_beside(drawn: Drawn) -> str:
    """On wide screens: the dendrogram, and how the rows without room for a name are identified."""
    count, end = len(drawn.labels), tree_end(drawn)
    far = any(merge.height > end for merge in drawn.arrangement.merges)
    dotted = f" Dotted forks are beyond {numbers.significant(end)}, where it ends." if far else ""
    shown = len(named_rows(count, cell_size(count)))
    unnamed = (
        f" {shown} of the {count} rows have room for a name; pointing at a row tells the others."
        if shown < count
        else ""
    )
    return (
        f" The dendrogram is that of average linkage of L2 distances.{dotted} "
        f"Numbers are those of the table.{unnamed}"
    )


def numbers_beside(_: Drawn) -> str:
    """On narrow screens, which have no room for names."""
    return (
        " Rows have the numbers of the table, as many as have room; touching a cell tells which "
        "two it compares."
    )


def distances_caption(drawn: Drawn, metric: str, distances: Floats) -> str:
    """Of the `distances`, M, from the base."""
    end, largest = axis_end(distances), float(np.nanmax(distances))
    beyond = (
        " A triangle at the end of the axis stands for what is much farther than that, up to "
        f"{value_text(metric, largest)}."
        if largest > end
        else ""
    )
    return (
        f"{_begun(drawn)}: {METRICS[metric]} from {base_words(drawn)}; the nearest first."
        f"{beyond}{_missing(drawn)}"
    )


def strips_caption(drawn: Drawn) -> str:
    """Of the bars and strips of blocks."""
    spread = (
        f"{EVEN} The strips are blank."
        if is_even(drawn)
        else "Where a change is spread evenly over all weights, the strip is blank."
    )
    return (
        f"{_begun(drawn)}: bars are the shares of the blocks in the squared L2 distance from "
        f"{base_words(drawn)}, lines their shares of the parameters. Strips tell, for each "
        f"checkpoint, how many times as large the former is. {spread} Checkpoints that do not "
        f"differ have none.{_missing(drawn)}"
    )


def _begun(drawn: Drawn) -> str:
    return begun(component_title(drawn.name))


def _missing(drawn: Drawn) -> str:
    """Who is not drawn, as `comparable_members` leaves them out."""
    names = [label.text for label in drawn.missing]
    if not names:
        return ""
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    return (
        f" Not drawn, as not all their L2 distances are known: {listed([*names[:NAMED], *more])}."
    )
