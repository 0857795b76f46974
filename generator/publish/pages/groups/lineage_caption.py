"""The lineage of a component -> how its tree is read, where it starts, and where it is least sure.

What is called a root, parent or mix is known to be one; else it is a start, a neighbour, or may be
a mix.
"""

from collections.abc import Iterator

from markupsafe import Markup

from generator.records import Lineage
from generator.text import numbers
from generator.text.escaping import inert
from generator.text.filling import Naming

LENGTHS = "A line is as long as two models are apart."
DIRECTED = {
    "start": "A square is a root.",
    "mix": "A diamond is a mix; dashed lines lead to its other parents.",
    "parent": "parent",
}
UNDIRECTED = {
    "start": "The tree starts at the square.",
    "mix": "A diamond may be a mix of its neighbours; dashed lines lead to all but the first.",
    "parent": "neighbour",
}
EQUAL = "“(3 equal)”: three that hold the same, if only once rounded, and are one model."
RULES = {
    "declared": "{root} is the group's reference.",
    "norms": "{root} is the root by its norm: from it to the others, squared norms grow by"
    " {support} of the squared distance, as they do by steps of training.",
    "centre": "{root} is but the middle, whose distances to the others sum to the least: distances"
    " do not tell who came first.",
}
# Of a centre, where the middle of all cannot be it.
NEXT = (
    "{middle}, the middle, whose distances to the others sum to the least, may be a mix of others;"
    " so the tree starts at {root}, the next that is none: distances do not tell who came first."
)


def lineage_caption(lineage: Lineage, middle: str, name: Naming) -> Markup:
    """The caption; `middle` is the member from which other figures show distances, if it is but the
    middle."""
    words = DIRECTED if lineage.directed else UNDIRECTED
    parts = [inert(text) for text in _signs(lineage, words)]
    mixed = any(
        len(node.parents) > 1 and middle in (node.name, *node.copies) for node in lineage.nodes
    )
    for root in (each for each in lineage.roots if each.name not in lineage.unrelated):
        rule = NEXT if mixed and root.rule == "centre" else RULES[root.rule]
        support = numbers.significant(root.support) if root.support is not None else ""
        values = {"root": name(root.name), "support": inert(support)}
        parts.append(Markup(rule).format(**values, middle=name(middle) if mixed else ""))
    unsure = [node for node in lineage.nodes if node.certainty is not None]
    if unsure:
        least = min(unsure, key=lambda node: node.certainty or 0)
        parts.append(
            Markup("Least sure is the {} of {}: {} is only {} times as far.").format(
                inert(words["parent"]),
                name(least.name),
                name(least.runner_up),
                inert(numbers.significant(least.certainty)),
            )
        )
    return Markup(" ").join(parts)


def _signs(lineage: Lineage, words: dict[str, str]) -> Iterator[str]:
    """What the drawing's signs mean, of those that are there."""
    yield LENGTHS
    yield words["start"]
    if any(len(node.parents) > 1 for node in lineage.nodes):
        yield words["mix"]
    if any(node.copies for node in lineage.nodes):
        yield EQUAL
