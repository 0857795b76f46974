"""Distances of a component from one member -> a line plot, the nearest first."""

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from generator.palette import component_colour
from generator.publish import numbers, svg
from generator.publish.groups.canvas import INK, new_figure, pixel_axes, styled
from generator.publish.groups.components import Drawn
from generator.publish.groups.rows import LABELS_WIDTH, label_rows, row_height, write
from generator.publish.groups.scales import reach, ticks

TOP, BOTTOM = 44, 10
# Room for the number beside the last point.
VALUE_WIDTH = 76


def from_base(drawn: Drawn) -> list[int]:
    """The other members, the nearest to the base first, in the order of the group where equal."""
    distances = drawn.distances[drawn.base]
    others = [member for member in range(len(distances)) if member != drawn.base]
    return sorted(others, key=lambda member: (distances[member], member))


@styled
def line_plot(drawn: Drawn) -> Figure:
    """A row per member with its distance from the base, as a point on one line and in figures.

    Those that are far are arrows at the end of the axis.
    """
    order = from_base(drawn)
    height = row_height(len(order))
    bottom = TOP + len(order) * height
    figure = new_figure(svg.WIDTH, bottom + BOTTOM)
    paper = pixel_axes(figure)
    label_rows(paper, [drawn.labels[member] for member in order], TOP, height)
    values = drawn.distances[drawn.base, order]
    end = reach(values)
    scale = (svg.WIDTH - LABELS_WIDTH - VALUE_WIDTH) / end
    _grid(paper, end, scale, bottom)
    near = [row for row, value in enumerate(values) if value <= end]
    x = [LABELS_WIDTH + min(value, end) * scale for value in values.tolist()]
    y = [TOP + (row + 0.5) * height for row in range(len(order))]
    colour = component_colour(drawn.name)
    beyond = [row for row in range(len(order)) if row not in near]
    for rows, style in ((near, "o-"), (beyond, ">")):
        paper.plot(
            [x[row] for row in rows],
            [y[row] for row in rows],
            style,
            color=colour,
            markersize=6,
            linewidth=1.5,
            clip_on=False,
        )
    for at, row, value in zip(x, y, values.tolist(), strict=True):
        write(paper, at + 8, row, numbers.significant(value))
    return figure


def _grid(paper: Axes, largest: float, scale: float, bottom: float) -> None:
    places = {value: LABELS_WIDTH + value * scale for value in ticks(largest)}
    lines = [[(x, TOP - 4), (x, bottom)] for x in places.values()]
    paper.add_collection(LineCollection(lines, colors=INK, linewidths=0.8, alpha=0.16))
    for value, x in places.items():
        write(paper, x, TOP - 14, f"{value:g}", ha="center")
    write(paper, LABELS_WIDTH, 10, "L2 distance")
