"""The steps of a family from its root -> the members that are mixes of others.

Exact sums are found first, then which of their members is the mix: see `directions`. Mixes of mixes
are told by what these were mixed from, because weights of independent members are unique. Those of
members on one line are not, nor is a share of the root: see `stand_ins`; nor those of others that
depend on one another: see `other_sums`.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np

from generator.analysis.lineage.angles import is_partial
from generator.analysis.lineage.directions import CLEARLY, direction_of
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.other_sums import is_only_sum
from generator.analysis.lineage.relations import Relations
from generator.analysis.lineage.stand_ins import Mix, is_nearer, may_hold_root, simplest_mix
from generator.analysis.lineage.sums_by_block import parents_by_block
from generator.analysis.lineage.sums_of_steps import (
    EXACT,
    SMALLEST,
    Steps,
    Sum,
    best_pairs,
    fit,
    is_exact,
    sparse_sum,
)


class Found(NamedTuple):
    """Mixes by target; members that lie between others, maybe by block, so that their steps are
    those of others, but that may have been there before these; and those of them that are mixes, if
    it is not known of which."""

    mixes: dict[int, Mix]
    inside: set[int]
    unclear: set[int]


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
            if direction_of(relations, steps, target, pair):
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
            if direction_of(relations, steps, target, whole):
                added[target] = whole
            elif min(whole.factors) > 0:
                inside.add(target)
        # Of several that depend on one another, the ones of fewest parents first.
        fewest = min((len(each.parents) for each in added.values()), default=0)
        sums |= {t: each for t, each in added.items() if len(each.parents) == fewest}
        if not added:
            break
    verdicts = {t: direction_of(relations, steps, t, each) or "merge" for t, each in sums.items()}
    # Of what lies between others it is not known whether it was made from these.
    made = {target: each for target, each in sums.items() if verdicts[target] == "merge"}
    for target, each in sums.items():
        found[target] = _mix_of(
            steps.root, _by_origins(steps, target, each, made), verdicts[target]
        )
    between = {each: mix for each, mix in found.items() if mix.verdict == "interpolation"}
    ends = {each: mix for each, mix in between.items() if len(mix.parents) == 2}
    adapted = {each for each in ends if is_partial(members.parts, *ends[each].parents)}
    for target in found.keys() - between.keys():
        simplest = simplest_mix(found[target], ends, adapted)
        if simplest is None:
            del found[target]
            inside.add(target)
        elif is_nearer(steps, target, found[target], simplest):
            found[target] = found[target]._replace(verdict="between")
        else:
            found[target] = simplest
    merges = {each: mix for each, mix in found.items() if mix.verdict == "merge"}
    unmixed = [each for each in pool if each not in merges]
    unclear = {t for t, mix in merges.items() if not is_only_sum(steps, t, mix, unmixed)}
    for target, mix in merges.items():
        if target in unclear:
            del found[target]
        elif may_hold_root(mix, steps.root):
            found[target] = mix._replace(verdict="between")
    left = [each for each in free if each not in sums.keys() | found.keys()]
    for target in left:
        others = [each for each in left if each != target]
        if parents := parents_by_block(members, steps, relations, target, others):
            if all(relations.apart(*pair) for pair in combinations(parents, 2)):
                weights = fit(steps, target, parents).factors
                found[target] = Mix(parents, weights, "merge", by_block=True)
            else:
                inside.add(target)
    return Found(found, (inside - found.keys()) | unclear, unclear)


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
            if any(_has_share(steps, target, far, each) for each in pool):
                continue
            weights = {far: share, steps.root: 1 - share}
            order = sorted(weights, key=lambda each: -weights[each])
            found[target] = Mix(
                tuple(order), tuple(weights[each] for each in order), "interpolation"
            )
    return found


def _has_share(steps: Steps, target: int, far: int, other: int) -> bool:
    """Whether a target near the line from the root to `far` holds a share of another member, which
    rounding hides: the inner product of what both have beside the line is more than rounding of
    the line, which both may hold, and of the target, which what was made from it holds once."""
    if other in (target, far):
        return False
    gram, noise = steps.total, steps.noise.sum(0)
    own, others = gram[[target, other], far] / gram[far, far]
    inner = gram[target, other] - own * gram[far, other]
    beside = gram[other, other] - others * gram[far, other]
    common = noise[target] + abs(own * others) * noise[far]
    common += abs((1 - own) * (1 - others)) * noise[steps.root]
    return bool(inner >= SMALLEST * beside and inner > CLEARLY * common)


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
