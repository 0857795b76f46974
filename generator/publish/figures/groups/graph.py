"""Members as points and the shortest edges that join them all -> a drawing, in either layout."""

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from generator.networks.palette import component_colour
from generator.publish.figures.groups.canvas import INK, new_figure, pixel_axes, styled
from generator.publish.figures.groups.graph_plan import (
    RADIUS,
    Frame,
    Panel,
    Plan,
    Ruler,
    Spot,
    edges_of,
)
from generator.publish.figures.groups.placing import Placed
from generator.publish.figures.groups.rows import add_name, write
from generator.publish.pages.groups.components import Drawn


@styled
def graph(drawn: Drawn, plan: Plan) -> Figure:
    """The edges of the minimum spanning tree, strong where they lead to a nearest neighbour."""
    figure = new_figure(plan.frame.width, plan.height)
    paper = pixel_axes(figure)
    for panel in plan.panels:
        _draw_panel(paper, drawn, panel, plan.frame)
    return figure


def _draw_panel(paper: Axes, drawn: Drawn, panel: Panel, frame: Frame) -> None:
    places = {member: (spot.x, spot.y) for spot in panel.spots for member in spot.members}
    edges = [edge for edge in edges_of(drawn) if edge[0] in places and edge[1] in places]
    for is_nearest, width, alpha in ((False, 1.0, 0.45), (True, 2.2, 0.6)):
        lines = [[places[a], places[b]] for a, b, _, nearest in edges if nearest is is_nearest]
        paper.add_collection(LineCollection(lines, colors=INK, linewidths=width, alpha=alpha))
    colour = component_colour(drawn.name)
    x, y = zip(*places.values(), strict=True)
    paper.plot(x, y, "o", color=colour, markersize=2 * RADIUS, clip_on=False)
    if drawn.base in places:
        ring = places[drawn.base]
        paper.plot(*ring, "o", mfc="none", mec=INK, markersize=2 * RADIUS + 6, clip_on=False)
    for spot in panel.spots:
        if spot.placed:
            _write_label(paper, drawn, spot, spot.placed, frame)
    if panel.title:
        write(paper, 16, panel.top + 10, panel.title)
    if panel.ruler:
        _draw_ruler(paper, panel.ruler)


def _write_label(paper: Axes, drawn: Drawn, spot: Spot, placed: Placed, frame: Frame) -> None:
    """A text at the side of its point, whatever the font: so it begins, ends or has its middle
    where the side says."""
    left, top, right, bottom = placed.box
    x, align = {"right": (left, "left"), "left": (right, "right")}.get(
        placed.side, ((left + right) / 2, "center")
    )
    label, y = drawn.labels[spot.members[0]], (top + bottom) / 2
    if placed.text == 0:
        add_name(paper, x, y, label, frame.name_width, spot.more, ha=align)
    else:
        write(paper, x, y, str(label.number) + spot.more, ha=align)


def _draw_ruler(paper: Axes, ruler: Ruler) -> None:
    y, left, right = ruler.y, ruler.left, ruler.right
    lines = [
        [(left, y), (right, y)],
        [(left, y - 4), (left, y + 4)],
        [(right, y - 4), (right, y + 4)],
    ]
    paper.add_collection(LineCollection(lines, colors=INK, linewidths=1.2))
    write(paper, right + 8, y, ruler.text)
