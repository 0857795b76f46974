"""The lineage of a component -> a tree, whose horizontal lengths are distances.

Every model has a row of its own, so no two names can meet. A line from parent to child is as long
as they are apart; dashed lines join a mix with its other parents. A family begins at the left edge;
below stand those that are related to nobody. Where it is not known who came first, no word says so.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from markupsafe import Markup

from generator.networks.palette import component_colour
from generator.publish.figures import svg
from generator.publish.figures.groups.canvas import cut, text_width
from generator.publish.figures.groups.labels import Label
from generator.publish.figures.groups.scales import ticks
from generator.records import Lineage, LineageNode
from generator.text.escaping import inert
from generator.text.numbers import significant

TOP, LEFT, BOTTOM = 40, 12, 10
ROW, TIGHT_ROW, FEW = 22, 16, 40
NAMES_WIDTH = 330
GAP = 9
UNRELATED = "Unrelated"


class Place(NamedTuple):
    """Where a model stands: the length of the way from its root, and its row."""

    reach: float
    row: int


def lineage_tree(
    name: str, component: str, title: str, lineage: Lineage, labels: Mapping[str, Label]
) -> Markup:
    """The drawing; `name` is unique on the page, `labels` are those of all members by id."""
    places = place_nodes(lineage)
    row = ROW if len(places) <= FEW else TIGHT_ROW
    longest = max(place.reach for place in places.values()) or 1.0
    scale = (svg.WIDTH - LEFT - NAMES_WIDTH) / longest
    rows = max(place.row for place in places.values()) + 1
    height = TOP + row * rows + BOTTOM
    related = len(places) - len(lineage.unrelated)

    def x(place: Place) -> float:
        return LEFT + place.reach * scale

    def y(place: Place) -> float:
        return TOP + (place.row + 0.5) * row

    colour = component_colour(component)
    start = "the root" if lineage.directed else "where the tree starts"
    parts: list[Markup | str] = [*_axis(start, longest, scale, TOP + row * related)]
    if lineage.unrelated:
        heading = {"dominant_baseline": "central", "class_": "atlas-chart__over"}
        parts.append(
            svg.label(UNRELATED, LEFT - 4, TOP + (related + 0.5) * row, "start", **heading)
        )
    for node in lineage.nodes:
        here = places[node.name]
        for number, parent in enumerate(node.parents):
            there = places[parent]
            if number:
                parts.append(_joint(x(there), y(there), x(here), y(here), colour))
            else:
                parts.append(_branch(x(there), y(there), x(here), y(here), colour))
    for node in lineage.nodes:
        here = places[node.name]
        parts.append(_mark(node, x(here), y(here), colour))
        parts.append(_name(node, x(here) + GAP, y(here), labels))
    return svg.drawing(
        name, title, _description(lineage, labels), parts, **svg.sized(svg.WIDTH, height)
    )


def place_nodes(lineage: Lineage) -> dict[str, Place]:
    """Rows from the first root down, each model above those made from it, the nearest first.

    A mix stands below its first parent. One row is left free above the unrelated.
    """
    children: dict[str, list[LineageNode]] = {}
    for node in lineage.nodes:
        for parent in node.parents[:1]:
            children.setdefault(parent, []).append(node)
    places: dict[str, Place] = {}
    unrelated = lineage.unrelated
    roots = [root.name for root in lineage.roots if root.name not in unrelated]
    waiting = [(root, 0.0) for root in reversed(roots)]
    while waiting:
        name, reach = waiting.pop()
        places[name] = Place(reach, len(places))
        below = sorted(children.get(name, ()), key=lambda node: (-node.distances[0], node.name))
        waiting += [(node.name, reach + node.distances[0]) for node in below]
    for stranger in unrelated:
        places[stranger] = Place(0.0, len(places) + 1)
    return places


def _axis(start: str, longest: float, scale: float, bottom: float) -> Iterator[Markup | str]:
    yield svg.label(f"L2 distance along the branches, from {start}", LEFT, 12, "start")
    for value in ticks(longest):
        at = LEFT + value * scale
        yield svg.line(at, at, TOP - 6, bottom)
        yield svg.label(f"{value:g}", at, TOP - 11, "middle" if value else "start")


def _branch(x1: float, y1: float, x2: float, y2: float, colour: str) -> Markup:
    path = f"M{x1:.1f} {y1:.1f}V{y2:.1f}H{x2:.1f}"
    return svg.element("path", d=path, fill="none", stroke=colour, stroke_width="1.6")


def _joint(x1: float, y1: float, x2: float, y2: float, colour: str) -> Markup:
    """A thin line: with some ink of the page, it is seen on any ground."""
    path = f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"
    return svg.element(
        "path",
        d=path,
        fill="none",
        stroke=colour,
        stroke_width="1.2",
        style=f"stroke:color-mix(in srgb,{colour} 50%,currentColor)",
        stroke_dasharray="4 3",
    )


def _mark(node: LineageNode, x: float, y: float, colour: str) -> Markup:
    """A square for a root, a dot for what descends from one, a diamond for a merge."""
    if len(node.parents) == 1:
        return svg.element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="4", fill=colour)
    turned = f"rotate(45 {x:.1f} {y:.1f})" if node.parents else None
    more = {"transform": turned} if turned else {}
    return svg.element(
        "rect",
        x=f"{x - 4:.1f}",
        y=f"{y - 4:.1f}",
        width="8",
        height="8",
        fill=colour,
        **more,
    )


def _name(node: LineageNode, x: float, y: float, labels: Mapping[str, Label]) -> Markup:
    """The name of a model, and how many members hold the same, in the words of the map."""
    more = f" ({len(node.copies) + 1} equal)" if node.copies else ""
    text = cut(labels[node.name].text, NAMES_WIDTH - GAP - text_width(more) - 4) + more
    whole = ", ".join(labels[each].whole for each in (node.name, *node.copies))
    return svg.element(
        "text",
        [svg.element("title", whole), inert(text)],
        x=svg.length(x),
        y=svg.length(y),
        dominant_baseline="central",
        class_="atlas-chart__member atlas-chart__over",
    )


def _description(lineage: Lineage, labels: Mapping[str, Label]) -> str:
    from_, root = ("from", "a root") if lineage.directed else ("next to", "where the tree starts")
    unrelated = lineage.unrelated
    lines = []
    for node in lineage.nodes:
        parents = " and ".join(
            f"{labels[parent].text} at {significant(distance)}"
            for parent, distance in zip(node.parents, node.distances, strict=True)
        )
        alone = "unrelated" if node.name in unrelated else root
        lines.append(f"{labels[node.name].text}: {f'{from_} {parents}' if parents else alone}")
    return ". ".join(lines)
