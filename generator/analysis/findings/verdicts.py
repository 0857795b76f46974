"""A comparison of two checkpoints -> for each component: is it the same, and if not, how much.

The one place where this is decided: findings, pages and `atlas compare` show what it says.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from generator.checkpoints.identify.components import COMPONENTS
from generator.records import (
    Checkpoint,
    Comparison,
    ComponentComparison,
    ComponentVerdict,
)
from generator.records.comparisons import PairState, Place
from generator.records.reasons import NotAWeight

# Blocks that hold all of the difference are named while they are no more than these.
MOST_BLOCKS = 3
# A place differs more than the rest if its weights differ by this many times as much,
TELLING = 1.1
# less so many standard errors of its RMS: few weights differ more or less by chance.
STANDARD_ERRORS = 3

# How a file names the keys of each component.
Layouts = Mapping[str, str]


def judge(
    comparison: Comparison, layouts_a: Layouts, layouts_b: Layouts
) -> tuple[ComponentVerdict, ...]:
    """One for each component that either checkpoint has; `comparison` includes the tensors."""
    # A component that is another network is excluded under its bare name.
    other = {each.tensor: each.reason for each in comparison.summary.excluded}
    only_a, only_b = count_by_component(comparison.only_a), count_by_component(comparison.only_b)
    shapes = count_by_component(each.name for each in comparison.shape_mismatch)
    compared = comparison.summary.components
    names = dict.fromkeys([*compared, *only_a, *only_b, *shapes])
    names |= dict.fromkeys(name for name in other if "/" not in name)
    # Tensors that both have, but that are not compared: they matter where there is nothing else.
    beside = count_by_component(each for each in other if "/" in each)
    names = names or dict.fromkeys(row.component for row in comparison.tensors)
    verdicts = []
    for name in sorted(names, key=COMPONENTS.index):
        if name in other:
            verdict = ComponentVerdict(component=name, state="not_compared", reason=other[name])
        elif name in compared:
            keys = layouts_a.get(name, ""), layouts_b.get(name, "")
            verdict = _compared(comparison, name, keys)
            if not compared[name].same_weights:
                # Else what one has alone are counters and tables, which are not weights.
                verdict = _with_rest(verdict, only_a[name], only_b[name], shapes[name])
        elif beside[name] or shapes[name] or (only_a[name] and only_b[name]):
            verdict = _with_rest(
                ComponentVerdict(component=name, state="not_compared"),
                only_a[name],
                only_b[name],
                shapes[name],
            )
            rows = [row for row in comparison.tensors if row.component == name]
            if not verdict.partly and all(row.identical for row in rows):
                verdict = ComponentVerdict(component=name, state="identical", tensors=len(rows))
        else:
            state: PairState = "only_a" if only_a[name] else "only_b"
            count = only_a[name] + only_b[name]
            verdict = ComponentVerdict(component=name, state=state, tensors=count)
        verdicts.append(verdict)
    return tuple(verdicts)


def is_identical(verdict: ComponentVerdict) -> bool:
    """Whether both hold the same component: nothing is left that could differ."""
    return verdict.state == "identical" and not verdict.partly


def layouts(checkpoint: Checkpoint | None) -> Layouts:
    """How a checkpoint names the keys of its components, as far as that is known."""
    return {part.name: part.layout for part in checkpoint.components} if checkpoint else {}


def count_by_component(names: Iterable[str]) -> Counter[str]:
    """How many of the names (`COMPONENT/NAME`) each component has."""
    return Counter(name.partition("/")[0] for name in names)


def _with_rest(
    verdict: ComponentVerdict, only_a: int, only_b: int, shapes: int
) -> ComponentVerdict:
    return msgspec.structs.replace(verdict, only_a=only_a, only_b=only_b, other_shapes=shapes)


def _compared(comparison: Comparison, name: str, keys: tuple[str, str]) -> ComponentVerdict:
    part = comparison.summary.components[name]
    rows = [row for row in comparison.tensors if row.component == name and row.l0 is not None]
    differing = sum(bool(row.l0) for row in rows)
    state = _state(part, all(row.identical for row in rows))
    differs = state == "differs"
    return ComponentVerdict(
        component=name,
        state=state,
        tensors=len(rows),
        differing=differing,
        within=_few_blocks(part) if differs else (),
        l2=part.total.l2,
        rms=part.total.rms,
        most=_most(part) if differs else None,
        not_comparable=_not_comparable(comparison, name, part),
        layouts=keys if all(keys) and keys[0] != keys[1] else None,
    )


def _state(part: ComponentComparison, identical: bool) -> PairState:
    if part.total.l2 is None:
        return "not_compared"
    if part.total.l0:
        if part.equal_in_float16:
            return "float16"
        return "bfloat16" if part.equal_in_bfloat16 else "differs"
    return "identical" if identical else "equal"


def _not_comparable(comparison: Comparison, name: str, part: ComponentComparison) -> int:
    """Weights of a component that could not be compared; none matters where all bytes are equal."""
    if part.total.identical:
        return 0
    return sum(
        each.tensor.startswith(f"{name}/") and not isinstance(each.reason, NotAWeight)
        for each in comparison.summary.excluded
    )


def _few_blocks(part: ComponentComparison) -> tuple[str, ...]:
    """The blocks that differ, if they are few among others that do not."""
    places = [block for block, total in part.blocks.items() if total.l0]
    return tuple(places) if len(places) <= min(MOST_BLOCKS, len(part.blocks) - 1) else ()


def _most(part: ComponentComparison) -> Place | None:
    """The kind in a block whose weights differ most for certain."""
    places = [
        Place(block=block, kind=kind, elements=total.elements, rms=value)
        for block, kinds in part.blocks_kinds.items()
        for kind, total in kinds.items()
        if (value := total.rms)
    ]
    most = max(places, key=_least, default=None)
    if most is None or len(part.blocks) < 2 or _least(most) <= TELLING * (part.total.rms or 0.0):
        return None
    return most


def _least(place: Place) -> float:
    """Lower bound of the RMS: of n normal differences, its relative standard error is
    1 / sqrt(2 n)."""
    return place.rms * (1 - STANDARD_ERRORS / math.sqrt(2 * place.elements))
