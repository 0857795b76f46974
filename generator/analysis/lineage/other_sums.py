"""A mix seen from a root -> whether another sum of members explains the target as well, or better.

If members depend on one another, several sums come to the same: with one LoRA on a and on b, the
mean of a, b and the adapted b is a sum of two, b and the adapted a, as well. Which of these was
made is not known then, unless it is known how one of the parents was made. What needs more members
and subtracts some of them is no rival: few people do that, and in general position no sum of few
members is one of many. Members on a line are another matter: see `stand_ins`.

A sum that is exact only because its parents may have been rounded lacks a parent if one more member
makes it clearly nearer: merges are made from what files hold.
"""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from generator.analysis.lineage.directions import CLEARLY
from generator.analysis.lineage.stand_ins import Mix
from generator.analysis.lineage.sums_of_steps import (
    ACCURACY,
    EXACT,
    FLAT,
    MOST,
    SMALLEST,
    Steps,
    Sum,
    fit,
    is_exact,
    sparse_sum,
)
from generator.records.arrays import Floats


def is_only_sum(steps: Steps, target: int, mix: Mix, pool: Sequence[int]) -> bool:
    """Whether no other sum of `pool`, the members that are not known to be mixes, explains the
    target as well as the `mix`."""
    parents = [each for each in mix.parents if each != steps.root]
    others = [each for each in pool if each != target]
    near = CLEARLY * max(fit(steps, target, parents).left, steps.noise[:, target].sum())
    for parent in parents:
        rest = [each for each in others if each != parent]
        few, mean = sparse_sum(steps, target, rest), nearest_mean(steps, target, rest)
        rivals = [few] if few and len(_mixed(steps, few)) <= len(mix.parents) else []
        rivals += [mean] if mean else []
        if any(
            each.left <= near and not _stands_in(steps, mix, parent, _mixed(steps, each))
            for each in rivals
        ):
            return False
    return not _lacks_parent(steps, target, parents, others)


def _stands_in(steps: Steps, mix: Mix, parent: int, others: Collection[int]) -> bool:
    """Whether the parts of `others` that are new only stand in for a parent on their line: if more
    members are needed; or if a step was added, which is told whoever holds it."""
    new = [each for each in others if each not in mix.parents]
    if len(others) > len(mix.parents):
        return _on_line(steps, parent, new)
    same = [each for each in mix.parents if each in others]
    return min(mix.weights) < 0 and any(_on_line(steps, parent, [*new, each]) for each in same)


def _mixed(steps: Steps, found: Sum) -> set[int]:
    """The members that are mixed: the root, too, if it has a part."""
    has_root = abs(1 - sum(found.factors)) >= SMALLEST
    return {*found.parents, steps.root} if has_root else {*found.parents}


def _on_line(steps: Steps, member: int, others: Iterable[int]) -> bool:
    """Whether a member and others are on one line, but for rounding."""
    places = [member, *others]
    gram = steps.total[np.ix_(places, places)]
    apart = gram - gram[:1] - gram[:, :1] + gram[0, 0]
    beside = np.linalg.eigvalsh(apart)[:-1].sum()
    return bool(beside <= EXACT * steps.noise[:, places].sum() + ACCURACY * np.trace(gram))


def nearest_mean(steps: Steps, target: int, pool: Sequence[int]) -> Sum | None:
    """An exact mix of `pool` and the root without a negative weight; None if there is none. By
    non-negative least squares (Lawson and Hanson, Solving Least Squares Problems, 1974, chapter
    23)."""
    members = [steps.root, *pool]
    # As large as the target's step: then the sum of the weights is 1.
    size = steps.total[target, target]
    inner = steps.total[np.ix_(members, members)] + size
    onto = steps.total[target, members] + size
    weights = np.zeros(len(members))
    while True:
        gain = np.where(weights > 0, 0, onto - inner @ weights)
        if len(np.flatnonzero(weights)) > MOST or gain.max() <= ACCURACY * size:
            break
        used = [*np.flatnonzero(weights), int(gain.argmax())]
        found = _solved(inner, onto, used)
        while found.min() <= 0:
            old = weights[used]
            share = min(o / (o - f) for o, f in zip(old, found, strict=True) if f <= 0)
            weights[used] = np.maximum(old + share * (found - old), 0)
            weights[used] = np.where(weights[used] <= FLAT, 0, weights[used])
            used = [each for each in used if weights[each] > 0]
            found = _solved(inner, onto, used)
        weights[:] = 0
        weights[used] = found
    kept = [each for each, share in zip(pool, weights[1:], strict=True) if share >= SMALLEST]
    mean = fit(steps, target, kept)
    is_mean = bool(kept) and min(*mean.factors, 1 - sum(mean.factors) + SMALLEST) > 0
    return mean if is_mean and is_exact(steps, target, mean) else None


def _solved(inner: Floats, onto: Floats, used: Sequence[int]) -> Floats:
    """The weights of those used alone, by least squares."""
    weights = np.linalg.lstsq(inner[np.ix_(used, used)], onto[used], rcond=FLAT)[0]
    return np.asarray(weights, np.float64)


def _lacks_parent(steps: Steps, target: int, parents: Sequence[int], pool: Sequence[int]) -> bool:
    """Whether one more member makes the sum clearly nearer, where the rounding of the target does
    not explain what is left."""
    left = fit(steps, target, parents).left
    if left <= EXACT * steps.noise[:, target].sum() + steps.accuracy(target):
        return False
    more = (fit(steps, target, [*parents, each]) for each in pool if each not in parents)
    return any(
        CLEARLY * each.left < left and min(map(abs, each.factors)) >= SMALLEST for each in more
    )
