"""Groups -> the one picture of each that other pages show: who descends from whom."""

from collections.abc import Sequence

from markupsafe import Markup

from generator.publish.groups.lineage_tree import lineage_tree
from generator.publish.groups.prepared import Prepared
from generator.publish.words import component_title, order_components


def trees(groups: Sequence[Prepared]) -> dict[str, Markup]:
    """Id of a group -> the lineage of its first component that has one; without those that have
    none, or in whose lineage nobody descends from anybody."""
    return {one.group.id: tree for one in groups if (tree := _tree(one))}


def _tree(prepared: Prepared) -> Markup | None:
    group = prepared.group
    called = dict(zip(group.members, prepared.labels, strict=True))
    lineages = {one.name: one.lineage for one in group.components if one.lineage}
    for name in order_components(lineages):
        lineage = lineages[name]
        if any(node.parents for node in lineage.nodes):
            title = f"Lineage of the {component_title(name)}: {group.name}"
            return lineage_tree(f"tree-{group.id}", name, title, lineage, called)
    return None
