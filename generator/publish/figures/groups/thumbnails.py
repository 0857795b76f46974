"""Groups -> their thumbnails for other pages: the lineage and the map of each."""

from collections.abc import Sequence

import msgspec
import numpy as np

from generator.networks.palette import distance_colour
from generator.publish.figures.figure import INK, Figure
from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.graph_plan import close_up, edges_of, positions_of
from generator.publish.figures.groups.lineage_tree import lineage_tree
from generator.publish.figures.groups.prepared import Prepared
from generator.publish.figures.pixels import MARKED, marks, paper
from generator.text.captions import LINEAGE, SMALL_MAP, SMALL_MAP_MEANING
from generator.text.words import component_title, order_components

WIDTH, HEIGHT, TALL, MARGIN = 300, 130, 250, 8
RADIUS = 3.5


def trees(groups: Sequence[Prepared]) -> dict[str, Figure]:
    """Id of a group -> the lineage of its first component with one; groups without a lineage, or
    without any descent in it, are left out."""
    return {one.group.id: tree for one in groups if (tree := _tree(one))}


def mapped(prepared: Prepared) -> Drawn | None:
    """The component that the small map shows; None if no component has a map."""
    return next((one for one in prepared.differing if one.has_distances), None)


def small_map(prepared: Prepared, height: int = HEIGHT, ringed: str = "") -> Figure | None:
    """The map of the first component with one, without names, its points coloured by their distance
    from the base; far members are left out if the map has a close-up. None if no component has a
    map, or if the member that is to be `ringed` is not on it."""
    drawn = mapped(prepared)
    if drawn is None:
        return None
    members = list(close_up(drawn) or range(len(drawn.labels)))
    place = _place_of(ringed, prepared, drawn) if ringed else None
    if ringed and place is None:
        return None
    if place is not None and place not in members:
        members = list(range(len(drawn.labels)))
    positions = positions_of(drawn, "stress")[members] * (1, -1)
    room = np.array([WIDTH - 2 * MARGIN, height - 2 * MARGIN])
    extent = np.ptp(positions, axis=0)
    # Points on a line, or all at one place, have no extent in a direction.
    scale = (room / np.maximum(extent, 1e-9 * room)).min()
    inset = (np.array([WIDTH, height]) - scale * extent) / 2
    points = (inset + scale * (positions - positions.min(axis=0))).tolist()
    places = dict(zip(members, map(tuple, points), strict=True))
    edges = [
        dict(zip(("x", "y", "x2", "y2"), (*places[a], *places[b]), strict=True))
        for a, b, _, _ in edges_of(drawn)
        if a in places and b in places
    ]
    far = drawn.distances[drawn.base]
    # The members of a close-up may all equal the base.
    farthest = far[members].max() or 1
    colours = {places[member]: distance_colour(far[member] / farthest) for member in members}
    points = [{"x": x, "y": y, "colour": colour} for (x, y), colour in colours.items()]
    size = (2 * RADIUS) ** 2
    ring = [] if place is None else [dict(zip(("x", "y"), places[place], strict=True))]
    return Figure(
        name=f"map-{prepared.group.id}",
        title=SMALL_MAP.format(name=prepared.group.title),
        description=SMALL_MAP_MEANING.format(
            count=len(places),
            component=component_title(drawn.name),
            base=drawn.labels[drawn.base].text,
        ),
        wide=paper(
            WIDTH,
            height,
            [
                marks("rule", edges, opacity=0.5),
                marks("circle", points, size=size, opacity=1, stroke=INK, strokeWidth=0.5),
                marks("point", ring, size=9 * size, opacity=1, stroke=MARKED, strokeWidth=2),
            ],
        ),
    )


def _place_of(member: str, prepared: Prepared, drawn: Drawn) -> int | None:
    """Where a member of the group is among those that are drawn."""
    label = prepared.labels[prepared.group.members.index(member)]
    return next((n for n, one in enumerate(drawn.labels) if one.number == label.number), None)


def _from_root(link: str, group: str) -> str:
    return f"groups/{group}.html{link}" if link.startswith("#") else link.removeprefix("../")


def _tree(prepared: Prepared) -> Figure | None:
    group = prepared.group
    # Relative to the root of the site, where the home page is.
    called = {
        member: msgspec.structs.replace(label, link=_from_root(label.link, group.id))
        for member, label in zip(group.members, prepared.labels, strict=True)
    }
    lineages = {one.name: one.lineage for one in group.components if one.lineage}
    for name in order_components(lineages):
        lineage = lineages[name]
        if any(node.tied_to for node in lineage.nodes):
            title = f"{LINEAGE.format(component=component_title(name))}: {group.title}"
            return lineage_tree(f"tree-{group.id}", name, title, lineage, called)
    return None
