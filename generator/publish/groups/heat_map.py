"""Distances of a component -> a heat map in the order of its dendrogram, which stands beside it."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from generator.publish import numbers, svg
from generator.publish.groups.canvas import INK, new_axes, new_figure, pixel_axes, styled
from generator.publish.groups.components import Drawn
from generator.publish.groups.rows import LABELS_WIDTH, label_rows, row_height, write
from generator.publish.groups.scales import COLOURS, colour_scale, reach, ticks

TOP = 56
BOTTOM = 26
MAP_WIDTH = 640
TREE_LEFT = LABELS_WIDTH + MAP_WIDTH + 6
TREE_WIDTH = svg.WIDTH - TREE_LEFT - 24
BAR_WIDTH = 300
# Columns narrower than this have no room for their numbers.
NUMBERED = 24


@styled
def heat_map(drawn: Drawn) -> Figure:
    """Rows and columns are the members in one order; the dendrogram tells at which mean distance
    clusters join."""
    order = list(drawn.arrangement.order)
    count, height = len(order), row_height(len(order))
    figure = new_figure(svg.WIDTH, TOP + count * height + BOTTOM)
    paper = pixel_axes(figure)
    label_rows(paper, [drawn.labels[member] for member in order], TOP, height)
    end = reach(drawn.distances)
    cells = new_axes(figure, LABELS_WIDTH, TOP, MAP_WIDTH, count * height)
    show_cells(cells, drawn.distances[np.ix_(order, order)], end)
    colour_bar(paper, figure, "L2 distance", end, float(drawn.distances.max()))
    pitch = MAP_WIDTH / count
    foot = TOP + count * height + 14
    if pitch >= NUMBERED:
        for column, member in enumerate(order):
            x = LABELS_WIDTH + (column + 0.5) * pitch
            write(paper, x, foot, str(drawn.labels[member].number), ha="center", alpha=0.75)
    else:
        write(paper, LABELS_WIDTH, foot, "Columns are in the order of the rows.", alpha=0.75)
    _dendrogram(paper, drawn, height)
    return figure


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


def _dendrogram(paper: Axes, drawn: Drawn, height: float) -> None:
    """Clusters grow to the right; each fork stands at the distance at which its two parts join.

    Forks that are far stand, dotted, at the end.
    """
    arrangement = drawn.arrangement
    count = len(arrangement.order)
    end = tree_end(drawn)
    rows = {member: TOP + (row + 0.5) * height for row, member in enumerate(arrangement.order)}
    reached = dict.fromkeys(rows, 0.0)

    def across(distance: float) -> float:
        return TREE_LEFT + TREE_WIDTH * (distance / end if distance <= end else 1.04)

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
    bottom, marks = TOP + count * height, ticks(end)[::2]
    lines = [[(across(value), TOP - 4), (across(value), bottom)] for value in marks]
    paper.add_collection(LineCollection(lines, colors=INK, linewidths=0.8, alpha=0.16))
    for value in marks:
        write(paper, across(value), TOP - 14, f"{value:g}", ha="center")
    write(paper, TREE_LEFT, 10, "Mean L2 at which clusters join")
