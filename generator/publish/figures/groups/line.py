"""Distances of a component from one member -> a line plot, the nearest first."""

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from generator.networks.palette import component_colour
from generator.publish.figures import svg
from generator.publish.figures.groups.canvas import INK, new_figure, pixel_axes, styled
from generator.publish.figures.groups.rows import LABELS_WIDTH, label_rows, row_height, write
from generator.publish.figures.groups.scales import axis_end, ticks
from generator.publish.pages.groups.components import Drawn
from generator.text import numbers

TOP, BOTTOM = 44, 10
# Room at the right for the numbers, in a column that no line crosses: `0.00000123`.
VALUE_WIDTH = 96
# The line joins neighbours in the order, which are no relatives: it stands back behind the points.
LINE_STRENGTH = 0.4


def from_base(drawn: Drawn) -> list[int]:
    """The other members, the nearest to the base first, in the order of the group where equal."""
    distances = drawn.distances[drawn.base]
    others = [member for member in range(len(distances)) if member != drawn.base]
    return sorted(others, key=lambda member: (distances[member], member))


@styled
def line_plot(drawn: Drawn) -> Figure:
    """A row per member with its distance from the base, as a point of one profile and in figures.

    Those that are far are arrows at the end of the axis.
    """
    order = from_base(drawn)
    height = row_height(len(order))
    bottom = TOP + len(order) * height
    figure = new_figure(svg.WIDTH, bottom + BOTTOM)
    paper = pixel_axes(figure)
    label_rows(paper, [drawn.labels[member] for member in order], TOP, height)
    values = drawn.distances[drawn.base, order]
    end = axis_end(values)
    scale = (svg.WIDTH - LABELS_WIDTH - VALUE_WIDTH) / end
    _grid(paper, end, scale, bottom)
    near = [row for row, value in enumerate(values) if value <= end]
    x = [LABELS_WIDTH + min(value, end) * scale for value in values.tolist()]
    y = [TOP + (row + 0.5) * height for row in range(len(order))]
    colour = component_colour(drawn.name)
    beyond = [row for row in range(len(order)) if row not in near]
    paper.add_collection(
        LineCollection(
            [[(x[row], y[row]) for row in near]],
            colors=colour,
            linewidths=1.5,
            alpha=LINE_STRENGTH,
        )
    )
    for rows, style in ((near, "o"), (beyond, ">")):
        paper.plot(
            [x[row] for row in rows],
            [y[row] for row in rows],
            style,
            color=colour,
            markersize=6,
            clip_on=False,
        )
    for row, value in zip(y, values.tolist(), strict=True):
        write(paper, svg.WIDTH - 4, row, numbers.significant(value), ha="right")
    return figure


def _grid(paper: Axes, largest: float, scale: float, bottom: float) -> None:
    places = {value: LABELS_WIDTH + value * scale for value in ticks(largest)}
    lines = [[(x, TOP - 4), (x, bottom)] for x in places.values()]
    paper.add_collection(LineCollection(lines, colors=INK, linewidths=0.8, alpha=0.16))
    for value, x in places.items():
        write(paper, x, TOP - 14, f"{value:g}", ha="center")
    write(paper, LABELS_WIDTH, 10, "L2 distance")
