"""Members in a layout -> the places of their points, labels and rulers in the figure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from generator.publish.figures import svg
from generator.publish.figures.groups.distances import FAR, ticks
from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.placing import LabelBox, Line, Placed, Wanted, place_texts
from generator.publish.figures.text_width import cut, text_width
from generator.records.arrays import Floats
from generator.text import numbers

MARGIN_TOP, MARGIN_BOTTOM = 40, 56
LOWEST = 100.0
RADIUS = 4.5
# A close-up of fewer members would show no more than the table.
FEWEST = 4


class MapFrame(NamedTuple):
    """The space for a map, in pixels: its width, the room for names at both sides, the maximum
    height of its points, and the width at which names are cut."""

    width: int
    margin: int
    highest: float
    name_width: int


# For desktop and phone.
WIDE = MapFrame(svg.WIDTH, 90, 800.0, 170)
NARROW = MapFrame(svg.NARROW_WIDTH, 20, 420.0, 110)


class Spot(NamedTuple):
    """Members at one point of a panel, in pixels from the upper left corner of the figure, and the
    label of the first, if there is room for one: its name (text 0) or its number (text 1), with
    `more`, the number of equal members."""

    members: list[int]
    x: float
    y: float
    more: str
    placed: Placed | None


class Ruler(NamedTuple):
    """A length of the drawing, with its distance."""

    y: float
    left: float
    right: float
    text: str


class Panel(NamedTuple):
    """A part of the figure, from `top` to `bottom`, with some of the members. It has a ruler if
    lengths represent distances."""

    title: str
    top: float
    bottom: float
    spots: list[Spot]
    ruler: Ruler | None


class GraphPlan(NamedTuple):
    """The places of everything: all members, and below them a close-up if some are far away."""

    frame: MapFrame
    panels: list[Panel]

    @property
    def height(self) -> float:
        """Height of the figure in pixels."""
        return self.panels[-1].bottom

    @property
    def has_numbers(self) -> bool:
        """Whether some labels had room only for a number."""
        return any(
            spot.placed and spot.placed.text for panel in self.panels for spot in panel.spots
        )


def edges_of(drawn: Drawn) -> list[tuple[int, int, float, bool]]:
    """Edges of the minimum spanning tree and to nearest neighbours: two members, the distance, and
    whether one of the two is the other's nearest."""
    nearest = {frozenset((edge.a, edge.b)) for edge in drawn.arrangement.nearest}
    both = (*drawn.arrangement.tree, *drawn.arrangement.nearest)
    ends = sorted({(min(edge.a, edge.b), max(edge.a, edge.b)) for edge in both})
    # The lengths of the edges are rounded.
    return [(a, b, float(drawn.distances[a, b]), frozenset((a, b)) in nearest) for a, b in ends]


def plan_graph(drawn: Drawn, layout: str, frame: MapFrame = WIDE) -> GraphPlan:
    """Points of a layout spread over the width of a frame, and the labels that fit.

    If its lengths stand for distances, both directions have the same scale.
    """
    keeps_lengths = layout == "stress"
    everyone = list(range(len(drawn.labels)))
    positions = positions_of(drawn, layout)
    whole = _plan_panel(drawn, positions, everyone, keeps_lengths, "", 0, frame)
    near = close_up(drawn)
    if not near:
        return GraphPlan(frame, [whole])
    title = f"Close-up of {len(near)}"
    below = _plan_panel(drawn, positions, near, keeps_lengths, title, whole.bottom, frame)
    return GraphPlan(frame, [whole, below])


def positions_of(drawn: Drawn, layout: str) -> Floats:
    """The positions of the members in one of the layouts, M x 2."""
    found = {one.name: one.positions for one in drawn.arrangement.layouts}
    return np.array(found[layout])


def close_up(drawn: Drawn) -> list[int]:
    """The members that are not far from their nearest neighbours; empty if the map needs no
    close-up of them."""
    typical = float(np.percentile(drawn.distances[drawn.distances > 0], 75))
    lengths = [edge.length for edge in drawn.arrangement.nearest]
    near = [member for member, length in enumerate(lengths) if length <= FAR * typical]
    return near if FEWEST <= len(near) < len(lengths) else []


def _plan_panel(
    drawn: Drawn,
    positions: Floats,
    members: Sequence[int],
    keeps_lengths: bool,
    title: str,
    top: float,
    frame: MapFrame,
) -> Panel:
    chosen = positions[members]
    low, extent = chosen.min(axis=0), np.ptp(chosen, axis=0)
    highest = frame.highest if keeps_lengths else frame.highest / 2
    room = np.array([frame.width - 2 * frame.margin, highest])
    scales = room / np.where(extent > 0, extent, np.inf)
    if keeps_lengths:
        scales = np.repeat(scales[scales > 0].min(initial=np.inf), 2)
    scales = np.where(np.isfinite(scales), scales, 0)
    size = extent * scales
    height = max(LOWEST, float(size[1]))
    inset = (np.array([frame.width, height]) - size) / 2
    x = inset[0] + (chosen[:, 0] - low[0]) * scales[0]
    y = top + MARGIN_TOP + height - inset[1] - (chosen[:, 1] - low[1]) * scales[1]
    bottom = top + MARGIN_TOP + height + MARGIN_BOTTOM
    area = LabelBox(4, top + (22 if title else 4), frame.width - 4, bottom - MARGIN_BOTTOM + 24)
    at: dict[tuple[float, float], list[int]] = {}
    for member, point in zip(members, zip(x.tolist(), y.tolist(), strict=True), strict=True):
        at.setdefault(point, []).append(member)
    spots = _label_spots(drawn, at, area, frame)
    if not keeps_lengths or not scales[0]:
        return Panel(title, top, bottom, spots, None)
    return Panel(title, top, bottom, spots, _ruler(bottom, float(scales[0]), frame))


def _ruler(bottom: float, scale: float, frame: MapFrame) -> Ruler:
    """A round length of about a fifth of the width; `scale` is pixels per unit of distance."""
    value = ticks(frame.width / 5 / scale)[-1]
    text = f"L2 {numbers.significant(value)}"
    return Ruler(bottom - 16, 16.0, 16 + value * scale, text)


def _label_spots(
    drawn: Drawn, at: dict[tuple[float, float], list[int]], area: LabelBox, frame: MapFrame
) -> list[Spot]:
    """Names and numbers; the base first, then the others, the farthest from its nearest neighbour
    first."""
    points, groups = list(at), [_base_first(drawn, members) for members in at.values()]
    apart = [max(drawn.arrangement.nearest[one].length for one in members) for members in groups]
    order = sorted(
        range(len(points)),
        key=lambda place: (groups[place][0] != drawn.base, -apart[place], place),
    )
    more = [f" ({len(members)} equal)" if len(members) > 1 else "" for members in groups]
    wanted = []
    for (x, y), members, others in zip(points, groups, more, strict=True):
        label = drawn.labels[members[0]]
        name, number = cut(label.text, frame.name_width) + others, str(label.number) + others
        wanted.append(Wanted(x, y, (text_width(name), text_width(number))))
    places = {member: point for point, members in at.items() for member in members}
    lines = [
        Line(*places[a], *places[b])
        for a, b, _, _ in edges_of(drawn)
        if a in places and b in places and places[a] != places[b]
    ]
    placed = place_texts(wanted, order, area, RADIUS, lines)
    return [
        Spot(members, x, y, others, text)
        for members, (x, y), others, text in zip(groups, points, more, placed, strict=True)
    ]


def _base_first(drawn: Drawn, members: list[int]) -> list[int]:
    return sorted(members, key=lambda member: (member != drawn.base, member))
