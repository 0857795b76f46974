"""Verdicts on the components of a pair -> the first sentences of its page, and its words in tables
and on a terminal."""

from collections.abc import Iterator, Sequence
from itertools import product

from generator.records import ComponentVerdict
from generator.records.comparisons import PairState
from generator.text import numbers
from generator.text.coded import reason_text
from generator.text.words import begun, component_title, listed, tensors

Verdicts = Sequence[ComponentVerdict]

STATES: dict[PairState, str] = {
    "identical": "identical",
    "equal": "the same values in other dtypes",
    "float16": "equal after rounding to float16",
    "bfloat16": "equal after rounding to bfloat16",
    "only_a": "only A has it",
    "only_b": "only B has it",
    "not_compared": "not comparable: {why}",
    "differs": "differs in {differing}{within}",
}
SAME: tuple[PairState, ...] = ("identical", "equal", "float16", "bfloat16")
ROUNDED: tuple[PairState, ...] = ("float16", "bfloat16")
APART: dict[PairState, str] = {"only_a": "A", "only_b": "B"}


def verdict_text(verdict: ComponentVerdict) -> str:
    """The verdict in words, without the parts that were not compared."""
    words = STATES[verdict.state].format(
        why=_why(verdict),
        differing=_how_many(verdict.differing, verdict.tensors),
        within=f", all in {listed(verdict.within)}" if verdict.within else "",
    )
    partly = verdict.state in SAME and verdict.partly
    return f"{words} in what could be compared" if partly else words


def verdict_words(verdict: ComponentVerdict) -> str:
    """The complete verdict: `identical; its keys are named “original” in A, “renamed” in B`."""
    beside = asides(verdict) if verdict.state != "not_compared" else []
    if verdict.layouts:
        a, b = verdict.layouts
        beside = [*beside, f"its keys are named “{a}” in A, “{b}” in B"]
    return "; ".join([verdict_text(verdict), *beside])


def asides(verdict: ComponentVerdict) -> list[str]:
    """The tensors that were not compared, of a component that both have."""
    counts = (
        (verdict.only_a, "only in A"),
        (verdict.only_b, "only in B"),
        (verdict.other_shapes, "of another shape"),
        (verdict.not_comparable, "not comparable"),
    )
    return [f"{tensors(count)} {where}" for count, where in counts if count]


def headline(verdicts: Verdicts) -> str:
    """What differs, in a few words for a table."""
    differing = [each.component for each in verdicts if each.state == "differs"]
    if differing:
        return ", ".join(differing)
    if any(each.state not in SAME or each.partly for each in verdicts):
        unknown = any(
            each.state == "not_compared" or each.other_shapes or each.not_comparable
            for each in verdicts
        )
        return "nothing that could be compared" if unknown else "only what one has alone"
    states = {each.state for each in verdicts} - {"identical"}
    if states:
        return "dtypes alone" if states == {"equal"} else "rounding"
    return "names of keys" if any(each.layouts for each in verdicts) else "nothing"


def answer(verdicts: Verdicts) -> str:
    """Whether the two really differ, and where, in sentences with numbers."""
    parts = (_difference, _likeness, _place, _names, _apart)
    return " ".join(f"{begun(text)}." for part in parts for text in part(verdicts))


def answer_of_all(pairs: Sequence[tuple[str, Verdicts]]) -> str:
    """How many of the named pairs differ by more than rounding, and which differs most."""
    if not pairs:
        return ""
    apart = [pair for pair in pairs if any(each.state == "differs" for each in pair[1])]
    text = (
        f"{len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'} of checkpoints, compared tensor by"
        f" tensor: {len(apart)} differ by more than rounding, {len(pairs) - len(apart)} do not."
    )
    distances = [
        (each.rms, each.component, name)
        for name, verdicts in apart
        for each in verdicts
        if each.state == "differs" and each.rms
    ]
    if not distances:
        return text
    most, component, name = max(distances)
    return (
        f"{text} The farthest apart is the {component_title(component)} of “{name}”: its weights"
        f" differ by {numbers.small(most)} (RMS)."
    )


def _difference(verdicts: Verdicts) -> Iterator[str]:
    differing = [each for each in verdicts if each.state == "differs"]
    if differing:
        alone = len(differing) == 1 and len(verdicts) > 1
        first, *others = (
            f"{_name(each)} {verdict_text(each)} (L2\N{NO-BREAK SPACE}{numbers.small(each.l2)})"
            for each in differing
        )
        others = [text.replace(" differs", "", 1) for text in others]
        if alone:
            first = f"only {first.replace(' differs', ' differs,', 1)}"
        yield listed([first, *others])
    elif all(each.state in SAME for each in verdicts):
        states = {each.state for each in verdicts}
        partly = any(each.partly for each in verdicts)
        if states != {"identical"}:
            what = "rounding" if states & set(ROUNDED) else "their dtypes"
            yield f"they differ by {what} alone{', in what both have' if partly else ''}"
        else:
            yield f"nothing {'that could be compared ' if partly else ''}differs"


def _likeness(verdicts: Verdicts) -> Iterator[str]:
    for state, partly in product(SAME, (False, True)):
        same = [each for each in verdicts if each.state == state and each.partly == partly]
        if same:
            verb = "is" if len(same) == 1 else "are"
            farthest = max(each.l2 or 0.0 for each in same)
            distance = (
                f", at most L2\N{NO-BREAK SPACE}{numbers.small(numbers.raised(farthest))} apart"
                if farthest
                else ""
            )
            yield f"{listed([*map(_name, same)])} {verb} {verdict_text(same[0])}{distance}"


def _place(verdicts: Verdicts) -> Iterator[str]:
    one = next((each for each in verdicts if each.state == "differs"), None)
    if one and one.most and one.rms:
        there = one.most.rms
        yield (
            f"{_name(one)} differs most in {one.most.kind} of {one.most.block}: by"
            f" {numbers.small(there)} per weight (RMS over {numbers.grouped(one.most.elements)}"
            f" weights), {numbers.significant(there / one.rms)} times as much as in all of it"
        )


def _names(verdicts: Verdicts) -> Iterator[str]:
    renamed = [_name(each) for each in verdicts if each.layouts]
    if renamed:
        yield f"the two files name the keys of {listed(renamed)} differently"


def _apart(verdicts: Verdicts) -> Iterator[str]:
    for state, side in APART.items():
        names = [_name(each) for each in verdicts if each.state == state]
        if names:
            yield f"only {side} has {listed(names)}"
    for each in verdicts:
        if each.state == "not_compared":
            yield f"{_name(each)} is {verdict_text(each)}"
        elif each.partly:
            yield f"{_name(each)} also has {listed(asides(each))}"


def _why(verdict: ComponentVerdict) -> str:
    if verdict.reason:
        return reason_text(verdict.reason)
    return ", ".join(asides(verdict)) or "none of its tensors could be compared"


def _name(verdict: ComponentVerdict) -> str:
    return f"the {component_title(verdict.component)}"


def _how_many(some: int, of: int) -> str:
    """`all 686 tensors`, `12 of 248 tensors`."""
    return f"{'all' if some == of else f'{numbers.grouped(some)} of'} {tensors(of)}"
