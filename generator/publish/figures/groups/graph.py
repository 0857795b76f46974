"""Members as points and the shortest edges that join them all -> a specification, by layout."""

import math
from collections.abc import Iterator
from typing import Any

from generator.networks.palette import component_colour
from generator.publish.figures.figure import Specification
from generator.publish.figures.groups.graph_plan import RADIUS, Panel, Plan, Spot, edges_of
from generator.publish.figures.groups.placing import GAP
from generator.publish.figures.groups.rows import name
from generator.publish.figures.pixels import (
    IS_MARKED,
    MARKED,
    Row,
    marks,
    paper,
    text,
    texts,
)
from generator.publish.pages.groups.components import Drawn
from generator.text import numbers

# A wheel alone scrolls the page.
ZOOM = {
    "name": "zoom",
    "select": {"type": "interval", "zoom": "wheel![event.ctrlKey]"},
    "bind": "scales",
}
EDGE_TIPS = {"a": "From", "b": "To", "l2": "L2"}
TIPS = {
    "name": "Checkpoint",
    "number": "Number",
    "equal": "Equal to",
    "nearest": "Nearest",
    "l2": "at L2",
}
TOWARDS_THE_MIDDLE = "datum.x < width / 3 ? 'left' : datum.x > 2 * width / 3 ? 'right' : 'center'"
# Where a label stands beside its point, by side: so it begins, ends or has its middle there.
_SIDES: dict[str, dict[str, Any]] = {
    "right": {"align": "left", "dx": GAP},
    "left": {"align": "right", "dx": -GAP},
    "above": {"align": "center", "dy": -GAP - 7},
    "below": {"align": "center", "dy": GAP + 7},
}


def graph(drawn: Drawn, plan: Plan) -> Specification:
    """The edges of the minimum spanning tree, strong where they lead to a nearest neighbour."""
    edges, points, names = (list[dict[str, Any]]() for _ in range(3))
    rulers, notes = (list[Row]() for _ in range(2))
    nearest = _nearest(drawn)
    for panel in plan.panels:
        edges += _edges(drawn, panel)
        points += _points(drawn, panel, nearest)
        names += [row for spot in panel.spots for row in _label(drawn, spot, plan)]
        rulers += _ruler(panel)
        notes += _notes(panel)
    size = (2 * RADIUS) ** 2
    (dots,) = marks("circle", points, TIPS, size=size, opacity=1, cursor="pointer")
    base = drawn.labels[drawn.base].number
    ring = [{"x": row["x"], "y": row["y"]} for row in points if row["number"] == base]
    return paper(
        plan.frame.width,
        plan.height,
        [
            *(
                marks("rule", some, EDGE_TIPS, strokeWidth=width, opacity=opacity)
                for some, width, opacity in (
                    ([row for row in edges if not row["nearest"]], 1, 0.45),
                    ([row for row in edges if row["nearest"]], 2.2, 0.6),
                )
            ),
            [dots | {"params": [ZOOM]}],
            marks("point", ring, size=(2 * RADIUS + 6) ** 2, strokeWidth=1.2),
            texts(names),
            marks("rule", rulers, strokeWidth=1.2),
            texts(notes),
            marked_points(points, TIPS),
            marks(
                "text",
                (
                    {key: row[key] for key in ("x", "y", "number")} | {"text": row["name"]}
                    for row in points
                ),
                only=IS_MARKED,
                fontWeight="bold",
                dy=-14,
                align={"expr": TOWARDS_THE_MIDDLE},
            ),
        ],
    )


def marked_points(points: list[dict[str, Any]], tips: dict[str, str]) -> list[Specification]:
    """The point that is highlighted, on top of all others and parted from them by a halo, which is
    of the colour of the page."""
    rows = [{key: value for key, value in row.items() if key != "colour"} for row in points]
    return marks(
        "point",
        rows,
        tips,
        only=IS_MARKED,
        filled=True,
        size=170,
        opacity=1,
        fill=MARKED,
        stroke="var(--md-default-bg-color)",
        strokeWidth=3,
        cursor="pointer",
    )


def _edges(drawn: Drawn, panel: Panel) -> Iterator[dict[str, Any]]:
    places = {member: (spot.x, spot.y) for spot in panel.spots for member in spot.members}
    for a, b, length, is_nearest in edges_of(drawn):
        if a in places and b in places and places[a] != places[b]:
            (x, y), (x2, y2) = places[a], places[b]
            yield {
                "x": x,
                "y": y,
                "x2": x2,
                "y2": y2,
                "a": drawn.labels[a].text,
                "b": drawn.labels[b].text,
                "l2": numbers.small(length),
                "nearest": is_nearest,
            }


def _nearest(drawn: Drawn) -> list[tuple[int, float]]:
    """The nearest other of each member, and how far it is."""
    found: list[tuple[int, float]] = [(0, math.inf)] * len(drawn.labels)
    for a, b, length, _ in edges_of(drawn):
        for one, other in ((a, b), (b, a)):
            found[one] = min(found[one], (other, length), key=lambda pair: pair[1])
    return found


def _points(
    drawn: Drawn, panel: Panel, nearest: list[tuple[int, float]]
) -> Iterator[dict[str, Any]]:
    for spot in panel.spots:
        for member in spot.members:
            others = [drawn.labels[other].text for other in spot.members if other != member]
            other, length = nearest[member]
            yield {
                "x": spot.x,
                "y": spot.y,
                "colour": component_colour(drawn.name),
                "number": drawn.labels[member].number,
                "name": drawn.labels[member].text,
                "equal": ", ".join(others) or "none",
                "nearest": drawn.labels[other].text,
                "l2": numbers.small(length),
            }


def _label(drawn: Drawn, spot: Spot, plan: Plan) -> Iterator[dict[str, Any]]:
    """The name or the number of the first of equal members, beside its point."""
    if spot.placed:
        label, side = drawn.labels[spot.members[0]], _SIDES[spot.placed.side]
        row = name(label, spot.x, spot.y, plan.frame.name_width, "", spot.more)
        if spot.placed.text:
            row["text"] = str(label.number) + spot.more
        yield {"dx": 0, "dy": 0} | row | side


def _ruler(panel: Panel) -> list[Row]:
    if not panel.ruler:
        return []
    y, left, right, _ = panel.ruler
    return [
        {"x": left, "y": y, "x2": right, "y2": y},
        *({"x": x, "y": y - 4, "x2": x, "y2": y + 4} for x in (left, right)),
    ]


def _notes(panel: Panel) -> list[Row]:
    """What stands over a close-up, and the distance that its ruler stands for."""
    title = [text(16, panel.top + 10, panel.title)] if panel.title else []
    ruler = panel.ruler
    return title + ([text(ruler.right + 8, ruler.y, ruler.text)] if ruler else [])
