"""Distances of a component -> a heat map in the order of its dendrogram, which stands beside it.

Cells are squares. Of many members, as many are named as have room, and hovering tells the others.
"""

import math
from collections.abc import Iterator

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from generator.publish.figures import svg
from generator.publish.figures.groups.canvas import INK, new_axes, new_figure, pixel_axes, styled
from generator.publish.figures.groups.rows import LABELS_WIDTH, label_row, write
from generator.publish.figures.groups.scales import COLOURS, colour_scale, reach, ticks
from generator.publish.pages.groups.components import Drawn
from generator.text import numbers

TOP = 56
BOTTOM = 44
# The side of the map, and of one of its cells, in pixels. Up to so many members, each has its name.
MAP_WIDTH, PREFERRED_WIDTH = 640, 448
ALL_NAMED = 45
LEAST_CELL, LARGEST_CELL = 2, 40
# Text of 12 px takes so much.
LINE = 14
TREE_GAP = 6
TREE_WIDTH = svg.WIDTH - LABELS_WIDTH - MAP_WIDTH - TREE_GAP - 24
BAR_WIDTH = 300
# In columns narrower than this, numbers are turned.
UPRIGHT = 24
# Where they are too narrow for numbers.
COLUMNS = "Columns are in the order of the rows."


@styled
def heat_map(drawn: Drawn) -> Figure:
    """Rows and columns are the members in one order; the dendrogram tells at which mean distance
    clusters join."""
    order = list(drawn.arrangement.order)
    cell = cell_size(len(order))
    side = cell * len(order)
    figure = new_figure(svg.WIDTH, TOP + side + BOTTOM)
    paper = pixel_axes(figure)
    for row in named_rows(len(order), cell):
        label_row(paper, drawn.labels[order[row]], TOP + (row + 0.5) * cell)
    end = reach(drawn.distances)
    cells = new_axes(figure, LABELS_WIDTH, TOP, side, side)
    show_cells(cells, drawn.distances[np.ix_(order, order)], end)
    colour_bar(paper, figure, "L2 distance", end, float(drawn.distances.max()))
    if cell >= LINE:
        for column, member in enumerate(order):
            x, number = LABELS_WIDTH + (column + 0.5) * cell, str(drawn.labels[member].number)
            turn = 0 if cell >= UPRIGHT else 90
            write(paper, x, TOP + side + 14, number, ha="center", alpha=0.75, rotation=turn)
    else:
        write(paper, LABELS_WIDTH, TOP + side + 14, COLUMNS, alpha=0.75)
    _dendrogram(paper, drawn, cell)
    return figure


def cell_size(members: int) -> int:
    """The side of a cell in pixels: whole ones, so that there are no seams between cells."""
    if members <= ALL_NAMED:
        return min(LARGEST_CELL, max(LINE, PREFERRED_WIDTH // members))
    return max(LEAST_CELL, MAP_WIDTH // members)


def named_rows(members: int, cell: int) -> range:
    """The rows that are named: all, or as many of them, evenly, as have room for text."""
    return range(0, members, math.ceil(LINE / cell))


def row_titles(drawn: Drawn) -> Iterator[Markup]:
    """What hovering over a row without a script tells: who it is."""
    cell, order = cell_size(len(drawn.labels)), drawn.arrangement.order
    for row, member in enumerate(order):
        label = drawn.labels[member]
        yield svg.element(
            "rect",
            [svg.element("title", f"{label.whole}, number {label.number}")],
            x=0,
            y=TOP + row * cell,
            width=LABELS_WIDTH + cell * len(order),
            height=cell,
            fill="none",
            pointer_events="all",
        )


def show_cells(axes: Axes, values: np.ndarray, end: float) -> None:
    """One rectangle a value, as an image of one pixel each that grows with the figure."""
    colours = COLOURS(colour_scale(end)(values), bytes=True)
    axes.imshow(colours, interpolation="none", aspect="auto")
    axes.set_axis_off()


def colour_bar(paper: Axes, figure: Figure, label: str, end: float, largest: float) -> None:
    """The scale of colours above the map; says so where values beyond its end have its colour."""
    bar = new_axes(figure, LABELS_WIDTH, 22, BAR_WIDTH, 10)
    show_cells(bar, np.linspace(0, end, 128)[None], end)
    write(paper, LABELS_WIDTH, 10, label)
    for value in ticks(end):
        x = LABELS_WIDTH + BAR_WIDTH * value / end
        write(paper, x, 42, f"{value:g}", ha="center")
    if largest > end:
        beyond = f"darkest: {numbers.significant(end)} to {numbers.significant(largest)}"
        write(paper, LABELS_WIDTH + BAR_WIDTH + 26, 27, beyond)


def tree_end(drawn: Drawn) -> float:
    """The height of the tallest fork that is not far, by the scale of all distances."""
    end = reach(drawn.distances)
    heights = (merge.height for merge in drawn.arrangement.merges)
    return max((height for height in heights if 0 < height <= end), default=end)


def _dendrogram(paper: Axes, drawn: Drawn, cell: int) -> None:
    """Clusters grow to the right; each fork stands at the distance at which its two parts join.

    Forks that are far stand, dotted, at the end.
    """
    arrangement = drawn.arrangement
    count = len(arrangement.order)
    end = tree_end(drawn)
    left = LABELS_WIDTH + cell * count + TREE_GAP
    rows = {member: TOP + (row + 0.5) * cell for row, member in enumerate(arrangement.order)}
    reached = dict.fromkeys(rows, 0.0)

    def across(distance: float) -> float:
        return left + TREE_WIDTH * (distance / end if distance <= end else 1.04)

    forks: dict[bool, list[list[tuple[float, float]]]] = {False: [], True: []}
    for number, merge in enumerate(arrangement.merges, start=count):
        x = across(merge.height)
        forks[merge.height > end].append(
            [
                (across(reached[merge.left]), rows[merge.left]),
                (x, rows[merge.left]),
                (x, rows[merge.right]),
                (across(reached[merge.right]), rows[merge.right]),
            ]
        )
        rows[number] = (rows[merge.left] + rows[merge.right]) / 2
        reached[number] = merge.height
    for is_far, style in ((False, "solid"), (True, "dotted")):
        paper.add_collection(
            LineCollection(forks[is_far], colors=INK, linewidths=1, linestyles=style)
        )
    bottom, marks = TOP + count * cell, ticks(end)[::2]
    lines = [[(across(value), TOP), (across(value), bottom + 4)] for value in marks]
    paper.add_collection(LineCollection(lines, colors=INK, linewidths=0.8, alpha=0.16))
    for value in marks:
        write(paper, across(value), bottom + 14, f"{value:g}", ha="center")
    write(paper, left, bottom + 32, "Mean L2 at which clusters join")
