"""Lineages, recipes and declared recipes -> sentences.

The words root, parent and mix are used only for what is known; otherwise the words are start, near
and neighbour.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from generator.records import DeclaredCheck, DeclaredRecipe, Lineage, Recipe
from generator.text import numbers
from generator.text.escaping import inert
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
    "many": "other mixes are as near as the best one",
    "line": "they lie on one line with several others",
    "order": "the best mix is exact, but which of these checkpoints was made from the others is"
    " not clear",
}
# The same in a column of a table.
UNCLAIMED_SHORT = {
    "residual": "too far from it",
    "simpler": "a simpler explanation is about as near",
    "parts": "near in a few blocks and kinds only",
    "plane": "others lie in the same plane",
    "many": "other mixes are as near",
    "line": "others lie on the same line",
    "order": "which of these came first is not clear",
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
    "interpolation": "The {component} of {target} lies on the line between two, at {mix}: their"
    " mix, or a stage on the way from one to the other. Its distance from this mix is"
    " {residual} of the distance between the two.",
    "between": "The {component} of {target} lies at {mix}. Its distance from this mix is {residual}"
    " of the distance between these. Which of them came first is not known.",
}
BY_BLOCK = " With separate weights per block, it is {residual}."

LENGTHS = "The length of a line is the distance between two checkpoints."
TIES = "A dotted line joins near relatives: it does not say which came first."
HIDDEN = "{name} is a mix in which {involved} take part; its other parts are not known."
DIRECTED = {
    "start": "A square is a root.",
    "mix": "A diamond is a mix; dashed lines lead to its other parents.",
    "least": "Least certain: the parent of {name} (the next candidate, {next}, is {times}× as"
    " far).",
}
UNDIRECTED = {
    "start": "The tree starts at the square.",
    "mix": "A diamond is a mix; dashed lines lead to its other parents.",
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
}


LEFT_OUT = "Left out, because too little of them can be compared with the others: {names}."


def recipe_sentence(component: str, recipe: Recipe, name: Naming = inert) -> Markup:
    """The sentence of a claimed recipe, with both residuals if they differ."""
    values = {
        "component": component_title(component),
        "target": name(recipe.target),
        "mix": formula(recipe, name),
        "residual": residual(recipe.residual),
    }
    text = fill(MIXES[recipe.verdict], **values)
    if recipe.by_block:
        text += fill(BY_BLOCK, residual=residual(recipe.residual_by_block))
    return text


def declared_sentence(recipe: DeclaredRecipe, name: Naming = inert) -> Markup:
    """Whether the weights confirm a declared recipe."""
    check = recipe.check
    if check is None:
        return fill(UNCHECKED)
    return fill(
        DECLARED[check.verdict],
        component=component_title(check.component),
        mix=formula(check, name),
        residual=residual(check.residual),
        by_block=residual(check.residual_by_block),
    )


def unclaimed_text(recipes: Sequence[Recipe]) -> str:
    """Why none of these recipes, which all fail the same rule, is claimed."""
    least = min(each.residual_by_block for each in recipes)
    return UNCLAIMED[recipes[0].failed].format(least=numbers.at_least(least))


def root_sentences(lineage: Lineage, name: Naming = inert) -> Iterator[Markup]:
    """How the root of each family is known."""
    for root in (each for each in lineage.roots if each.name not in lineage.unrelated):
        support = numbers.significant(root.support) if root.support is not None else ""
        yield fill(RULES[root.rule], root=name(root.name), support=support)


def lineage_caption(lineage: Lineage, name: Naming) -> Markup:
    """How to read a tree, where it starts, and where it is least certain."""
    return Markup(" ").join(_caption(lineage, name))


def _caption(lineage: Lineage, name: Naming) -> Iterator[Markup]:
    words = DIRECTED if lineage.directed else UNDIRECTED
    mixes = [node for node in lineage.nodes if len(node.parents) > 1]
    yield fill(LENGTHS)
    yield fill(words["start"])
    if any(node.near and not node.parents for node in lineage.nodes):
        yield fill(TIES)
    if mixes:
        yield fill(words["mix"])
    if any(node.copies for node in lineage.nodes):
        yield fill(EQUAL)
    for node in lineage.nodes:
        if node.involves:
            yield fill(HIDDEN, name=name(node.name), involved=_listed(node.involves, name))
    yield from root_sentences(lineage, name)
    unsure = [node for node in lineage.nodes if node.certainty is not None]
    if unsure:
        least = min(unsure, key=lambda node: node.certainty or 0)
        times = numbers.significant(least.certainty)
        yield fill(words["least"], name=name(least.name), next=name(least.runner_up), times=times)


def _listed(members: Sequence[str], name: Naming) -> Markup:
    """`a, b and c`."""
    *others, last = map(name, members)
    return Markup(", ").join(others) + " and " + last


def formula(recipe: Recipe | DeclaredCheck, name: Naming = inert) -> Markup:
    """Parents with their weights."""
    if recipe.form == "add difference":
        a, b, c = map(name, recipe.parents)
        weight = f"{recipe.weights[1]:z.2f}"
        return fill("{a} + {weight} × ({b} − {c})", a=a, b=b, c=c, weight=weight)
    return mix(recipe.parents, recipe.weights, name)
