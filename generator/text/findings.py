"""Findings -> sentences: the templates of `findings.toml`, filled with names and figures."""

from collections.abc import Iterator, Sequence

import msgspec
from markupsafe import Markup

from generator.networks.tables import read_table
from generator.records import Finding, Record
from generator.records.findings import Copies, Descent, Mixed, Ranks
from generator.text import numbers
from generator.text.escaping import inert
from generator.text.filling import Naming, fill, joined
from generator.text.words import COMPONENTS, bounds, listed

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


class KindText(Record):
    """The sentence of a kind, and the sections of its page with the evidence: the link leads to the
    first section present."""

    sentence: str
    sections: tuple[str, ...]


_TEXTS = read_table("text", "findings.toml", dict[str, dict[str, KindText]])
GROUP_TEXTS, PAIR_TEXTS = _TEXTS["groups"], _TEXTS["pairs"]
ROUNDED = ("residual", "cosine")
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
    return _say(GROUP_TEXTS[finding.kind], finding, name)


def pair_sentence(finding: Finding, name: Naming = inert) -> Markup:
    """The sentence of a finding of a pair."""
    return _say(PAIR_TEXTS[finding.kind], finding, name)


def mix(parents: Sequence[str], weights: Sequence[float], name: Naming) -> Markup:
    """Parents with their weights: `0.50 × one + 0.50 × other`, `1.50 × one − 0.50 × other`."""
    text = Markup()
    for weight, parent in zip(weights, parents, strict=True):
        sign = (" − " if text else "−") if weight < 0 else (" + " if text else "")
        text += fill(
            "{sign}{weight} × {parent}", sign=sign, weight=f"{abs(weight):.2f}", parent=name(parent)
        )
    return text


def residual(value: float) -> str:
    """A residual; its first three decimals are significant."""
    return "below 0.001" if abs(value) < SMALLEST_SHOWN else f"{value:.3f}"


def _say(text: KindText, finding: Finding, name: Naming) -> Markup:
    names = [*map(name, finding.subjects)]
    return fill(text.sentence, *names, **dict(_values(finding, name)))


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
        yield "bounds", _bounds(figures, name(subjects[-1]))
    if isinstance(figures, Descent):
        directed = figures.rule != "centre"
        yield "chain", Markup(" → " if directed else " – ").join(map(name, subjects))
        far = numbers.at_least(figures.certainty, 2)
        candidate = "parent" if directed else "neighbour"
        yield (
            "certain",
            f"{FIRST[figures.rule]} The next {candidate} candidate is at least {far}× as far.",
        )
    if isinstance(figures, Copies):
        yield "how", HOW[figures.how]
    if isinstance(figures, Ranks):
        yield "kinds", listed(figures.kinds)
        yield "span", bounds(figures.smallest, figures.largest)


def _even(figures: Mixed, last: Markup) -> Markup:
    """For a merge of several blocks: the bounds of the last parent's weight over all of them."""
    if figures.blocks <= 1 or figures.least is None or figures.most is None:
        return Markup("")
    least, most = f"{abs(figures.least):.2f}", f"{abs(figures.most):.2f}"
    template = " {last} has the same weight, {least}, in all {blocks} blocks."
    if least != most:
        template = " In all {blocks} blocks, the weight of {last} is {least} to {most}."
    return fill(template, last=last, least=least, most=most, blocks=figures.blocks)


def _bounds(figures: Mixed, last: Markup) -> Markup:
    """For a merge by block: the bounds of the last parent's weight, if they are known."""
    if figures.least is None or figures.most is None:
        return Markup("")
    least, most = f"{abs(figures.least):.2f}", f"{abs(figures.most):.2f}"
    return fill(": that of {last} is {least} to {most}", last=last, least=least, most=most)


def _figure(key: str, value: object) -> str:
    if not isinstance(value, int | float):
        return str(value)
    if key in SHARES:
        return numbers.share(value, 1)
    if key in ROUNDED:
        return residual(value)
    if key == "deviation":
        return numbers.at_most(value)
    return numbers.grouped(value) if isinstance(value, int) else numbers.significant(value)
