"""Members as points and the shortest edges that join them all -> a drawing, in either layout."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from generator.palette import COMPONENT_COLOURS
from generator.publish import numbers, svg
from generator.publish.groups.canvas import INK, cut, new_figure, pixel_axes, styled, text_width
from generator.publish.groups.components import Drawn
from generator.publish.groups.placing import Box, Placed, Wanted, place_texts
from generator.publish.groups.rows import add_name, write
from generator.publish.groups.scales import ticks
from generator.records import Layout

MARGIN_X, MARGIN_TOP, MARGIN_BOTTOM = 90, 24, 56
HEIGHTS = (260.0, 860.0)
NAME_WIDTH = 170
RADIUS = 4.5
# Up to this many members there is room for lengths at the edges.
FEW = 30


class Plan(NamedTuple):
    """Where everything stands, in pixels from the upper left corner.

    `texts[i]` is the label of point i, if there is room for one: its name, or else its number.
    `scale` is pixels per unit of distance, 0 where lengths mean nothing.
    """

    height: float
    points: list[tuple[float, float]]
    texts: list[Placed | None]
    scale: float


def plan_graph(drawn: Drawn, layout: Layout, keeps_lengths: bool) -> Plan:
    """Points of `layout` spread over the width of a page, and the labels that find room.

    With `keeps_lengths` both directions have one scale.
    """
    positions = np.array(layout.positions)
    low, extent = positions.min(axis=0), np.ptp(positions, axis=0)
    extent = np.where(extent > 0, extent, 1)
    room = svg.WIDTH - 2 * MARGIN_X
    if keeps_lengths:
        across = min(room / extent[0], (HEIGHTS[1] - MARGIN_TOP - MARGIN_BOTTOM) / extent[1])
        scales = np.array([across, across])
    else:
        scales = np.array([room, 480]) / extent
    size = np.ptp(positions, axis=0) * scales
    height = max(HEIGHTS[0], float(size[1]) + MARGIN_TOP + MARGIN_BOTTOM)
    inset = (svg.WIDTH - size[0]) / 2, (height + MARGIN_TOP - MARGIN_BOTTOM - size[1]) / 2
    x = inset[0] + (positions[:, 0] - low[0]) * scales[0]
    y = height - (inset[1] + MARGIN_BOTTOM - MARGIN_TOP + (positions[:, 1] - low[1]) * scales[1])
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    return Plan(
        height=height,
        points=points,
        texts=_texts(drawn, points, height),
        scale=float(scales[0]) if keeps_lengths else 0.0,
    )


@styled
def graph(drawn: Drawn, plan: Plan) -> Figure:
    """The edges of the minimum spanning tree, strong where they lead to a nearest neighbour."""
    figure = new_figure(svg.WIDTH, plan.height)
    paper = pixel_axes(figure)
    nearest = {frozenset((edge.a, edge.b)) for edge in drawn.arrangement.nearest}
    edges = {frozenset((edge.a, edge.b)) for edge in drawn.arrangement.tree} | nearest
    for is_nearest, width, alpha in ((False, 1.0, 0.45), (True, 2.2, 0.6)):
        lines = [
            [plan.points[member] for member in sorted(edge)]
            for edge in sorted(edges, key=sorted)
            if (edge in nearest) is is_nearest
        ]
        paper.add_collection(LineCollection(lines, colors=INK, linewidths=width, alpha=alpha))
    _points(paper, drawn, plan)
    for label, placed in zip(drawn.labels, plan.texts, strict=True):
        if placed:
            x, align = _anchor(placed)
            y = (placed.box.top + placed.box.bottom) / 2
            if placed.text == 0:
                add_name(paper, x, y, label, NAME_WIDTH, ha=align)
            else:
                write(paper, x, y, str(label.number), ha=align)
    if plan.scale:
        _ruler(paper, drawn, plan)
    return figure


def _texts(drawn: Drawn, points: list[tuple[float, float]], height: float) -> list[Placed | None]:
    """Names and numbers; the base first, then whoever is farthest from its nearest neighbour.

    Of members in one point only the first has a label.
    """
    apart = [edge.length for edge in drawn.arrangement.nearest]
    order = sorted(range(len(points)), key=lambda n: (n != drawn.base, -apart[n], n))
    seen: set[tuple[float, float]] = set()
    first = []
    for number in order:
        if points[number] not in seen:
            seen.add(points[number])
            first.append(number)
    wanted = [
        Wanted(
            *points[number],
            (
                text_width(cut(label.text, NAME_WIDTH)),
                text_width(str(label.number)),
            ),
        )
        for number, label in enumerate(drawn.labels)
    ]
    area = Box(4, 4, svg.WIDTH - 4, height - MARGIN_BOTTOM + 16)
    return place_texts(wanted, first, area, RADIUS)


def _anchor(placed: Placed) -> tuple[float, str]:
    """Where a text begins, ends or has its middle: at the side of its point, whatever the font."""
    left, _, right, _ = placed.box
    if placed.side == "right":
        return left, "left"
    return (right, "right") if placed.side == "left" else ((left + right) / 2, "center")


def _points(paper: Axes, drawn: Drawn, plan: Plan) -> None:
    colour = COMPONENT_COLOURS.get(drawn.name, COMPONENT_COLOURS["other"])
    x, y = zip(*plan.points, strict=True)
    paper.plot(x, y, "o", color=colour, markersize=2 * RADIUS, clip_on=False)
    at = plan.points[drawn.base]
    paper.plot(*at, "o", mfc="none", mec=INK, markersize=2 * RADIUS + 6, clip_on=False)


def _ruler(paper: Axes, drawn: Drawn, plan: Plan) -> None:
    """A length of the drawing, with the distance that it stands for."""
    largest = float(drawn.distances.max())
    value = ticks(largest / 4)[-1]
    y, left, right = plan.height - 22, 16.0, 16 + value * plan.scale
    lines = [
        [(left, y), (right, y)],
        [(left, y - 4), (left, y + 4)],
        [(right, y - 4), (right, y + 4)],
    ]
    paper.add_collection(LineCollection(lines, colors=INK, linewidths=1.2))
    write(paper, right + 8, y, f"L2 {numbers.significant(value)}")
