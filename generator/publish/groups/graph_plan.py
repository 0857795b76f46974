"""Members in a layout -> where their points, labels and rulers stand on the page."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from generator.arrays import Floats
from generator.publish import numbers, svg
from generator.publish.groups.canvas import cut, text_width
from generator.publish.groups.components import Drawn
from generator.publish.groups.placing import Box, Placed, Wanted, place_texts
from generator.publish.groups.scales import FAR, ticks
from generator.records import Layout

MARGIN_X, MARGIN_TOP, MARGIN_BOTTOM = 90, 40, 56
LOWEST, HIGHEST = 100.0, 800.0
NAME_WIDTH = 170
RADIUS = 4.5
# A close-up of fewer would say no more than the table.
FEWEST = 4
# As many members of equal content are listed after a name.
LISTED = 3


class Spot(NamedTuple):
    """Members in one point of a panel, in pixels from the upper left corner of the figure, and the
    label of the first, if there is room for one: its name (text 0) or its number (text 1), with the
    numbers of the others."""

    members: list[int]
    x: float
    y: float
    more: str
    placed: Placed | None


class Ruler(NamedTuple):
    """A length of the drawing, with the distance that it stands for."""

    y: float
    left: float
    right: float
    text: str


class Panel(NamedTuple):
    """A part of the figure, from `top` to `bottom`, with some of the members. There is a ruler
    where lengths stand for distances."""

    title: str
    top: float
    bottom: float
    spots: list[Spot]
    ruler: Ruler | None


class Plan(NamedTuple):
    """Where everything stands: all members, and below them a close-up if some are far away."""

    panels: list[Panel]

    @property
    def height(self) -> float:
        """Height of the figure in pixels."""
        return self.panels[-1].bottom

    def label_of(self, member: int) -> int | None:
        """The best label that a member has in any panel: 0 its name, 1 its number, None nothing."""
        found = [
            spot.placed.text if spot.members[0] == member else 1
            for panel in self.panels
            for spot in panel.spots
            if spot.placed and member in spot.members
        ]
        return min(found, default=None)


def plan_graph(drawn: Drawn, layout: Layout, keeps_lengths: bool) -> Plan:
    """Points of `layout` spread over the width of a page, and the labels that find room.

    With `keeps_lengths` both directions have one scale.
    """
    everyone = list(range(len(drawn.labels)))
    positions = np.array(layout.positions)
    whole = _plan_panel(drawn, positions, everyone, keeps_lengths, "", 0)
    near = _near(drawn)
    if not FEWEST <= len(near) < len(everyone):
        return Plan([whole])
    title = f"Close-up of {len(near)}"
    return Plan([whole, _plan_panel(drawn, positions, near, keeps_lengths, title, whole.bottom)])


def _near(drawn: Drawn) -> list[int]:
    """The members that are not far from their nearest neighbours."""
    typical = float(np.percentile(drawn.distances[drawn.distances > 0], 75))
    lengths = [edge.length for edge in drawn.arrangement.nearest]
    return [member for member, length in enumerate(lengths) if length <= FAR * typical]


def _plan_panel(
    drawn: Drawn,
    positions: Floats,
    members: Sequence[int],
    keeps_lengths: bool,
    title: str,
    top: float,
) -> Panel:
    chosen = positions[members]
    low, extent = chosen.min(axis=0), np.ptp(chosen, axis=0)
    room = np.array([svg.WIDTH - 2 * MARGIN_X, HIGHEST if keeps_lengths else HIGHEST / 2])
    scales = room / np.where(extent > 0, extent, np.inf)
    if keeps_lengths:
        scales = np.repeat(scales[scales > 0].min(initial=np.inf), 2)
    scales = np.where(np.isfinite(scales), scales, 0)
    size = extent * scales
    height = max(LOWEST, float(size[1]))
    inset = (np.array([svg.WIDTH, height]) - size) / 2
    x = inset[0] + (chosen[:, 0] - low[0]) * scales[0]
    y = top + MARGIN_TOP + height - inset[1] - (chosen[:, 1] - low[1]) * scales[1]
    bottom = top + MARGIN_TOP + height + MARGIN_BOTTOM
    area = Box(4, top + (22 if title else 4), svg.WIDTH - 4, bottom - MARGIN_BOTTOM + 24)
    at: dict[tuple[float, float], list[int]] = {}
    for member, point in zip(members, zip(x.tolist(), y.tolist(), strict=True), strict=True):
        at.setdefault(point, []).append(member)
    spots = _label_spots(drawn, at, area)
    has_ruler = keeps_lengths and scales[0] > 0
    return Panel(title, top, bottom, spots, _ruler(bottom, float(scales[0])) if has_ruler else None)


def _ruler(bottom: float, scale: float) -> Ruler:
    """A round length of about a fifth of the width; `scale` is pixels per unit of distance."""
    value = ticks(svg.WIDTH / 5 / scale)[-1]
    text = f"L2 {numbers.significant(value)}"
    return Ruler(bottom - 16, 16.0, 16 + value * scale, text)


def _label_spots(drawn: Drawn, at: dict[tuple[float, float], list[int]], area: Box) -> list[Spot]:
    """Names and numbers; the base first, then whoever is farthest from its nearest neighbour."""
    points, groups = list(at), [_base_first(drawn, members) for members in at.values()]
    apart = [max(drawn.arrangement.nearest[one].length for one in members) for members in groups]
    order = sorted(
        range(len(points)),
        key=lambda place: (groups[place][0] != drawn.base, -apart[place], place),
    )
    more = [_numbers_of(drawn, members[1:]) for members in groups]
    wanted = []
    for (x, y), members, others in zip(points, groups, more, strict=True):
        label = drawn.labels[members[0]]
        name, number = cut(label.text, NAME_WIDTH) + others, str(label.number) + others
        wanted.append(Wanted(x, y, (text_width(name), text_width(number))))
    placed = place_texts(wanted, order, area, RADIUS)
    return [
        Spot(members, x, y, others, text)
        for members, (x, y), others, text in zip(groups, points, more, placed, strict=True)
    ]


def _base_first(drawn: Drawn, members: list[int]) -> list[int]:
    return sorted(members, key=lambda member: (member != drawn.base, member))


def _numbers_of(drawn: Drawn, members: Sequence[int]) -> str:
    """Who else is in a point: ` = 5, 12, 14 +2`."""
    if not members:
        return ""
    listed = ", ".join(str(drawn.labels[member].number) for member in members[:LISTED])
    return f" = {listed}" + (f" +{len(members) - LISTED}" if len(members) > LISTED else "")
