"""A pair -> for each component that either of the two has: is it the same, and if not, how much."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from generator.publish.figures.block_runs import in_order
from generator.publish.pages.pairs.figures import count_by_component
from generator.publish.reading.pairs import HeldPair
from generator.records import Comparison, ComponentComparison, Record
from generator.records.reasons import NotAWeight, OneSided
from generator.text import numbers
from generator.text.coded import reason_text
from generator.text.words import listed, order_components

# Layouts by checkpoint and component: how the file names its keys.
Layouts = Mapping[str, Mapping[str, str]]
State = Literal[
    "identical", "equal", "float16", "bfloat16", "differs", "only A", "only B", "not compared"
]
TEXTS: dict[State, str] = {
    "identical": "identical",
    "equal": "the same values in other dtypes",
    "float16": "equal once rounded to float16",
    "bfloat16": "equal once rounded to bfloat16",
    "only A": "only A has it",
    "only B": "only B has it",
}
# Blocks that hold all of the difference are named while they are no more than these.
MOST_BLOCKS = 3


class Verdict(Record, frozen=True, kw_only=True):
    """What is to be said of one component.

    `equal`: the same values in other dtypes; `float16` and `bfloat16`: equal once rounded to it.
    `differing` of the `tensors` that could be compared differ; `within` are the few blocks that
    hold all of them, if so. `text` is the verdict in words, `asides` what else is worth knowing.
    `renamed` tells how the two files name its keys, if differently. `figures` are there for what
    both have.
    """

    component: str
    state: State
    text: str
    asides: tuple[str, ...] = ()
    renamed: str = ""
    within: tuple[str, ...] = ()
    tensors: int = 0
    differing: int = 0
    figures: ComponentComparison | None = None


class _Apart(NamedTuple):
    """How many tensors of a component only one has, or have other shapes."""

    only_a: int
    only_b: int
    shapes: int

    def words(self) -> tuple[str, ...]:
        places = ("only in A", "only in B", "of another shape")
        pairs = zip(self, places, strict=True)
        return tuple(f"{tensors_of(count)} {place}" for count, place in pairs if count)


def verdicts(held: HeldPair, layouts: Layouts) -> tuple[Verdict, ...]:
    """One for each component that either checkpoint has, in the order of the palette."""
    comparison = held.pair.comparison
    # A component that is another network is excluded under its bare name.
    strange = {each.tensor: reason_text(each.reason) for each in comparison.summary.excluded}
    apart = _apart(comparison)
    compared = comparison.summary.components
    found = []
    for name in order_components({*compared, *apart, *(n for n in strange if "/" not in n)}):
        if name in strange:
            found.append(_not_compared(name, strange[name]))
        elif name in compared:
            found.append(_compared(name, compared[name], held, apart.get(name), layouts))
        else:
            found.append(_one_sided(name, apart[name]))
    return tuple(found)


def tensors_of(count: int) -> str:
    """`1 tensor`, `686 tensors`."""
    return f"{numbers.grouped(count)} {'tensor' if count == 1 else 'tensors'}"


def how_many(some: int, of: int) -> str:
    """`all 686 tensors`, `12 of 248 tensors`."""
    start = "all" if some == of else f"{numbers.grouped(some)} of"
    return f"{start} {tensors_of(of)}"


def _apart(comparison: Comparison) -> dict[str, _Apart]:
    counts = (
        count_by_component(comparison.only_a),
        count_by_component(comparison.only_b),
        count_by_component(each.name for each in comparison.shape_mismatch),
    )
    names = {name for count in counts for name in count}
    return {name: _Apart(*(count.get(name, 0) for count in counts)) for name in names}


def _one_sided(name: str, apart: _Apart) -> Verdict:
    """A component of which nothing could be compared."""
    if apart.shapes or (apart.only_a and apart.only_b):
        return _not_compared(name, ", ".join(apart.words()))
    state: State = "only A" if apart.only_a else "only B"
    return Verdict(
        component=name, state=state, text=TEXTS[state], tensors=apart.only_a + apart.only_b
    )


def _not_compared(name: str, reason: str) -> Verdict:
    return Verdict(component=name, state="not compared", text=f"not comparable: {reason}")


def _compared(
    name: str,
    part: ComponentComparison,
    held: HeldPair,
    apart: _Apart | None,
    layouts: Layouts,
) -> Verdict:
    compared = [row for row in held.rows if row.component == name and row.l0 is not None]
    one, other = (layouts.get(side, {}).get(name, "") for side in (held.pair.a, held.pair.b))
    differing = sum(bool(row.l0) for row in compared)
    state = _state(part, differing, all(row.identical for row in compared))
    # Counters and tables that one has alone are tensors, but no weights.
    asides = apart.words() if apart and not part.same_weights else ()
    refused = _refused(name, held)
    asides += (f"{tensors_of(refused)} not comparable",) if refused else ()
    within = _few_blocks(part) if state == "differs" else ()
    return Verdict(
        component=name,
        state=state,
        text=_text(state, asides, how_many(differing, len(compared)), within),
        asides=asides,
        renamed=f"“{one}” in A, “{other}” in B" if one and other and one != other else "",
        within=within,
        tensors=len(compared),
        differing=differing,
        figures=part,
    )


def _refused(name: str, held: HeldPair) -> int:
    """How many weights of a component could not be compared."""
    return sum(
        each.tensor.startswith(f"{name}/") and not isinstance(each.reason, NotAWeight | OneSided)
        for each in held.pair.comparison.summary.excluded
    )


def _state(part: ComponentComparison, differing: int, identical: bool) -> State:
    if part.total.l2 is None:
        return "not compared"
    if differing:
        if part.equal_in_float16:
            return "float16"
        return "bfloat16" if part.equal_in_bfloat16 else "differs"
    return "identical" if identical else "equal"


def _few_blocks(part: ComponentComparison) -> tuple[str, ...]:
    """The blocks that differ, if they are few among others that do not."""
    places = [block for block in in_order(part.blocks) if part.blocks[block].l0]
    return tuple(places) if len(places) <= min(MOST_BLOCKS, len(part.blocks) - 1) else ()


def _text(state: State, asides: tuple[str, ...], differing: str, within: tuple[str, ...]) -> str:
    if state == "not compared":
        return "not comparable: none of its tensors could be compared"
    if state == "differs":
        return f"differs in {differing}{f', all in {listed(within)}' if within else ''}"
    return TEXTS[state] + (" in what could be compared" if asides else "")
