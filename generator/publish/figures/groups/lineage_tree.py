"""The lineage of a component -> a tree whose horizontal lengths are distances.

Every model has a separate row, so names never collide. The length of a line from parent to child is
their distance; dashed lines join a mix with its other parents. A dotted line joins a model without
a known parent with its nearest relative. Families start at the left edge; unrelated models stand
below. If the root is unknown, the words do not claim one.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.networks.palette import component_colour
from generator.publish.figures.figure import IS_MARKED, WIDE, Figure, Specification, figure
from generator.publish.figures.groups.distances import ticks
from generator.publish.figures.groups.graph import some_of
from generator.publish.figures.groups.labels import Label
from generator.publish.figures.groups.rows import name
from generator.publish.figures.pixels import MARKED, Row, grid, marks, paper, text, texts
from generator.publish.figures.text_width import text_width
from generator.records import Lineage, LineageNode
from generator.text.numbers import significant

TOP, LEFT, BOTTOM = 40, 12, 10
ROW, TIGHT_ROW, FEW = 22, 16, 40
# Room for names at the right, on a wide and on a narrow screen.
NAMES_WIDTH, NARROW_NAMES_WIDTH = 330, 180
GAP = 9
UNRELATED = "Unrelated"
# A square starts a tree, a diamond is a mix, a dot any other model.
START, MIX, OTHER = "square", "diamond", "circle"
AREA = {"square": 64, "circle": 50, "diamond": 64}
TIPS = {"name": "Checkpoint", "equal": "Equal to", "parents": "From"}


class TreePlace(NamedTuple):
    """The place of a model: the length of the path from its root, and its row."""

    reach: float
    row: int


def lineage_tree(
    name: str,
    component: str,
    title: str,
    lineage: Lineage,
    labels: Mapping[str, Label],
    **more: Any,  # noqa: ANN401 -- other fields of the figure
) -> Figure:
    """The figure; `name` is unique on the page, `labels` are those of all members by id."""

    def draw(width: int) -> Specification:
        return _draw(component, lineage, labels, width)

    links = any(labels[node.name].link for node in lineage.nodes)
    return figure(name, title, _description(lineage, labels), draw, links=links, **more)


def _draw(
    component: str, lineage: Lineage, labels: Mapping[str, Label], width: int
) -> Specification:
    places = place_nodes(lineage)
    row = ROW if len(places) <= FEW else TIGHT_ROW
    longest = max(place.reach for place in places.values()) or 1.0
    room = NAMES_WIDTH if width == WIDE else NARROW_NAMES_WIDTH
    scale = (width - LEFT - room) / longest
    related = TOP + row * (len(places) - len(lineage.unrelated))
    height = TOP + row * (max(place.row for place in places.values()) + 1) + BOTTOM
    at = {
        name: (LEFT + place.reach * scale, TOP + (place.row + 0.5) * row)
        for name, place in places.items()
    }
    colour = component_colour(component)
    ways: list[Row] = []
    ties: list[Row] = []
    joints: list[Row] = []
    for node in lineage.nodes:
        x2, y2 = at[node.name]
        for number, parent in enumerate(node.tied_to):
            x, y = at[parent]
            if number:
                joints.append({"x": x, "y": y, "x2": x2, "y2": y2})
            else:
                lines = ways if node.parents else ties
                lines += [
                    {"x": x, "y": y, "x2": x, "y2": y2},
                    {"x": x, "y": y2, "x2": x2, "y2": y2},
                ]
    rings = [
        {"x": at[node.name][0], "y": at[node.name][1], "number": labels[each].number}
        for node in lineage.nodes
        for each in (node.name, *node.copies)
    ]
    points = [_point(node, *at[node.name], labels) for node in lineage.nodes]
    names = [
        _name(node, at[node.name][0] + GAP, at[node.name][1], labels, room)
        for node in lineage.nodes
    ]
    heading = [text(LEFT - 4, related + 0.5 * row, UNRELATED)] if lineage.unrelated else []
    return paper(
        width,
        height,
        [
            *_axis(lineage, longest, scale, related, width),
            texts(heading),
            marks("rule", ways, color=colour, strokeWidth=1.6, strokeCap="square"),
            marks(
                "rule", ties, color=colour, strokeWidth=1.6, strokeDash=[1, 4], strokeCap="round"
            ),
            # Thin lines: mixed with the ink of the page, they are visible on any background.
            marks(
                "rule",
                joints,
                color=f"color-mix(in srgb,{colour} 50%,currentColor)",
                strokeWidth=1.2,
                strokeDash=[4, 3],
            ),
            *(
                marks(
                    "point",
                    [row for row in points if row["shape"] == shape],
                    TIPS,
                    filled=True,
                    color=colour,
                    opacity=1,
                    size=area,
                    cursor="pointer",
                )
                for shape, area in AREA.items()
            ),
            texts(names),
            marks(
                "point",
                rings,
                only=IS_MARKED,
                filled=False,
                shape="circle",
                size=200,
                stroke=MARKED,
                strokeWidth=2.5,
            ),
        ],
    )


def place_nodes(lineage: Lineage) -> dict[str, TreePlace]:
    """Rows from the first root down, each model above the models made from it, the nearest first.

    A mix stands below its first parent. One row is left free above the unrelated models.
    """
    children: dict[str, list[LineageNode]] = {}
    for node in lineage.nodes:
        for parent in node.tied_to[:1]:
            children.setdefault(parent, []).append(node)
    places: dict[str, TreePlace] = {}
    unrelated = lineage.unrelated
    roots = [name for name in lineage.starts if name not in unrelated]
    waiting = [(root, 0.0) for root in reversed(roots)]
    while waiting:
        name, reach = waiting.pop()
        places[name] = TreePlace(reach, len(places))
        below = sorted(children.get(name, ()), key=lambda node: (-node.distances[0], node.name))
        waiting += [(node.name, reach + node.distances[0]) for node in below]
    for stranger in unrelated:
        places[stranger] = TreePlace(0.0, len(places) + 1)
    return places


def _axis(
    lineage: Lineage, longest: float, scale: float, bottom: float, width: int
) -> Iterator[list[Specification]]:
    start = "the root" if lineage.directed else "where the tree starts"
    words = f"L2 distance along the branches, from {start}" if width == WIDE else "L2 distance"
    yield texts([text(LEFT, 10, words)])
    places = [(value, LEFT + value * scale) for value in ticks(longest)]
    if width != WIDE:
        places = places[:: max(1, len(places) - 1)]
    yield grid((x, TOP - 6, x, bottom) for _, x in places)
    yield texts(
        text(x, TOP - 15, f"{value:g}", "center" if value else "left") for value, x in places
    )


def _point(node: LineageNode, x: float, y: float, labels: Mapping[str, Label]) -> dict[str, Any]:
    parents = (
        f"{labels[parent].text} (L2 {significant(distance)})"
        for parent, distance in zip(node.tied_to, node.distances, strict=True)
    )
    mixed = len(node.parents) > 1 or node.involves
    return {
        "x": x,
        "y": y,
        "shape": MIX if mixed else OTHER if node.tied_to else START,
        "number": labels[node.name].number,
        "name": labels[node.name].text,
        "link": labels[node.name].link,
        "equal": some_of([labels[copy].text for copy in node.copies]),
        "parents": ", ".join(parents) or "none",
    }


def _name(
    node: LineageNode, x: float, y: float, labels: Mapping[str, Label], room: float
) -> dict[str, Any]:
    """The name of a model, and how many members hold the same, in the words of the map."""
    more = f" ({len(node.copies) + 1} equal)" if node.copies else ""
    row = name(labels[node.name], x, y, room - GAP - text_width(more) - 4, "left", more)
    whole = ", ".join(labels[each].whole for each in (node.name, *node.copies))
    return row | {"whole": whole}


def _description(lineage: Lineage, labels: Mapping[str, Label]) -> str:
    root = "a root" if lineage.directed else "where the tree starts"
    unrelated = lineage.unrelated
    lines = []
    for node in lineage.nodes:
        parents = " and ".join(
            f"{labels[parent].text} at {significant(distance)}"
            for parent, distance in zip(node.tied_to, node.distances, strict=True)
        )
        from_ = "from" if node.parents else "near"
        alone = "unrelated" if node.name in unrelated else root
        lines.append(f"{labels[node.name].text}: {f'{from_} {parents}' if parents else alone}")
    return ". ".join(lines)
