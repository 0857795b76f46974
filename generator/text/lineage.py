"""Lineages, recipes and declared recipes -> sentences.

The words root, parent and mix are used only for what is known; otherwise the words are start,
neighbour, and "may be a mix".
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from generator.records import DeclaredRecipe, Lineage, Recipe
from generator.text import numbers
from generator.text.filling import Naming, fill
from generator.text.findings import mix, residual
from generator.text.words import component_title

# Why no recipe is claimed, by the rule that it fails; `Recipe.failed`.
UNCLAIMED = {
    "residual": "the nearest mix that was found leaves {least} or more of the distance between what"
    " it mixes",
    "simpler": "the best mix is not ten times nearer than a simpler explanation: one of the"
    " checkpoints it mixes, or one of them per block",
    "parts": "the best mix is near in a few blocks and kinds only, whose large weights make up the"
    " distance",
    "plane": "other checkpoints lie in one plane with the best mix and what it mixes, without being"
    " mixes of these",
    "many": "many mixes are as near as the best one",
    "line": "they lie on one line with several others",
    "order": "the checkpoints of the best mix are themselves mixes of it, or it is nearer to"
    " another mix",
    "reference": "it is the group's reference, from which the others descend",
}
BEST = "the nearest is {mix}, which leaves {residual} of their distance, {by_block} with separate"
DECLARED = {
    "agrees": f"The weights of its {{component}} agree: {BEST} weights per block.",
    "contradicts": f"The weights of its {{component}} contradict this: {BEST} weights per block.",
}
UNCHECKED = "This cannot be checked: some of these are not members, or were not compared with it."
MIXES = {
    "merge": "The {component} of {target} is {mix}. Its distance from this mix is {residual} of the"
    " distance between the parents.",
    "interpolation": "The {component} of {target} lies between a parent and its descendant, at"
    " {mix}. Its distance from this mix is {residual} of the distance between the two.",
    "between": "The {component} of {target} lies at {mix}. Its distance from this mix is {residual}"
    " of the distance between these. Which of them came first is not known.",
}
BY_BLOCK = " With separate weights per block, it is {residual}."

LENGTHS = "The length of a line is the distance between two checkpoints."
DIRECTED = {
    "start": "A square is a root.",
    "mix": "A diamond is a mix; dashed lines lead to its other parents.",
    "least": "Least certain: the parent of {name} (the next candidate, {next}, is {times}× as"
    " far).",
}
UNDIRECTED = {
    "start": "The tree starts at the square.",
    "mix": "A diamond may be a mix of its neighbours; dashed lines lead to all but the first.",
    "least": "Least certain: the neighbour of {name} (the next candidate, {next}, is {times}× as"
    " far).",
}
EQUAL = "“(3 equal)” marks three checkpoints that count as one: they are equal, if only after"
EQUAL += " rounding."
RULES = {
    "declared": "{root} is the group's reference.",
    "norms": "{root} is the root by its norm: from it to the others, squared norms grow by"
    " {support} of the squared distance, as they do in training.",
    "centre": "No root is known; {root} is the most central.",
    # For families whose most central member cannot be the start.
    "next": "No root is known. {middle} is the most central but may be a mix of others, so the tree"
    " starts at {root}, the next that is not.",
}


def recipe_sentence(component: str, recipe: Recipe, name: Naming) -> Markup:
    """The sentence of a claimed recipe, with both residuals if they differ."""
    values = {
        "component": component_title(component),
        "target": name(recipe.target),
        "mix": _formula(recipe.form, recipe.parents, recipe.weights, name),
        "residual": residual(recipe.residual),
    }
    text = fill(MIXES[recipe.verdict], **values)
    if recipe.by_block:
        text += fill(BY_BLOCK, residual=residual(recipe.residual_by_block))
    return text


def declared_sentence(recipe: DeclaredRecipe, name: Naming) -> Markup:
    """Whether the weights confirm a declared recipe."""
    check = recipe.check
    if check is None:
        return fill(UNCHECKED)
    return fill(
        DECLARED[check.verdict],
        component=component_title(check.component),
        mix=_formula(check.form, check.parents, check.weights, name),
        residual=residual(check.residual),
        by_block=residual(check.residual_by_block),
    )


def unclaimed_text(recipes: Sequence[Recipe]) -> str:
    """Why none of these recipes, which all fail the same rule, is claimed."""
    least = min(each.residual_by_block for each in recipes)
    return UNCLAIMED[recipes[0].failed].format(least=residual(least))


def lineage_caption(lineage: Lineage, middle: str, name: Naming) -> Markup:
    """How to read a tree, where it starts, and where it is least certain.

    `middle` is the member from which other figures show distances, if it is only the most central
    one.
    """
    return Markup(" ").join(_caption(lineage, middle, name))


def _caption(lineage: Lineage, middle: str, name: Naming) -> Iterator[Markup]:
    words = DIRECTED if lineage.directed else UNDIRECTED
    mixes = [node for node in lineage.nodes if len(node.parents) > 1]
    yield fill(LENGTHS)
    yield fill(words["start"])
    if mixes:
        yield fill(words["mix"])
    if any(node.copies for node in lineage.nodes):
        yield fill(EQUAL)
    mixed = any(middle in (node.name, *node.copies) for node in mixes)
    for root in (each for each in lineage.roots if each.name not in lineage.unrelated):
        rule = "next" if mixed and root.rule == "centre" else root.rule
        support = numbers.significant(root.support) if root.support is not None else ""
        central = name(middle) if mixed else ""
        yield fill(RULES[rule], root=name(root.name), support=support, middle=central)
    unsure = [node for node in lineage.nodes if node.certainty is not None]
    if unsure:
        least = min(unsure, key=lambda node: node.certainty or 0)
        times = numbers.significant(least.certainty)
        yield fill(words["least"], name=name(least.name), next=name(least.runner_up), times=times)


def _formula(form: str, parents: Sequence[str], weights: Sequence[float], name: Naming) -> Markup:
    """Parents with their weights."""
    if form == "add difference":
        a, b, c = map(name, parents)
        return fill("{a} + {weight} × ({b} − {c})", a=a, b=b, c=c, weight=f"{weights[1]:.2f}")
    return mix(parents, weights, name)
