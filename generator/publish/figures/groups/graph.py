"""Members as points, joined by the minimum spanning tree -> a specification, by layout.

The colour of a point is its distance from the base.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from generator.networks.palette import distance_colour
from generator.publish.figures.figure import INK, IS_MARKED, MIDDLE, WIDE, Specification
from generator.publish.figures.groups.distances import distance_png, reach
from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.graph_plan import RADIUS, GraphPlan, Panel, Spot, edges_of
from generator.publish.figures.groups.rows import name
from generator.publish.figures.parts import ZOOM
from generator.publish.figures.pixels import MARKED, Row, image, marks, paper, text, texts
from generator.publish.figures.placing import GAP
from generator.publish.figures.png import data_address
from generator.publish.figures.text_width import cut
from generator.text import numbers
from generator.text.words import listed

EDGE_TIPS = {"from": "From", "to": "To", "l2": "L2"}
TIPS = {
    "name": "Checkpoint",
    "number": "Number",
    "equal": "Equal to",
    "to": "Nearest",
    "l2": "at L2",
}
# The scale of colours, right of the ruler, in pixels.
BAR_WIDTH, BAR_HEIGHT, BAR_INSET, END_WIDTH = 110, 8, 16, 40
MOST_NAMES = 3
TOWARDS_THE_MIDDLE = "datum.x < width / 3 ? 'left' : datum.x > 2 * width / 3 ? 'right' : 'center'"
# Where a label stands beside its point: its anchor (start, middle or end) by side.
_SIDES: dict[str, dict[str, Any]] = {
    "right": {"align": "left", "dx": GAP},
    "left": {"align": "right", "dx": -GAP},
    "above": {"align": "center", "dy": -GAP - 7 + MIDDLE},
    "below": {"align": "center", "dy": GAP + 7 + MIDDLE},
}


def graph(drawn: Drawn, plan: GraphPlan) -> Specification:
    """The edges of the minimum spanning tree, strong if they lead to a nearest neighbour."""
    points, names = (list[dict[str, Any]]() for _ in range(2))
    edges: dict[bool, list[Row]] = {False: [], True: []}
    rulers, notes = (list[Row]() for _ in range(2))
    nearest = _nearest(drawn)
    names_of_ends = [*called(drawn, "a", "from"), *called(drawn, "b", "to")]
    names_of_points = [*called(drawn, "number", "name"), *called(drawn, "nearest", "to")]
    for panel in plan.panels:
        for row, is_nearest in _edges(drawn, panel):
            edges[is_nearest].append(row)
        points += _points(drawn, panel, nearest)
        names += [row for spot in panel.spots for row in _label(drawn, spot, plan)]
        rulers += _ruler(panel)
        notes += _notes(panel)
    size = (2 * RADIUS) ** 2
    (dots,) = marks(
        "circle",
        points,
        TIPS,
        then=names_of_points,
        size=size,
        opacity=1,
        stroke=INK,
        strokeWidth=0.6,
        cursor="pointer",
    )
    base = drawn.labels[drawn.base].number
    ring = [{"x": row["x"], "y": row["y"]} for row in points if row["number"] == base]
    return paper(
        plan.frame.width,
        plan.height,
        [
            *(
                marks(
                    "rule",
                    some,
                    EDGE_TIPS,
                    then=names_of_ends,
                    strokeWidth=width,
                    strokeOpacity=opacity,
                )
                for some, width, opacity in (
                    (edges[False], 1, 0.45),
                    (edges[True], 2.2, 0.6),
                )
            ),
            [dots | {"params": [ZOOM]}],
            marks("point", ring, size=(2 * RADIUS + 6) ** 2, strokeWidth=1.2),
            texts(names),
            marks("rule", rulers, strokeWidth=1.2),
            texts(notes),
            *_colour_bar(drawn, plan),
            marked_points(points, TIPS, names_of_points),
            texts(
                points,
                only=IS_MARKED,
                then=called(drawn, "number", "name"),
                channels={"name": "text"},
                fontWeight="bold",
                dy=-14,
                align={"expr": TOWARDS_THE_MIDDLE},
            ),
        ],
    )


def called(drawn: Drawn, number: str, name: str) -> list[Specification]:
    """The transform that looks up the `name` of a member by its `number`."""
    labels = sorted((*drawn.labels, *drawn.missing), key=lambda label: label.number)
    names = [{"key": label.number, "name": label.text} for label in labels]
    source = {"data": {"values": names}, "key": "key", "fields": ["name"]}
    return [{"lookup": number, "from": source, "as": [name]}]


def some_of(names: list[str]) -> str:
    """The first names, and the number of the others."""
    more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    return listed([*names[:MOST_NAMES], *more]) if names else "none"


def marked_points(
    points: Sequence[Row],
    tips: dict[str, str],
    then: Sequence[Specification] = (),
    channels: Mapping[str, str] = MappingProxyType({}),
) -> list[Specification]:
    """The highlighted point, on top of all others and separated from them by a halo in the colour
    of the page."""
    return marks(
        "point",
        points,
        tips,
        only=IS_MARKED,
        then=then,
        channels=channels,
        filled=True,
        size=170,
        opacity=1,
        fill=MARKED,
        stroke="var(--md-default-bg-color)",
        strokeWidth=3,
        cursor="pointer",
    )


def _edges(drawn: Drawn, panel: Panel) -> Iterator[tuple[Row, bool]]:
    """Each line, and whether it leads to a nearest neighbour."""
    places = {member: (spot.x, spot.y) for spot in panel.spots for member in spot.members}
    for a, b, length, is_nearest in edges_of(drawn):
        if a in places and b in places and places[a] != places[b]:
            (x, y), (x2, y2) = places[a], places[b]
            ends = {"a": drawn.labels[a].number, "b": drawn.labels[b].number}
            place = {"x": x, "y": y, "x2": x2, "y2": y2}
            yield place | ends | {"l2": numbers.small(length)}, is_nearest


def _nearest(drawn: Drawn) -> list[tuple[int, float]]:
    """The nearest neighbour of each member, and its distance."""
    found: list[tuple[int, float]] = [(0, math.inf)] * len(drawn.labels)
    for a, b, length, _ in edges_of(drawn):
        for one, other in ((a, b), (b, a)):
            found[one] = min(found[one], (other, length), key=lambda pair: pair[1])
    return found


def _points(
    drawn: Drawn, panel: Panel, nearest: list[tuple[int, float]]
) -> Iterator[dict[str, Any]]:
    end = reach(drawn.distances[drawn.base])
    for spot in panel.spots:
        for member in spot.members:
            others = [drawn.labels[other].text for other in spot.members if other != member]
            other, length = nearest[member]
            far = drawn.distances[drawn.base][member]
            yield {
                "x": spot.x,
                "y": spot.y,
                "number": drawn.labels[member].number,
                "link": drawn.labels[member].link,
                "equal": some_of(others),
                "nearest": drawn.labels[other].number,
                "l2": numbers.small(length),
                "colour": distance_colour(far / end),
            }


def _label(drawn: Drawn, spot: Spot, plan: GraphPlan) -> Iterator[dict[str, Any]]:
    """The name or the number of the first of equal members, beside its point."""
    if spot.placed:
        label, side = drawn.labels[spot.members[0]], _SIDES[spot.placed.side]
        row = name(label, spot.x, spot.y, plan.frame.name_width, "", spot.more)
        if spot.placed.text:
            row["text"] = str(label.number) + spot.more
        yield row | side


def _ruler(panel: Panel) -> list[Row]:
    if not panel.ruler:
        return []
    y, left, right, _ = panel.ruler
    return [
        {"x": left, "y": y, "x2": right, "y2": y},
        *({"x": x, "y": y - 4, "x2": x, "y2": y + 4} for x in (left, right)),
    ]


def _colour_bar(drawn: Drawn, plan: GraphPlan) -> Iterator[list[Specification]]:
    """The scale of colours at the lower right, and on a wide screen what it stands for."""
    end = reach(drawn.distances[drawn.base])
    right = plan.frame.width - BAR_INSET - END_WIDTH
    left, y = right - BAR_WIDTH, plan.height - BAR_INSET
    scale = data_address(distance_png(np.linspace(0, end, 128)[None], end))
    yield image(scale, left, y - BAR_HEIGHT / 2, right, y + BAR_HEIGHT / 2)
    base = cut(drawn.labels[drawn.base].text, plan.frame.name_width)
    start = f"L2 from {base}: 0" if plan.frame.width == WIDE else "0"
    yield texts([text(left - 6, y, start, "right"), text(right + 6, y, numbers.significant(end))])


def _notes(panel: Panel) -> list[Row]:
    """The text over a close-up, and the distance of its ruler."""
    title = [text(16, panel.top + 10, panel.title)] if panel.title else []
    ruler = panel.ruler
    return title + ([text(ruler.right + 8, ruler.y, ruler.text)] if ruler else [])
