"""Verdicts on the components of a pair -> the sentences that open its page."""

from collections.abc import Iterator, Sequence

from generator.publish.pages.pairs.figures import most_changed, rms
from generator.publish.pages.pairs.verdicts import TEXTS, State, Verdict
from generator.records import DistanceSum
from generator.text import numbers
from generator.text.words import begun, component_title, listed

SAME: tuple[State, ...] = ("identical", "equal", "float16", "bfloat16")
APART: tuple[State, ...] = ("only A", "only B", "not compared")
# A place differs more than the rest if its weights differ by this many times as much.
TELLING = 1.1


def answer(found: Sequence[Verdict]) -> str:
    """Whether the two really differ, and where, in sentences with numbers."""
    return " ".join(
        [*_difference(found), *_likeness(found), *_place(found), *_names(found), *_apart(found)]
    )


def headline(found: Sequence[Verdict]) -> str:
    """What differs, in a few words for a table."""
    differing = [one.component for one in found if one.state == "differs"]
    if differing:
        return ", ".join(differing)
    if any(one.state in APART or one.asides for one in found):
        return "only what one has alone"
    rounded = sorted({one.state for one in found} & {"equal", "float16", "bfloat16"})
    if rounded:
        return "dtypes alone" if rounded == ["equal"] else "rounding"
    return "names of keys" if any(one.renamed for one in found) else "nothing"


def answer_of_all(pairs: Sequence[tuple[str, Sequence[Verdict]]]) -> str:
    """How many of the named pairs differ by more than rounding, and which the most."""
    if not pairs:
        return ""
    apart = [pair for pair in pairs if any(one.state == "differs" for one in pair[1])]
    same = len(pairs) - len(apart)
    text = (
        f"{len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'} of checkpoints, compared tensor by"
        f" tensor: {len(apart)} differ by more than rounding, {same} do not."
    )
    distances = [
        (total, one.component, name)
        for name, found in apart
        for one in found
        if one.state == "differs" and (total := rms(_total(one)))
    ]
    if not distances:
        return text
    most, component, name = max(distances)
    return (
        f"{text} The farthest apart is the {component_title(component)} of “{name}”: its weights"
        f" differ by {numbers.small(most)} (RMS)."
    )


def _difference(found: Sequence[Verdict]) -> Iterator[str]:
    differing = [one for one in found if one.state == "differs"]
    if differing:
        alone = len(differing) == 1 and len(found) > 1
        first, *others = (
            f"{_name(one)} {one.text} (L2\N{NO-BREAK SPACE}{numbers.small(_total(one).l2)})"
            for one in differing
        )
        others = [text.replace(" differs", "", 1) for text in others]
        if alone:
            first = f"only {first.replace(' differs', ' differs,', 1)}"
        yield _sentence(listed([first, *others]))
    elif all(one.state in SAME for one in found):
        states = {one.state for one in found}
        rounded = "rounding" if states & {"float16", "bfloat16"} else "their dtypes"
        partly = any(one.asides for one in found)
        if states != {"identical"}:
            yield f"They differ by {rounded} alone{', in what both have' if partly else ''}."
        else:
            yield f"Nothing {'that could be compared ' if partly else ''}differs."


def _likeness(found: Sequence[Verdict]) -> Iterator[str]:
    for state in SAME:
        same = [one for one in found if one.state == state]
        if same:
            verb = "is" if len(same) == 1 else "are"
            names = listed([_name(one) for one in same])
            farthest = max(_total(one).l2 or 0.0 for one in same)
            distance = (
                f", at most L2\N{NO-BREAK SPACE}{numbers.small(farthest)} apart" if farthest else ""
            )
            yield _sentence(f"{names} {verb} {TEXTS[state]}{distance}")


def _place(found: Sequence[Verdict]) -> Iterator[str]:
    one = next((one for one in found if one.state == "differs" and one.figures), None)
    most = most_changed(one.figures) if one and one.figures else None
    if one and one.figures and most and len(one.figures.blocks) > 1:
        there, everywhere = rms(most.total) or 0.0, rms(one.figures.total) or 0.0
        if there > TELLING * everywhere:
            yield _sentence(
                f"{_name(one)} differs most in {most.name}: by {numbers.small(there)} a weight"
                f" (RMS), {numbers.significant(there / everywhere)} times as much as in all of it"
            )


def _names(found: Sequence[Verdict]) -> Iterator[str]:
    renamed = [_name(one) for one in found if one.renamed]
    if renamed:
        yield _sentence(f"the two files name the keys of {listed(renamed)} differently")


def _apart(found: Sequence[Verdict]) -> Iterator[str]:
    for state in ("only A", "only B"):
        names = [_name(one) for one in found if one.state == state]
        if names:
            yield _sentence(f"{state} has {listed(names)}")
    for one in found:
        if one.state == "not compared":
            yield _sentence(f"{_name(one)} is {one.text}")
        elif one.asides:
            yield _sentence(f"{_name(one)} also has {listed(one.asides)}")


def _total(one: Verdict) -> DistanceSum:
    if one.figures is None:
        raise ValueError(f"{one.component} was not compared")
    return one.figures.total


def _name(one: Verdict) -> str:
    return f"the {component_title(one.component)}"


def _sentence(text: str) -> str:
    return f"{begun(text)}."
