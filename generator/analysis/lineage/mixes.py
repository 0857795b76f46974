"""The steps of a family from its root -> the members that are mixes of others.

An exact sum says that some members depend on one another, not which of them was made from the
others: with t = 0.5 a + 0.5 b, also a = 2 t - b. The target is the one whose parents know nothing
of one another: they stand at right angles, seen from the root or from a common ancestor, or one
descends from the other, and nothing is subtracted. If that is true of another member of the sum,
too, no direction is claimed. Nor is it if the rounding of the sum is that of another member: what
was computed last holds it. A whole step that leaves many parts as they were may be an adapter that
was added to the rest of the sum, rather than a parent.

Mixes of mixes are told by what these were mixed from, because weights of independent members are
unique. Those of members on one line are not: see `stand_ins`.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, permutations
from typing import Literal, NamedTuple

import numpy as np

from generator.analysis.lineage.angles import is_partial
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.relations import Relations
from generator.analysis.lineage.stand_ins import Mix, simplest_mix
from generator.analysis.lineage.sums_of_steps import (
    EXACT,
    MOST_BY_BLOCK,
    SMALLEST,
    Steps,
    Sum,
    best_pairs,
    fit,
    fit_whole,
    is_exact,
    left_by_block,
    needs_all,
    pursue,
    sparse_sum,
    weights_by_block,
)
from generator.records.arrays import Floats

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


class Found(NamedTuple):
    """Mixes by target; and members that lie between others, maybe by block, so that their steps are
    those of others, but that may have been there before these."""

    mixes: dict[int, Mix]
    inside: set[int]


def find_mixes(members: Members, steps: Steps, pool: Sequence[int]) -> Found:
    """The mixes among `pool`, which does not hold the root."""
    inside: set[int] = set()
    relations = Relations(members, steps.root)
    found = _on_lines(steps, pool)
    free = [each for each in pool if each not in found]
    sums = {}
    for target in free:
        others = [each for each in free if each != target]
        for pair in best_pairs(steps, target, others):
            if not is_exact(steps, target, pair):
                continue
            if _verdict(relations, steps, target, pair):
                sums[target] = pair
                break
            if min(pair.factors) > 0:
                inside.add(target)
    while True:
        left = [each for each in free if each not in sums]
        added = {}
        for target in left:
            whole = sparse_sum(steps, target, [each for each in left if each != target])
            if not whole or len(whole.parents) < 2:
                continue
            if _verdict(relations, steps, target, whole):
                added[target] = whole
            elif min(whole.factors) > 0:
                inside.add(target)
        # Of several that depend on one another, the ones of fewest parents first.
        fewest = min((len(each.parents) for each in added.values()), default=0)
        sums |= {t: each for t, each in added.items() if len(each.parents) == fewest}
        if not added:
            break
    for target, each in sums.items():
        told = _by_origins(steps, target, each, sums)
        found[target] = _mix_of(
            steps.root, told, _verdict(relations, steps, target, each) or "merge"
        )
    between = {each: mix for each, mix in found.items() if mix.verdict == "interpolation"}
    ends = {each: mix for each, mix in between.items() if len(mix.parents) == 2}
    adapted = {each for each in ends if is_partial(members.parts, *ends[each].parents)}
    for target in found.keys() - between.keys():
        if simplest := simplest_mix(found[target], ends, adapted):
            found[target] = simplest
        else:
            del found[target]
            inside.add(target)
    left = [each for each in free if each not in sums.keys() | found.keys()]
    for target in left:
        others = [each for each in left if each != target]
        if parents := _by_block(members, steps, relations, target, others):
            if all(relations.apart(*pair) for pair in combinations(parents, 2)):
                weights = fit(steps, target, parents).factors
                found[target] = Mix(parents, weights, "merge", by_block=True)
            else:
                inside.add(target)
    return Found(found, inside - found.keys())


def _on_lines(steps: Steps, pool: Sequence[int]) -> dict[int, Mix]:
    """Members between the root and a farther one."""
    gram, chosen = steps.total, np.array(pool, np.int64)
    sizes, noise = gram[chosen, chosen], steps.noise.sum(0)
    found = {}
    for target in pool:
        left = gram[target, target] - gram[target, chosen] ** 2 / sizes
        rounding = noise[target] + noise[chosen] + noise[steps.root]
        near = left <= EXACT * rounding + 2 * steps.accuracy(target)
        beyond = chosen[near & (sizes > gram[target, target])].tolist()
        on = [
            (gram[each, each], each, each_fit.factors[0])
            for each in beyond
            if is_exact(steps, target, each_fit := fit(steps, target, [each]))
            and SMALLEST <= each_fit.factors[0] <= 1 - SMALLEST
        ]
        if on:
            _, far, share = max(on)
            weights = {far: share, steps.root: 1 - share}
            order = sorted(weights, key=lambda each: -weights[each])
            found[target] = Mix(
                tuple(order), tuple(weights[each] for each in order), "interpolation"
            )
    return found


def _verdict(
    relations: Relations, steps: Steps, target: int, found: Sum
) -> Literal["merge", "interpolation"] | None:
    """What the sum is, if it is clear which member is the mix."""
    factors = dict(zip(found.parents, found.factors, strict=True))
    positive = min(factors.values()) > 0
    rest = 1 - sum(factors.values())
    whole = fit_whole(steps, target, found.parents)
    is_whole = is_exact(steps, target, whole) and _holds_rounding(steps, target, whole)
    if not _is_admissible(relations, factors, related=positive):
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
        if _is_admissible(relations, other, is_whole or min(other.values()) > 0):
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


def _is_admissible(relations: Relations, members: Iterable[int], related: bool) -> bool:
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


def _by_origins(steps: Steps, target: int, told: Sum, sums: Mapping[int, Sum]) -> Sum:
    """The sum by members that are not mixes themselves, if that is as exact."""
    if not any(each in sums for each in told.parents):
        return told
    origins = sorted(_origins(told.parents, sums, {target}))
    whole = fit(steps, target, origins) if origins else told
    small = [each for each, f in zip(origins, whole.factors, strict=True) if abs(f) < SMALLEST / 4]
    if small:
        whole = fit(steps, target, [each for each in origins if each not in small])
    return whole if is_exact(steps, target, whole) else told


def _origins(parents: Iterable[int], sums: Mapping[int, Sum], above: set[int]) -> set[int]:
    found = set()
    for each in parents:
        if each in sums and each not in above:
            found |= _origins(sums[each].parents, sums, above | {each})
        elif each not in above:
            found.add(each)
    return found


def _mix_of(root: int, told: Sum, verdict: Literal["merge", "interpolation"]) -> Mix:
    """The sum with the weight of the root."""
    weights = dict(zip(told.parents, told.factors, strict=True))
    rest = 1 - sum(told.factors)
    if abs(rest) >= SMALLEST / 2:
        weights[root] = rest
    return Mix(tuple(weights), tuple(weights.values()), verdict)


def _root_has_part(
    steps: Steps, target: int, parents: Sequence[int], weights: Floats, members: Members
) -> bool:
    """Whether a mix by block, of `weights` (B x k) with sum 1, is much nearer with a share of the
    root as well."""
    row_of = {name: row for row, name in enumerate(dict.fromkeys(members.block_of))}
    rows = weights[[row_of[name] for name in members.block_of]]
    parts = steps.parts[:, [target, *parents]][:, :, [target, *parents]]
    signed = np.column_stack([-np.ones(len(rows)), rows])
    left = float(np.einsum("pi,pij,pj->", signed, parts, signed))
    return left > CLEARLY * left_by_block(steps, target, parents, members.block_of)


def _by_block(
    members: Members, steps: Steps, relations: Relations, target: int, pool: Sequence[int]
) -> tuple[int, ...]:
    """Parents of a mix with weights of its own for each block; empty if there is none."""
    chosen = pursue(steps, target, pool, MOST_BY_BLOCK)
    for count in range(2, len(chosen) + 1):
        parents = chosen[:count]
        whole = fit(steps, target, parents)
        if not needs_all(steps, target, whole):
            return ()
        if not _is_admissible(relations, parents, related=True):
            return ()
        weights = weights_by_block(steps, target, parents, members.block_of)
        if weights is not None and _root_has_part(steps, target, parents, weights, members):
            return ()
        if weights is not None:
            largest = weights.max(0)
            needed = [each for each, most in zip(parents, largest, strict=True) if most >= SMALLEST]
            return tuple(needed) if len(needed) > 1 else ()
    return ()
