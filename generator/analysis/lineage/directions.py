"""An exact sum of steps -> which of its members is the mix, if that is clear.

An exact sum says that some members depend on one another, not which of them was made from the
others: with t = 0.5 a + 0.5 b, also a = 2 t - b. The target is the one whose parents know nothing
of one another: they stand at right angles, seen from the root or from a common ancestor, or one
descends from the other, and nothing is subtracted. If that is true of another member of the sum,
too, no direction is claimed. Nor is it if the rounding of the sum is that of another member: what
was computed last holds it. A whole step that leaves many parts as they were may be an adapter that
was added to the rest of the sum, rather than a parent.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, permutations
from typing import Literal

import numpy as np

from generator.analysis.lineage.relations import Relations
from generator.analysis.lineage.sums_of_steps import (
    SMALLEST,
    Steps,
    Sum,
    fit_whole,
    is_exact,
    needs_all,
)

# A sum that is nearer than this part of its rounding was not rounded, as in float64.
LEAST_ROUNDING = 0.1
# Its rounding is that of another member if that fits this much better.
CLEARLY = 2.0
# The squared rounding of many values, in units of the expected one: significands are not spread
# quite evenly.
AS_EXPECTED = (0.8, 1.5)
# More than this is that of two members. Halves of a step are rounded by half a step or not at all,
# 1.5 times the mean square of others.
TWO_ROUNDINGS, HALVES = 1.75, 1.5


def direction_of(
    relations: Relations, steps: Steps, target: int, found: Sum
) -> Literal["merge", "interpolation"] | None:
    """What the sum is, if it is clear which member is the mix."""
    factors = dict(zip(found.parents, found.factors, strict=True))
    positive = min(factors.values()) > 0
    rest = 1 - sum(factors.values())
    whole = fit_whole(steps, target, found.parents)
    is_whole = is_exact(steps, target, whole) and _holds_rounding(steps, target, whole)
    if not is_admissible(relations, factors, related=positive):
        return None
    if not needs_all(steps, target, found) or not _holds_rounding(steps, target, found):
        return None
    if not positive and rest >= SMALLEST:
        # Something is taken from the root itself: a member that lies beyond it is no parent.
        return None
    if not is_whole and (abs(rest) < SMALLEST or _may_be_scaled(rest, found.factors)):
        return None
    if not is_whole and any(
        abs(factor - 1) < SMALLEST and relations.is_adapted(parent, (steps.root, *factors))
        for parent, factor in factors.items()
    ):
        return None
    if not is_whole and _may_be_moved(relations, steps, target, found):
        return None
    is_added = any(abs(factor - 1) < SMALLEST for factor in found.factors)
    if rest < 0 and not (is_whole or is_added) and relations.is_sum(steps, found.parents, target):
        return None
    for parent, factor in factors.items():
        # target = factor * parent + rest, so parent = (target - rest) / factor.
        other = {each: -share / factor for each, share in factors.items() if each != parent}
        other |= {target: 1 / factor}
        if is_admissible(relations, other, is_whole or min(other.values()) > 0):
            is_pair = len(factors) == 2 and positive and is_whole
            return "interpolation" if is_pair else None
    return "merge"


def _may_be_scaled(rest: float, factors: Sequence[float]) -> bool:
    """Whether a parent may be a part of a missing one, mixed with the root: so is the sum, with
    another factor. It is not if a parent is whole, as with an added difference, or all factors are
    equal, as in task arithmetic."""
    is_added = any(abs(factor - 1) < SMALLEST for factor in factors)
    return rest < 0 and not is_added and max(factors) - min(factors) >= SMALLEST


def _may_be_moved(relations: Relations, steps: Steps, target: int, found: Sum) -> bool:
    """Whether one of two parents may be the sum instead: if target = A + f(B - root), then
    B = root + (target - A) / f, what training made of A, moved to the root; and A may be a mix with
    the root, whose share B has in the target.

    What was computed last holds the rounding that is left. And a difference is moved to what has
    the same shapes.
    """
    if len(found.parents) != 2 or not relations.alike((steps.root, target, *found.parents)):
        return False
    noise = steps.noise.sum(0)
    for whole, moved in permutations(range(2)):
        factor = found.factors[moved]
        if abs(found.factors[whole] - 1) >= SMALLEST:
            continue
        rounding = found.left / (factor**2 * noise[found.parents[moved]])
        # With the root as a part of A, both it and the target hold rounding of their own.
        halves = HALVES if abs(factor - 0.5) < SMALLEST else 1.0
        if found.left > TWO_ROUNDINGS * halves * noise[target] and 0 < factor < 1:
            return True
        # Sums of numbers of one step are not rounded.
        if abs(factor - 1) < SMALLEST or AS_EXPECTED[0] <= rounding <= AS_EXPECTED[1]:
            return True
    return False


def is_admissible(relations: Relations, members: Iterable[int], related: bool) -> bool:
    """Whether a sum can be that of models made before: they are independent of one another, or, if
    they may be `related`, descend from one another or from a common origin."""
    return all(
        relations.independent(one, other) or (related and relations.related(one, other))
        for one, other in combinations(members, 2)
    )


def _holds_rounding(steps: Steps, target: int, found: Sum) -> bool:
    """Whether what is left of the sum can be the rounding of the target, rather than that of a
    parent, of which the sum holds a multiple."""
    noise = steps.noise.sum(0)
    left = {target: found.left / noise[target]} | {
        parent: found.left / factor**2 / noise[parent]
        for parent, factor in zip(found.parents, found.factors, strict=True)
    }
    if max(left.values()) < LEAST_ROUNDING or found.left < steps.accuracy(target):
        return True
    off = {member: abs(np.log(each)) for member, each in left.items()}
    return bool(off[target] - min(off.values()) <= np.log(CLEARLY))
