"""What the lineage of a component claims of its models -> sentences, the same on all pages."""

from collections import Counter

from markupsafe import Markup

from generator.records import ComponentLineage, Lineage, LineageNode
from generator.text import numbers
from generator.text.filling import Naming, fill, joined
from generator.text.findings import residual
from generator.text.lineage import formula
from generator.text.words import COMPONENTS

# How many models have each relation, in the order of what is claimed; for one and for many.
RELATIONS = {
    "root": ("{names} is the root", "{names} are roots"),
    "descends": ("1 descends from another", "{count} descend from another"),
    "mix": ("1 is a mix", "{count} are mixes"),
    "near": ("1 is within rounding of another", "{count} are within rounding of others"),
    "related": ("1 is related, order unknown", "{count} are related, order unknown"),
    "unrelated": ("{names} is unrelated", "{names} are unrelated"),
}
MOST_NAMES = 3


def relations_sentence(component: str, lineage: Lineage, name: Naming) -> Markup:
    """How many models of a component are roots, descend, are mixes, and so on."""
    one, many = COMPONENTS.get(component, (component, component))
    counts: Counter[str] = Counter(node.relation for node in lineage.nodes)
    parts = [
        fill(
            RELATIONS[relation][counts[relation] > 1],
            count=numbers.grouped(counts[relation]),
            names=joined(
                [node.name for node in lineage.nodes if node.relation == relation],
                name,
                MOST_NAMES,
            ),
        )
        for relation in RELATIONS
        if counts[relation]
    ]
    models = len(lineage.nodes)
    start = fill("{count} different {what}: ", count=models, what=one if models == 1 else many)
    return start + Markup("; ").join(parts) + "."


# Where one model comes from, by what is claimed of it.
ORIGINS = {
    "declared": "Root: the group's reference.",
    "norms": "Root by its norm.",
    "descends": "Descends from {parents} (L2 {distance}).",
    "descends_surely": "Descends from {parents} (L2 {distance}; the next candidate, {next}, is"
    " {times}× as far).",
    "mix": "Mix in which {involved} take part; its other parts are not known.",
    "near": "Differs from {near} by no more than rounding.",
    "related": "Related, order unknown.",
    "related_to": "Related, order unknown; the nearest is {near} (L2 {distance}).",
    "unrelated": "Unrelated to all others.",
}
# The same for a claimed recipe, by its verdict.
RECIPES = {
    "merge": "Mix: {mix}, residual {residual}.",
    "interpolation": "On the line between two: {mix}, residual {residual}. It is their mix, or a"
    " stage on the way from one to the other.",
    "between": "At {mix}, residual {residual}. Which of these came first is not known.",
}
SAME = "Same as {names}. "


def origin_sentence(part: ComponentLineage, member: str, name: Naming) -> Markup | None:
    """Where one component of a member comes from; None if it was not compared."""
    node = part.lineage.node_of(member) if part.lineage else None
    if part.lineage is None or node is None:
        return None
    others = [each for each in (node.name, *node.copies) if each != member]
    start = fill(SAME, names=joined(others, name, MOST_NAMES)) if others else Markup()
    recipe = next(
        (each for each in part.recipes if each.target == node.name and each.verdict != "none"), None
    )
    if recipe:
        left = recipe.residual_by_block if recipe.by_block else recipe.residual
        said = RECIPES[recipe.verdict]
        return start + fill(said, mix=formula(recipe, name), residual=residual(left))
    return start + _claim(part.lineage, node, name)


def _claim(lineage: Lineage, node: LineageNode, name: Naming) -> Markup:
    key: str = node.relation
    if key == "root":
        key = next((each.rule for each in lineage.roots if each.name == node.name), "declared")
    elif key == "descends" and node.certainty is not None:
        key = "descends_surely"
    elif key == "related" and node.near:
        key = "related_to"
    return fill(
        ORIGINS[key],
        parents=joined(node.parents, name),
        involved=joined(node.involves, name),
        near=name(node.near) if node.near else "",
        distance=numbers.significant(node.distances[0]) if node.distances else "",
        next=name(node.runner_up) if node.runner_up else "",
        times=numbers.significant(node.certainty),
    )
