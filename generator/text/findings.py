"""Findings -> sentences: one template per kind, filled with names and figures.

`{0}`, `{1}` are the subjects, `{all}` all of them, `{rest}` all except the first; other names are
figures of the finding, formatted. The templates are trusted; the values are made inert.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from markupsafe import Markup

from generator.records import Finding
from generator.records.findings import Copies, Descent, Mixed
from generator.text import numbers
from generator.text.escaping import inert
from generator.text.filling import Naming, fill, joined
from generator.text.words import COMPONENTS

# Titles of the sections with evidence, by anchor.
SECTIONS = {
    "merges": "Merges",
    "declared": "Recipes in metadata",
    "lineage": "Lineage",
    "distances": "Distances",
    "clusters": "Clusters",
    "members": "Members",
    "by-kind": "By kind",
    "blocks": "Blocks",
    "downloads": "Downloads",
    "components": "Components",
    "tensors": "Tensors",
    "apart": "Only in one",
    "shapes": "Different shapes",
}


class KindText(NamedTuple):
    """The sentence of a kind, and the sections of its page with the evidence: the link leads to the
    first section present."""

    sentence: str
    sections: tuple[str, ...]


GROUP_TEXTS = {
    "merge": KindText(
        "The {component} of {0} is a merge: {mix}, residual {residual}.{even}", ("merges",)
    ),
    "merge_by_block": KindText(
        "The {component} of {0} is a merge of {rest} with a separate weight for each block: that of"
        " {last} is {least} to {most}, residual {residual}.",
        ("merges",),
    ),
    "add_difference": KindText(
        "The {component} of {0} is {1} + {weight} × ({2} − {3}), residual {residual}.", ("merges",)
    ),
    "interpolation": KindText(
        "The {component} of {0} lies between a parent and its descendant: {mix}, residual"
        " {residual}.",
        ("merges",),
    ),
    "between": KindText(
        "The {component} of {0} lies between {rest}: {mix}, residual {residual}. Which of them came"
        " first is not known.",
        ("merges",),
    ),
    "difference_of_any": KindText(
        "The {component} of {0} is {1} + {weight} × ({2} − {3}), residual {residual}, or one of"
        " these three was made in this way from the others: which came last is not known.",
        ("merges",),
    ),
    "line": KindText(
        "The {components} of {count} checkpoints lie on one line: {dashes}; none is farther from it"
        " than {deviation} of its length. The order in which they were made is not known, nor which"
        " are mixes of others.",
        ("lineage", "distances"),
    ),
    "declared_otherwise": KindText(
        "The file of {0} says that it was merged from {rest}, but its {component} does not fit: the"
        " best mix of these leaves {residual} of their distance.",
        ("declared",),
    ),
    "declared_weights": KindText(
        "The file of {0} states other weights than its {component} has: {mix}.", ("declared",)
    ),
    "chain": KindText(
        "The {components} of all {count} form one line: {chain}. {certain}",
        ("lineage",),
    ),
    "unrelated": KindText("The {components} of {all} are unrelated.", ("lineage", "clusters")),
    "same_in_all": KindText("All {members} hold the same {component}.", ("members",)),
    "different_ones": KindText(
        "{members} members hold {different} different {components}.", ("members",)
    ),
    "copies": KindText("{all} hold the same {component}{how}.", ("clusters", "members")),
    "decoder_only": KindText(
        "Between {0} and {1}, only the decoder of the {component} differs: both understand the same"
        " latents.",
        ("lineage", "members"),
    ),
    "one_part_changed": KindText(
        "From {0} to {1}, only {part} of the {component} differs: {changed} of {tensors} tensors.",
        ("by-kind", "members"),
    ),
    "partly_changed": KindText(
        "From {0} to {1}, the {component} is partly changed: {changed} of {tensors} tensors differ,"
        " L2 {l2}.",
        ("by-kind", "members"),
    ),
    "all_changed": KindText(
        "From {0} to {1}, every tensor of the {component} differs: all {tensors}, L2 {l2}.",
        ("by-kind", "members"),
    ),
    "concentrated_in_block": KindText(
        "Of what changes in the {component} along the lineage, block {part} carries {change} and"
        " holds {parameters} of the parameters.",
        ("blocks", "downloads"),
    ),
    "concentrated_in_kind": KindText(
        "Of what changes in the {component} along the lineage, the kind {part} carries {change} and"
        " holds {parameters} of the parameters.",
        ("downloads",),
    ),
    "no_geometry": KindText(
        "{triples} triples of distances of the {component} break the triangle inequality: pairs"
        " were compared over different tensors. The members concerned are left out of the search"
        " for mixes.",
        ("members",),
    ),
}
PAIR_TEXTS = {
    "same": KindText(
        "Both hold the same weights, byte for byte: {tensors} tensors.", ("components",)
    ),
    "same_in_both": KindText(
        "What both hold is the same, byte for byte: {tensors} tensors. {0} holds {only_a} more, {1}"
        " {only_b}.",
        ("components",),
    ),
    "unrelated": KindText("Their {components} are unrelated: cosine {cosine}.", ("components",)),
    "precision": KindText(
        "The {component} is the same in another precision: equal after rounding to {format}.",
        ("components",),
    ),
    "other_dtypes": KindText(
        "The {component} holds the same values in other dtypes.", ("components",)
    ),
    "identical": KindText("The {component} is the same, byte for byte.", ("components",)),
    "decoder_only": KindText(
        "Only the decoder of the {component} differs: {changed} of {tensors} tensors.", ("blocks",)
    ),
    "one_part_changed": KindText(
        "Of the {component}, only {part} differs: {changed} of {tensors} tensors.", ("blocks",)
    ),
    "partly_changed": KindText(
        "The {component} is partly changed: {changed} of {tensors} tensors differ, L2 {l2}.",
        ("tensors",),
    ),
    "all_changed": KindText(
        "Every tensor of the {component} differs: all {tensors}, L2 {l2}.", ("tensors",)
    ),
    "concentrated_in_block": KindText(
        "Block {part} carries {change} of the {component}'s squared distance and holds {parameters}"
        " of its parameters.",
        ("blocks",),
    ),
    "concentrated_in_kind": KindText(
        "The kind {part} carries {change} of the {component}'s squared distance and holds"
        " {parameters} of its parameters.",
        ("blocks",),
    ),
    "renamed": KindText("The {component} has other names in {1}.", ("components",)),
    "ema_left_out": KindText("{1} lacks the EMA copy that {0} holds.", ("apart",)),
    "ema_is_the_model": KindText(
        "The denoiser of {1} is the EMA copy that {0} holds, byte for byte.", ("components",)
    ),
    "only_in_one": KindText("{0} holds a {component}, {1} does not.", ("apart",)),
    "tables_left_out": KindText(
        "{1} lacks tables of the noise schedule that {0} holds.", ("apart",)
    ),
    "reshaped": KindText("{tensors} tensors have other shapes.", ("shapes", "components")),
}
ROUNDED = ("residual", "cosine", "deviation")
SHARES = ("change", "parameters")
HOW = {
    "bytes": ", byte for byte",
    "distance": ": nothing that was compared differs",
    "float16": " in another precision: equal after rounding to float16",
    "bfloat16": " in another precision: equal after rounding to bfloat16",
}
# How the order of a chain is known.
FIRST = {
    "declared": "The first is the group's reference.",
    "norms": "The first has the smallest norm, from which the others grew.",
    "centre": "Distances alone do not tell which end came first.",
}
# Smaller values would be rounded to 0, which they are not.
SMALLEST_SHOWN = 0.0005


def group_sentence(finding: Finding, name: Naming = inert) -> Markup:
    """The sentence of a finding of a group."""
    return _say(GROUP_TEXTS, finding, name)


def pair_sentence(finding: Finding, name: Naming = inert) -> Markup:
    """The sentence of a finding of a pair."""
    return _say(PAIR_TEXTS, finding, name)


def mix(parents: Sequence[str], weights: Sequence[float], name: Naming) -> Markup:
    """Parents with their weights: `0.50 × one + 0.50 × other`."""
    parts = zip(weights, parents, strict=True)
    return Markup(" + ").join(
        fill("{weight} × {parent}", weight=f"{weight:.2f}", parent=name(parent))
        for weight, parent in parts
    )


def residual(value: float) -> str:
    """A residual; its first three decimals are significant."""
    return "below 0.001" if abs(value) < SMALLEST_SHOWN else f"{value:.3f}"


def _say(texts: Mapping[str, KindText], finding: Finding, name: Naming) -> Markup:
    names = [*map(name, finding.subjects)]
    return fill(texts[finding.kind].sentence, *names, **dict(_values(finding, name)))


def _values(finding: Finding, name: Naming) -> Iterator[tuple[str, object]]:
    figures, subjects = finding.figures, finding.subjects
    for key, value in msgspec.structs.asdict(figures).items():
        yield key, _figure(key, value)
    one, many = COMPONENTS.get(finding.component, (finding.component, finding.component))
    yield from (("component", one), ("components", many), ("count", len(subjects)))
    yield from (("all", joined(subjects, name)), ("rest", joined(subjects[1:], name)))
    yield "last", name(subjects[-1]) if subjects else ""
    yield "dashes", Markup(" – ").join(map(name, subjects))
    if isinstance(figures, Mixed):
        weights = figures.weights
        if len(weights) > 1:
            yield "weight", f"{abs(weights[1]):.2f}"
        yield "mix", mix(subjects[1:], weights, name)
        yield "even", _even(figures, name(subjects[-1]))
    if isinstance(figures, Descent):
        directed = figures.rule != "centre"
        yield "chain", Markup(" → " if directed else " – ").join(map(name, subjects))
        far = numbers.significant(figures.certainty)
        candidate = "parent" if directed else "neighbour"
        yield (
            "certain",
            f"{FIRST[figures.rule]} The next {candidate} candidate is at least {far}× as far.",
        )
    if isinstance(figures, Copies):
        yield "how", HOW[figures.how]


def _even(figures: Mixed, last: Markup) -> Markup:
    """For a merge of several blocks: the bounds of the last parent's weight over all of them."""
    if figures.blocks <= 1 or figures.least is None or figures.most is None:
        return Markup("")
    least, most = f"{abs(figures.least):.2f}", f"{abs(figures.most):.2f}"
    template = " {last} has the same weight, {least}, in all {blocks} blocks."
    if least != most:
        template = " In all {blocks} blocks, the weight of {last} is {least} to {most}."
    return fill(template, last=last, least=least, most=most, blocks=figures.blocks)


def _figure(key: str, value: object) -> str:
    if not isinstance(value, int | float):
        return str(value)
    if key in SHARES:
        return numbers.share(value, 1)
    if key in ROUNDED:
        return residual(value)
    if key in ("least", "most"):
        return f"{abs(value):.2f}"
    return numbers.grouped(value) if isinstance(value, int) else numbers.significant(value)
