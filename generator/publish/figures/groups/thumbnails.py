"""Groups -> their thumbnails for other pages: the lineage and the map of each."""

from collections.abc import Sequence

import msgspec

from generator.networks.palette import component_colour
from generator.publish.figures.figure import Figure
from generator.publish.figures.groups.graph_plan import edges_of
from generator.publish.figures.groups.lineage_tree import lineage_tree
from generator.publish.figures.groups.prepared import Prepared
from generator.publish.figures.pixels import marks, paper
from generator.text.words import component_title, order_components

WIDTH, HEIGHT, MARGIN = 300, 130, 8
RADIUS = 3.5


def trees(groups: Sequence[Prepared]) -> dict[str, Figure]:
    """Id of a group -> the lineage of its first component with one; groups without a lineage, or
    without any descent in it, are left out."""
    return {one.group.id: tree for one in groups if (tree := _tree(one))}


def small_map(prepared: Prepared) -> Figure | None:
    """The map of the first component with one, without names; far members are left out if the map
    has a close-up. None if no component has a map."""
    planned = next((one for one in prepared.planned if one.has_distances), None)
    if planned is None:
        return None
    drawn, spots = planned.drawn, planned.plans["stress"].panels[-1].spots
    left, right = min(spot.x for spot in spots), max(spot.x for spot in spots)
    top, bottom = min(spot.y for spot in spots), max(spot.y for spot in spots)
    scale = min(
        (WIDTH - 2 * MARGIN) / max(right - left, 1), (HEIGHT - 2 * MARGIN) / max(bottom - top, 1)
    )
    inset = (WIDTH - scale * (right - left)) / 2, (HEIGHT - scale * (bottom - top)) / 2
    places = {
        member: (inset[0] + scale * (spot.x - left), inset[1] + scale * (spot.y - top))
        for spot in spots
        for member in spot.members
    }
    edges = [
        dict(zip(("x", "y", "x2", "y2"), (*places[a], *places[b]), strict=True))
        for a, b, _, _ in edges_of(drawn)
        if a in places and b in places
    ]
    points = [{"x": x, "y": y} for x, y in dict.fromkeys(places.values())]
    colour = component_colour(drawn.name)
    size = (2 * RADIUS) ** 2
    return Figure(
        name=f"map-{prepared.group.id}",
        title=f"Map of {prepared.group.name}",
        description=f"{len(places)} checkpoints by their {component_title(drawn.name)}, as near "
        "one another as their weights are",
        wide=paper(
            WIDTH,
            HEIGHT,
            [
                marks("rule", edges, opacity=0.5),
                marks("circle", points, size=size, opacity=1, color=colour),
            ],
        ),
    )


def _tree(prepared: Prepared) -> Figure | None:
    group = prepared.group
    # Relative to the root of the site, where the home page is.
    called = {
        member: msgspec.structs.replace(label, link=label.link.removeprefix("../"))
        for member, label in zip(group.members, prepared.labels, strict=True)
    }
    lineages = {one.name: one.lineage for one in group.components if one.lineage}
    for name in order_components(lineages):
        lineage = lineages[name]
        if any(node.tied_to for node in lineage.nodes):
            title = f"Lineage of the {component_title(name)}: {group.name}"
            return lineage_tree(f"tree-{group.id}", name, title, lineage, called)
    return None
