"""The distances of many checkpoints -> a heat map in the order of its dendrogram."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generator.plots.style import DISTANCES, INK, LINE, QUIET, TEXT, bare, name_of, new_figure
from generator.records import Merge
from generator.records.arrays import Floats
from generator.text.numbers import significant
from generator.text.plots import L2, matrix_title, not_shown

# Cells large enough for a number: up to so many members.
MOST_NUMBERED = 17
# Inches: of the side of the smallest and largest heat map's cells, and of the dendrogram.
SMALLEST_CELL, LARGEST_CELL = 0.16, 0.6
WHOLE, TREE = 9.0, 1.0
SCALE_HEIGHT = 0.12


def heat_map(
    component: str,
    names: Sequence[str],
    distances: Floats,
    order: Sequence[int],
    merges: Sequence[Merge],
    left_out: Sequence[str],
) -> Figure:
    """The L2 `distances` (N x N) of the members `names` in one component.

    `order` and `merges` are those of `clusters`; `left_out` are members that cannot be compared.
    """
    count = len(names)
    cell = min(max(WHOLE / count, SMALLEST_CELL), LARGEST_CELL)
    side = cell * count
    tree = min(TREE, side / 3)
    figure = new_figure(side + tree + 3.5, side + 3.0 + LINE * (2 + len(left_out)))
    grid = figure.add_gridspec(
        2, 2, width_ratios=(tree, side), height_ratios=(side, SCALE_HEIGHT), wspace=0, hspace=0.02
    )
    map_axes = figure.add_subplot(grid[0, 1])
    tree_axes = figure.add_subplot(grid[0, 0])
    shown = distances[np.ix_(order, order)]
    # Equal members are not coloured.
    image = map_axes.imshow(
        np.where(shown > 0, shown, np.nan), cmap=DISTANCES, vmin=0, vmax=float(distances.max())
    )
    map_axes.set_aspect("auto")
    _labels(map_axes, [name_of(names[member]) for member in order])
    if count <= MOST_NUMBERED:
        _numbers(map_axes, shown)
    _dendrogram(tree_axes, order, merges)
    scale = figure.colorbar(
        image, cax=figure.add_subplot(grid[1, 1]), orientation="horizontal", label=L2
    )
    scale.outline.set_visible(False)
    figure.suptitle(
        matrix_title(component, count),
        fontsize=TEXT + 1,
        x=0.02,
        ha="left",
    )
    if left_out:
        note = not_shown([name_of(name) for name in left_out])
        figure.supxlabel(note, x=0.02, ha="left", fontsize=TEXT - 1, color=QUIET)
    return figure


def _labels(axes: Axes, names: Sequence[str]) -> None:
    places = range(len(names))
    axes.set_yticks(places, names)
    axes.yaxis.tick_right()
    axes.set_xticks(places, names, rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=2)
    axes.spines[:].set_visible(False)


def _numbers(axes: Axes, shown: Floats) -> None:
    """The distances in the cells; dark ones have light text."""
    largest = float(shown.max())
    for row, column in np.ndindex(shown.shape):
        value = float(shown[row, column])
        colour = "white" if value > 0.55 * largest else INK
        text = significant(value) if value else ("" if row == column else "0")
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=TEXT - 2)


def _dendrogram(axes: Axes, order: Sequence[int], merges: Sequence[Merge]) -> None:
    """Leaves beside the rows of the heat map, the root on the left."""
    place: list[float] = [float(order.index(member)) for member in range(len(order))]
    height = [0.0] * len(order)
    for merge in merges:
        ends = [merge.left, merge.right]
        y = [place[end] for end in ends]
        x = [height[end] for end in ends]
        axes.plot(
            [x[0], merge.height, merge.height, x[1]],
            [y[0], y[0], y[1], y[1]],
            color=QUIET,
            linewidth=0.8,
            solid_joinstyle="miter",
        )
        place.append(sum(y) / 2)
        height.append(merge.height)
    axes.set_xlim(max(height) * 1.03 or 1, 0)
    axes.set_ylim(len(order) - 0.5, -0.5)
    bare(axes)
