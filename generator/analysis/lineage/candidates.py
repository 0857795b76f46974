"""The steps of a family from its root -> the best explanations of a member that is not claimed."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from generator.analysis.lineage.stand_ins import Mix
from generator.analysis.lineage.sums_of_steps import (
    SMALLEST,
    Steps,
    Sum,
    fit,
    is_exact,
    needs_all,
    pursue,
    sparse_sum,
)
from generator.records import Rule

# Explanations told of each member.
SHOWN = 3
# Smallest weight of a parent that is told.
SMALLEST_TOLD = 0.05


class Unclaimed(NamedTuple):
    """A mix, and the rule that it fails."""

    mix: Mix
    failed: Rule


def best_explanations(steps: Steps, target: int, pool: Sequence[int]) -> list[Unclaimed]:
    """Up to three mixes of `pool` and the root: exact sums, then the nearest, of as many members as
    help."""
    others = [each for each in pool if each != target]
    exact = list(_exact_sums(steps, target, others))
    rule: Rule = "order" if len(exact) == 1 else "many"
    found = {frozenset(each.parents): Unclaimed(_mix(steps, each), rule) for each in exact}
    chosen = pursue(steps, target, others, SHOWN)
    for count in range(len(chosen), 0, -1):
        told = fit(steps, target, chosen[:count])
        if count > 1 and min(map(abs, told.factors)) < SMALLEST_TOLD:
            continue
        failed: Rule = "order" if is_exact(steps, target, told) else "residual"
        found.setdefault(frozenset(told.parents), Unclaimed(_mix(steps, told), failed))
    return list(found.values())[:SHOWN]


def _exact_sums(steps: Steps, target: int, others: Sequence[int]) -> Iterator[Sum]:
    """An exact sum of few members, and those without one of its parents."""
    first = sparse_sum(steps, target, others)
    # Of what differs by rounding only, any sum is exact.
    if first is None or len(first.parents) < 2 or not needs_all(steps, target, first):
        return
    yield first
    for parent in first.parents:
        second = sparse_sum(steps, target, [each for each in others if each != parent])
        if second and needs_all(steps, target, second):
            yield second


def _mix(steps: Steps, found: Sum) -> Mix:
    """The sum with the weight of the root."""
    weights = dict(zip(found.parents, found.factors, strict=True))
    rest = 1 - sum(found.factors)
    if abs(rest) >= SMALLEST or len(weights) == 1:
        weights[steps.root] = rest
    return Mix(tuple(weights), tuple(weights.values()), "merge")
