"""Squared distances by part, seen from a root -> the sums of steps that make up a target.

A step is what a member added to the root. Every linear merge is a sum of steps with some factors:
0.5 a + 0.5 b has factors 0.5 and 0.5, a + (b - root) has 1 and 1, 1.5 a - 0.5 b has 1.5 and -0.5;
what is missing from 1 is the weight of the root. Least squares on the inner products of steps find
the factors; few steps are preferred.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from generator.analysis.lineage.members import Members
from generator.records.arrays import Floats

# A sum is exact if its squared distance from the target is at most this many times what rounding
# explains.
EXACT = 2.0
# The same in a block or part: fewer values, so less even.
EXACT_IN_PART = 4.0
# Without any one of its parents, it is farther off than this many times what rounding explains.
NEEDED = 10.0
# Most members in one mix.
MOST = 8
# Smallest factor; smaller ones can come from rounding.
SMALLEST = 0.02
# Relative accuracy of sums of squared distances: these are off by 2e-8 at worst (see
# `distances.products`).
ACCURACY = 1e-7
# Fewer members than this: all of them are tried at once.
SMALL_POOL = 60
FLAT = 1e-10


class Sum(NamedTuple):
    """A sum of steps: the members, their factors, and the squared distance to the target."""

    parents: tuple[int, ...]
    factors: tuple[float, ...]
    left: float


class Steps(NamedTuple):
    """Inner products of the steps of all N members from a root: by part (P x N x N) and in total;
    and the squared distance that rounding causes, by part (P x N)."""

    root: int
    parts: Floats
    total: Floats
    noise: Floats

    def accuracy(self, member: int) -> float:
        """Accuracy of a squared distance from a member."""
        return ACCURACY * float(self.total[member, member])


def steps_from(members: Members, root: int) -> Steps:
    """The steps of all members from `root`; compared members only are meaningful."""
    squared = members.parts.squared
    depth = squared[:, root]
    parts = (depth[:, :, None] + depth[:, None, :] - squared) / 2
    return Steps(root, parts, parts.sum(0), members.parts.noise)


def best_pairs(steps: Steps, target: int, pool: Sequence[int]) -> list[Sum]:
    """All exact sums of two steps, the nearest first."""
    if len(pool) < 2:
        return []
    chosen = np.array(pool)
    one, other = chosen[np.triu_indices(len(pool), 1)[0]], chosen[np.triu_indices(len(pool), 1)[1]]
    gram = steps.total
    u, v, across = gram[one, one], gram[other, other], gram[one, other]
    onto_u, onto_v = gram[target, one], gram[target, other]
    area = u * v - across**2
    with np.errstate(invalid="ignore", divide="ignore"):
        x = np.where(area > FLAT * u * v, (onto_u * v - onto_v * across) / area, np.nan)
        y = np.where(area > FLAT * u * v, (onto_v * u - onto_u * across) / area, np.nan)
    left = gram[target, target] - x * onto_u - y * onto_v
    noise = steps.noise.sum(0)
    allowed = EXACT * (
        noise[target]
        + x**2 * noise[one]
        + y**2 * noise[other]
        + (1 - x - y) ** 2 * noise[steps.root]
    ) + ACCURACY * (gram[target, target] + x**2 * u + y**2 * v)
    with np.errstate(invalid="ignore"):
        exact = (left <= allowed) & (np.minimum(np.abs(x), np.abs(y)) >= SMALLEST)
    places = np.flatnonzero(exact)
    return [
        Sum(
            (int(one[each]), int(other[each])),
            (float(x[each]), float(y[each])),
            abs(float(left[each])),
        )
        for each in places[np.argsort(left[places] / allowed[places], kind="stable")]
    ]


def sparse_sum(steps: Steps, target: int, pool: Sequence[int]) -> Sum | None:
    """An exact sum of few steps; None if there is none of up to `MOST`.

    Steps are added one by one, each the one that helps most (orthogonal matching pursuit: Pati,
    Rezaiifar and Krishnaprasad 1993); in small pools also taken from all, one by one. Then those
    that are not needed are dropped.
    """
    for start in (pursue(steps, target, pool), list(pool) if len(pool) <= SMALL_POOL else []):
        kept = _without_small(steps, target, start)
        if not kept or not is_exact(steps, target, fit(steps, target, kept)):
            continue
        while fewer := _drop(steps, target, kept):
            kept = fewer
        found = fit(steps, target, kept)
        if len(kept) <= MOST and min(map(abs, found.factors)) >= SMALLEST:
            return found
    return None


def _without_small(steps: Steps, target: int, members: Sequence[int]) -> list[int]:
    """`members` without those whose factors can come from rounding."""
    factors = fit(steps, target, members).factors
    return [each for each, factor in zip(members, factors, strict=True) if abs(factor) >= SMALLEST]


def pursue(steps: Steps, target: int, pool: Sequence[int], most: int = MOST) -> list[int]:
    """The members whose steps explain most of the target, chosen one by one."""
    chosen: list[int] = []
    gram = steps.total
    candidates = np.array([each for each in pool if gram[each, each] > 0], np.int64)
    while len(chosen) < most and len(chosen) < len(candidates):
        factors = np.array(fit(steps, target, chosen).factors)
        left = gram[target, candidates] - factors @ gram[chosen][:, candidates]
        gain = left**2 / gram[candidates, candidates]
        gain[np.isin(candidates, chosen)] = -1
        chosen.append(int(candidates[gain.argmax()]))
        if is_exact(steps, target, fit(steps, target, chosen)):
            break
    return chosen


def fit(steps: Steps, target: int, parents: Sequence[int]) -> Sum:
    """The best sum of the steps of `parents`, by least squares."""
    places = list(parents)
    gram = steps.total
    if not places:
        return Sum((), (), float(gram[target, target]))
    inner, onto = gram[np.ix_(places, places)], gram[target, places]
    size = np.sqrt(np.diagonal(inner))
    scaled = np.linalg.lstsq(inner / size / size[:, None], onto / size, rcond=FLAT)[0]
    factors = scaled / size
    left = gram[target, target] - 2 * factors @ onto + factors @ inner @ factors
    return Sum(tuple(places), tuple(factors.tolist()), abs(float(left)))


def is_exact(steps: Steps, target: int, found: Sum) -> bool:
    """Whether the sum is the target but for rounding, in total and in nearly every part."""
    if found.left > EXACT * rounding_of(steps, target, found).sum() + accuracy_of(
        steps, target, found
    ):
        return False
    if not found.parents:
        return True
    parts = left_in_parts(steps, target, found)
    allowed = EXACT_IN_PART * rounding_of(steps, target, found)
    places = list(found.parents)
    sizes = steps.parts[:, target, target] + (
        np.square(found.factors) * steps.parts[:, places, places]
    ).sum(1)
    wrong = parts > allowed + 10 * ACCURACY * sizes
    return bool(wrong.mean() <= 0.02)


def fit_whole(steps: Steps, target: int, parents: Sequence[int]) -> Sum:
    """The best sum of the steps of `parents` in which the root takes no part."""
    weights, left = mix_of(steps.total, target, parents)
    return Sum(tuple(parents), tuple(weights.tolist()), left)


def needs_all(steps: Steps, target: int, found: Sum) -> bool:
    """Whether the sum of all but one is much farther from the target than rounding explains."""
    rounding = NEEDED * rounding_of(steps, target, found).sum()
    return all(
        fit(steps, target, [each for each in found.parents if each != out]).left > rounding
        for out in found.parents
    )


def left_in_parts(steps: Steps, target: int, found: Sum) -> Floats:
    """Squared distance from the target to the sum, by part."""
    places, factors = list(found.parents), np.array(found.factors)
    onto = steps.parts[:, target, places] @ factors
    inner = np.einsum("i,pij,j->p", factors, steps.parts[:, places][:, :, places], factors)
    left: Floats = np.abs(steps.parts[:, target, target] - 2 * onto + inner)
    return left


def rounding_of(steps: Steps, target: int, found: Sum) -> Floats:
    """Squared distance that rounding of the target and its parents explains, by part."""
    places, factors = list(found.parents), np.array(found.factors)
    rest = 1 - factors.sum()
    explained: Floats = (
        steps.noise[:, target]
        + (steps.noise[:, places] * factors**2).sum(1)
        + rest**2 * steps.noise[:, steps.root]
    )
    return explained


def accuracy_of(steps: Steps, target: int, found: Sum) -> float:
    """Accuracy of the squared distance from the target to the sum."""
    sizes = np.diagonal(steps.total)
    places = list(found.parents)
    return ACCURACY * float(sizes[target] + (np.square(found.factors) * sizes[places]).sum())


def _drop(steps: Steps, target: int, kept: Sequence[int]) -> list[int] | None:
    """`kept` without the member that is needed least; None if all are needed."""
    options = [(fit(steps, target, [each for each in kept if each != out]), out) for out in kept]
    exact = [(each.left, out) for each, out in options if is_exact(steps, target, each)]
    if not exact:
        return None
    _, out = min(exact)
    return [each for each in kept if each != out]


def mix_of(gram: Floats, target: int, parents: Sequence[int]) -> tuple[Floats, float]:
    """Weights with sum 1 of the nearest mix, from inner products."""
    first, *others = parents
    base = gram[target, target] - 2 * gram[target, first] + gram[first, first]
    if not others:
        return np.ones(1), abs(float(base))
    inner = (
        gram[np.ix_(others, others)]
        - gram[others, first][:, None]
        - gram[others, first][None, :]
        + gram[first, first]
    )
    onto = gram[target, others] - gram[target, first] - gram[others, first] + gram[first, first]
    rest = np.linalg.lstsq(inner, onto, rcond=FLAT)[0]
    left = base - 2 * rest @ onto + rest @ inner @ rest
    return np.array([1 - rest.sum(), *rest]), abs(float(left))
