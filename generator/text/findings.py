"""Findings -> sentences: one template for each kind, filled with names and figures.

`{0}`, `{1}` are the subjects, `{all}` all of them, `{rest}` all but the first; other names are
figures of the finding, formatted. The templates are ours; whatever fills them is inert.
"""

from collections.abc import Callable, Mapping

from markupsafe import Markup

from generator.records import Finding
from generator.text import numbers
from generator.text.escaping import inert
from generator.text.words import COMPONENTS

# As many subjects are named in a list; all are counted.
LISTED = 6

GROUP_SENTENCES = {
    "unrelated": "By their {component}, {all} are families of their own: nothing says that one"
    " descends from another.",
    "merge": "The {component} of {0} is a merge: {mix}, residual {residual}.{even}",
    "merge by block": "The {component} of {0} is a merge of {rest} with a weight of its own for"
    " each block: that of {last} is {least} to {most}, residual {residual}.",
    "add difference": "The {component} of {0} is {1} + {weight 2} × ({2} − {3}), residual"
    " {residual}.",
    "interpolation": "The {component} of {0} lies on the way between its parents: {mix}, residual"
    " {residual}.",
    "between": "The {component} of {0} lies between {rest}: {mix}, residual {residual}; which of"
    " them came first is not known.",
    "difference of any": "By their {component}, {0} is {1} + {weight 2} × ({2} − {3}), residual"
    " {residual}; or one of these three was made so from the others: which came last is not known.",
    "line": "By their {component}, {count} lie on one line: {dashes}, none farther from it than"
    " {deviation} of its length. The order in which they were made is not known, nor which are"
    " mixes of others.",
    "declared otherwise": "The file of {0} says that it was merged from {rest}; its {component}"
    " does not: the best mix of these leaves {residual} of their distance.",
    "declared weights": "The file of {0} states other weights than its {component} has: {mix}.",
    "chain": "By their {component}, all {count} stand in one line: {chain}. {certain}",
    "same in all": "All {members} hold the same {component}.",
    "different ones": "{members} members hold {different} different {components}.",
    "copies": "{all} hold the same {component}{how}.",
    "decoder only": "Between {0} and {1}, only the decoder of the {component} differs: both"
    " understand the same latents.",
    "one part changed": "From {0} to {1}, only {part} of the {component} differs: {changed} of"
    " {tensors} tensors.",
    "partly changed": "From {0} to {1}, the {component} is partly changed: {changed} of {tensors}"
    " tensors differ, L2 {l2}.",
    "all changed": "From {0} to {1}, every tensor of the {component} differs: all {tensors}, L2"
    " {l2}.",
    "concentrated in block": "Of what the steps of the lineage change in the {component}, block"
    " {part} carries {change}, and holds {parameters} of its parameters.",
    "concentrated in kind": "Of what the steps of the lineage change in the {component}, the kind"
    " {part} carries {change}, and holds {parameters} of its parameters.",
    "no geometry": "{triples} triples of distances of the {component} break the triangle"
    " inequality: pairs were compared over different tensors. Members that this concerns are left"
    " out where mixes are looked for.",
}
PAIR_SENTENCES = {
    "same": "Both hold the same weights, byte for byte: {tensors} tensors.",
    "same in both": "What both hold is the same, byte for byte: {tensors} tensors. {0} holds"
    " {only a} more, {1} {only b}.",
    "unrelated": "Their {components} are not related: cosine {cosine}.",
    "precision": "The {component} is the same in another precision: equal once rounded to"
    " {format}.",
    "identical": "The {component} is the same, byte for byte.",
    "decoder only": "Only the decoder of the {component} differs: {changed} of {tensors} tensors.",
    "one part changed": "Of the {component}, only {part} differs: {changed} of {tensors} tensors.",
    "partly changed": "The {component} is partly changed: {changed} of {tensors} tensors differ, L2"
    " {l2}.",
    "all changed": "Every tensor of the {component} differs: all {tensors}, L2 {l2}.",
    "concentrated in block": "Block {part} carries {change} of the {component}'s squared distance"
    " and holds {parameters} of its parameters.",
    "concentrated in kind": "The kind {part} carries {change} of the {component}'s squared distance"
    " and holds {parameters} of its parameters.",
    "renamed": "The {component} has other names in {1}.",
    "EMA left out": "{1} lacks the EMA copy that {0} holds.",
    "EMA is the model": "The denoiser of {1} is the EMA copy that {0} holds, byte for byte.",
    "only in one": "{0} holds a {component}, {1} does not.",
    "tables left out": "{1} lacks tables of the noise schedule that {0} holds.",
    "reshaped": "{tensors} tensors have other shapes.",
}
ROUNDED = ("residual", "cosine", "deviation")
SHARES = ("change", "parameters")
HOW = {
    "bytes": ", byte for byte",
    "distance": ": nothing that was compared differs",
    "rounding": " in another precision: equal once rounded to {format}",
}

# How it is known of a chain who came first.
FIRST = {
    "declared": "The first is the group's reference.",
    "norms": "The first has the smallest norm, from which the others grew.",
}
NOBODY_FIRST = "Which end came first, distances alone do not tell."
# What would be rounded to 0 is not called 0.
SMALLEST_SHOWN = 0.0005

# Markup of the name of a member.
Naming = Callable[[str], Markup]


def group_sentence(finding: Finding, name: Naming) -> Markup:
    """The sentence of a finding of a group."""
    return _fill(GROUP_SENTENCES[finding.kind], finding, name)


def pair_sentence(finding: Finding, name: Naming) -> Markup:
    """The sentence of a finding of a pair."""
    return _fill(PAIR_SENTENCES[finding.kind], finding, name)


def mix(weights: Mapping[str, float], name: Naming) -> Markup:
    """Parents with their weights: `0.50 × one + 0.50 × other`."""
    parts = [
        Markup("{} × {}").format(inert(f"{weight:.2f}"), name(parent))
        for parent, weight in weights.items()
    ]
    return Markup(" + ").join(parts)


def listed(subjects: tuple[str, ...], name: Naming) -> Markup:
    """Names joined as in a sentence; of many, the first few."""
    names = [name(each) for each in subjects[:LISTED]]
    if len(subjects) > LISTED:
        return Markup(", ").join(names) + inert(f" and {len(subjects) - LISTED} more")
    if len(names) < 2:
        return Markup("").join(names)
    return Markup(", ").join(names[:-1]) + Markup(" and ") + names[-1]


def _fill(template: str, finding: Finding, name: Naming) -> Markup:
    subjects = finding.subjects
    values: dict[str, Markup] = {key: _figure(key, each) for key, each in finding.figures.items()}
    one, many = COMPONENTS.get(finding.component, (finding.component, finding.component))
    values |= {"component": inert(one), "components": inert(many)}
    values |= {"all": listed(subjects, name), "rest": listed(subjects[1:], name)}
    values["count"] = inert(len(subjects))
    values["dashes"] = Markup(" – ").join(map(name, subjects))
    values["chain"] = (
        Markup(" → ").join(map(name, subjects)) if _is_directed(finding) else values["dashes"]
    )
    values["last"] = name(subjects[-1]) if subjects else Markup("")
    weights = [finding.figures.get(f"weight {n}") for n in range(1, len(subjects))]
    known = [weight for weight in weights if isinstance(weight, int | float)]
    values["mix"] = mix(dict(zip(subjects[1:], known, strict=False)), name)
    values["certain"] = _certain(finding)
    values["even"] = _even(finding, values)
    how = HOW.get(str(finding.figures.get("how")), "")
    values["how"] = Markup(how).format(format=values.get("format", Markup("")))
    return Markup(template).format(*map(name, subjects), **values)


def _even(finding: Finding, values: Mapping[str, Markup]) -> Markup:
    """Of a merge of several blocks: within which bounds the weight is the same in all of them."""
    blocks = finding.figures.get("blocks", 1)
    if not isinstance(blocks, int) or blocks <= 1:
        return Markup("")
    bounds = "{least}" if values["least"] == values["most"] else "{least} to {most}"
    return Markup(
        " All is changed in proportion: in each of {blocks} blocks, the weight of {last} is "
        f"{bounds}."
    ).format(**values)


def _is_directed(finding: Finding) -> bool:
    """Of a chain, whether it is known who came first."""
    return finding.figures.get("rule") in FIRST


def _certain(finding: Finding) -> Markup:
    """What is known of the direction of a chain, and of its order."""
    first = FIRST.get(str(finding.figures.get("rule")), NOBODY_FIRST)
    next_best = "parent" if _is_directed(finding) else "neighbour"
    ratio = finding.figures.get("certainty")
    far = numbers.significant(ratio) if isinstance(ratio, float) else ""
    return inert(f"{first} The next best {next_best} is at least {far} times as far.")


def _figure(key: str, value: float | int | str) -> Markup:
    if isinstance(value, str):
        return inert(value)
    if key in SHARES:
        return inert(numbers.share(value, 1))
    if key in ROUNDED:
        return inert(residual(value))
    if key.startswith("weight") or key in ("least", "most"):
        return inert(f"{abs(value):.2f}")
    if isinstance(value, int):
        return inert(numbers.grouped(value))
    return inert(numbers.significant(value))


def residual(value: float) -> str:
    """A residual, of which the first three decimals say something."""
    return "below 0.001" if abs(value) < SMALLEST_SHOWN else f"{value:.3f}"
