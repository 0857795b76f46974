"""Distances of a component -> a heat map in the order of its dendrogram, which stands beside it.

Cells are squares of one image. If there are many members, as many are named as fit, and pointing at
a row shows the others. A narrow screen has no room for names and for the dendrogram.
"""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np

from generator.publish.figures.figure import IS_MARKED, WIDE, Specification
from generator.publish.figures.groups.distances import distance_png, reach, ticks, value_text
from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.rows import (
    LINE,
    labels_width,
    member_labels,
    member_rows,
    named_rows,
)
from generator.publish.figures.pixels import (
    MARKED,
    Row,
    found_by,
    grid,
    image,
    marks,
    paper,
    text,
    texts,
)
from generator.publish.figures.png import data_address
from generator.publish.figures.text_width import with_room
from generator.records.arrays import Floats
from generator.text import numbers
from generator.text.words import METRICS

TOP = 56
BOTTOM = 44
# Sizes of the map and of its cells, in pixels. Up to `ALL_NAMED` members, all have a name.
MAP_WIDTH, PREFERRED_WIDTH = 640, 448
ALL_NAMED = 45
LEAST_CELL, LARGEST_CELL = 2, 40
TREE_GAP = 6
# In rows lower than this, the lines of the dendrogram are thinner, so that they stay apart.
FULL_WIDTH = 8
TREE_WIDTH = WIDE - labels_width(WIDE) - MAP_WIDTH - TREE_GAP - 24
BAR_WIDTH = 300
# In columns narrower than this, numbers are turned.
UPRIGHT = 24
# Caption if columns are too narrow for numbers.
COLUMNS = "Columns are in the order of the rows."
FORK_TIPS = {"l2": "Mean L2", "size": "Checkpoints"}


def heat_map(drawn: Drawn, metric: str, distances: Floats, width: int) -> Specification:
    """Rows and columns are the members in one order; the dendrogram shows the mean L2 at which
    clusters join. `distances`, M x M, are those of `metric`. A cell leads to the page of its pair,
    if it has one."""
    labels = [drawn.labels[member] for member in drawn.arrangement.order]
    square = distances[np.ix_(drawn.arrangement.order, drawn.arrangement.order)]
    left, cell = labels_width(width), cell_size(len(labels), width)
    side = cell * len(labels)
    right, bottom = left + side, TOP + side
    end = reach(square)
    rows = member_rows(labels)
    middle = f"{TOP} + (datum.row + 0.5) * {cell}"
    named = f"datum.row % {named_rows(len(rows), cell).step} === 0"
    along = {"y": f"{TOP} + datum.row * {cell}", "y2": f"{TOP} + (datum.row + 1) * {cell}"}
    above = square[np.triu_indices_from(square, 1)].tolist()
    cells = {
        "left": left,
        "top": TOP,
        "size": cell,
        "rows": {"values": rows},
        "metric": METRICS[metric],
        "told": {"values": " ".join(_told(metric, value) for value in above)},
    }
    return paper(
        width,
        bottom + BOTTOM,
        [
            image(data_address(distance_png(square, end)), left, TOP, right, bottom),
            *member_labels(rows, middle, width, named),
            _colour_bar(metric, square, end, width),
            _columns(rows, cell, left, bottom),
            _dendrogram(drawn, cell, right + TREE_GAP) if width == WIDE else [],
            marks(
                "rect",
                rows,
                then=found_by(
                    x="0", x2=f"{right}", told="datum.whole + ', number ' + datum.number", **along
                ),
                channels={"told": "whole"},
                filled=True,
                fill="transparent",
                cursor="pointer",
            ),
            marks(
                "rect",
                linked_cells(drawn, cell, left),
                fill="currentColor",
                fillOpacity=0,
                stroke="currentColor",
                cursor="pointer",
            ),
            *(
                marks(
                    "rect",
                    rows,
                    only=IS_MARKED,
                    then=found_by(**places),
                    channels={},
                    filled=False,
                    stroke=MARKED,
                    strokeWidth=2,
                )
                for places in (
                    {"x": f"{left}", "x2": f"{right}", **along},
                    {
                        "x": f"{left} + datum.row * {cell}",
                        "x2": f"{left} + (datum.row + 1) * {cell}",
                        "y": f"{TOP}",
                        "y2": f"{bottom}",
                    },
                )
            ),
        ],
        usermeta={"cells": cells},
    )


def cell_size(members: int, width: int = WIDE) -> int:
    """The side of a cell in pixels: an integer, so that there are no seams between cells."""
    if width != WIDE:
        room = width - labels_width(width) - 4
        return max(1, min(LARGEST_CELL, room // members))
    if members <= ALL_NAMED:
        return min(LARGEST_CELL, max(LINE, PREFERRED_WIDTH // members))
    return max(LEAST_CELL, MAP_WIDTH // members)


def tree_end(drawn: Drawn) -> float:
    """The height of the tallest fork that is not far, by the scale of all distances."""
    end = reach(drawn.distances)
    heights = (merge.height for merge in drawn.arrangement.merges)
    return max((height for height in heights if 0 < height <= end), default=end)


def linked_cells(drawn: Drawn, cell: int, left: int) -> list[Row]:
    """The cells whose pairs have a page, in both halves of the map."""
    labels = [drawn.labels[member] for member in drawn.arrangement.order]
    rows: list[Row] = []
    for (row, one), (column, other) in permutations(enumerate(labels), 2):
        if address := drawn.pairs.get(frozenset((one.number, other.number))):
            x, y = left + column * cell, TOP + row * cell
            place = {"x": x, "y": y, "x2": x + cell, "y2": y + cell}
            rows.append(place | {"whole": f"{one.whole} – {other.whole}", "link": address})
    return rows


def _told(metric: str, value: float) -> str:
    """Short values without blanks, because blanks separate the cells; `figures.js` writes out
    powers of ten."""
    if np.isnan(value):
        return "–"
    return f"{value:.2e}" if 0 < value < numbers.SMALLEST else value_text(metric, value)


def _colour_bar(metric: str, square: Floats, end: float, width: int) -> list[Specification]:
    """The colour scale above the map, with a note if larger values share the colour of its end."""
    left, is_wide = labels_width(width), width == WIDE
    right = left + (BAR_WIDTH if is_wide else width - left - 60)
    scale = distance_png(np.linspace(0, end, 128)[None], end)
    marked = ((left + (right - left) * value / end, f"{value:g}") for value in ticks(end))
    words = [text(left, 10, METRICS[metric])]
    words += [text(x, 42, told, "center") for x, told in with_room(marked, width)]
    largest = float(np.nanmax(square))
    if largest > end and is_wide:
        beyond = f"darkest: {value_text(metric, end)} to {value_text(metric, largest)}"
        words.append(text(right + 46, 27, beyond))
    return image(data_address(scale), left, 22, right, 32) + texts(words)


def _columns(rows: Sequence[Row], cell: int, left: float, bottom: float) -> list[Specification]:
    """Columns have numbers if all rows have text; narrow columns have turned numbers."""
    if cell < LINE:
        return texts([text(left, bottom + 14, COLUMNS)])
    return texts(
        rows,
        then=found_by(x=f"{left} + (datum.row + 0.5) * {cell}"),
        channels={"number": "text"},
        at={"y": bottom + 14},
        align="center",
        angle=0 if cell >= UPRIGHT else -90,
        opacity=0.75,
    )


def _dendrogram(drawn: Drawn, cell: int, left: float) -> list[Specification]:
    """Clusters grow to the right; each fork stands at the distance at which its two parts join.

    Far forks stand, dotted, at the end.
    """
    arrangement = drawn.arrangement
    count = len(arrangement.order)
    end = tree_end(drawn)
    rows = {member: TOP + (row + 0.5) * cell for row, member in enumerate(arrangement.order)}
    reached, sizes = dict.fromkeys(rows, 0.0), dict.fromkeys(rows, 1)

    def across(distance: float) -> float:
        return left + TREE_WIDTH * (distance / end if distance <= end else 1.04)

    forks: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for number, merge in enumerate(arrangement.merges, start=count):
        x, y, y2 = across(merge.height), rows[merge.left], rows[merge.right]
        sizes[number] = sizes[merge.left] + sizes[merge.right]
        tip = {"l2": numbers.small(merge.height), "size": sizes[number]}
        forks[merge.height > end] += [
            {"x": across(reached[merge.left]), "y": y, "x2": x, "y2": y} | tip,
            {"x": across(reached[merge.right]), "y": y2, "x2": x, "y2": y2} | tip,
            {"x": x, "y": y, "x2": x, "y2": y2} | tip,
        ]
        rows[number] = (y + y2) / 2
        reached[number] = merge.height
    bottom, values = TOP + count * cell, ticks(end)[::2]
    thin = min(1.0, cell / FULL_WIDTH)
    return [
        *grid((across(value), TOP, across(value), bottom + 4) for value in values),
        *marks("rule", forks[False], FORK_TIPS, strokeWidth=thin),
        *marks("rule", forks[True], FORK_TIPS, strokeWidth=thin, strokeDash=[2, 2]),
        *texts(text(across(value), bottom + 14, f"{value:g}", "center") for value in values),
        *texts([text(left, bottom + 32, "Mean L2 at which clusters join")]),
    ]
