"""Squared distances by block -> for one target, the mixes of other members that come nearest to it.

All pairs are tried exactly; all triples in small groups, else the best pairs with every third;
A + w(B - C) with every B and C, in large groups for the nearest A.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from generator.arrays import Booleans, Counts, Floats
from generator.lineage.affine import (
    Pairs,
    all_differences,
    all_pairs,
    all_triples,
    nearest_difference,
    nearest_mix,
)

MIX, DIFFERENCE = "mix", "add difference"

# Up to this many members, all triples are tried; beyond, this many of the best pairs are extended.
SMALL_GROUP, EXTENDED_PAIRS = 32, 16
NEAREST_BASES = 48
# Candidates of each form that are looked at more closely.
SHORTLIST = 4
# A parent has at least this share: a decoy gets one that rounding explains.
SMALLEST_WEIGHT = 0.02
# Of three; there are so many that some far member's small part mends any mix.
SMALLEST_OF_THREE = 0.05
# Beyond this, B - C is not added but blown up.
LARGEST_DIFFERENCE = 1.5
# A mix leaves no more than this part of the largest distance between two parents,
LARGEST_RESIDUAL = 0.05
# and this many times less than the distance to the nearest parent.
GAIN = 10.0
# Squared distances are known to this part of the largest of them.
PRECISION = 2e-6
# Where more pairs than these, or than this part of all, leave so little, all are on one line: as
# where a few large weights make up the distances.
FEW_FITTING, LARGEST_FITTING = 10, 0.02
# What is left is not known better than this part of the squared distances that it comes from.
NOISE = 1e-9


class Candidate(NamedTuple):
    """A mix: members by number, its form, and squared distances to the target.

    `left` is with one weight for all blocks, `left_by_block` with weights for each. `span` is the
    largest squared distance between two parents, `nearest` that from the target to one of them.
    Not `unique`: so many pairs come as near that none of them tells anything.
    """

    parents: tuple[int, ...]
    form: str
    weights: tuple[float, ...]
    left: float
    left_by_block: float
    span: float
    nearest: float
    unique: bool = True

    @property
    def residual(self) -> float:
        """Distance from the target to the mix by blocks, in the parents' largest distance."""
        return float(np.sqrt(self.left_by_block / self.span))


def mixes(blocks: Floats, target: int, pairs: Pairs) -> list[Candidate]:
    """The few best mixes of two members, and of three; `blocks` is B x N x N."""
    weight, left = all_pairs(blocks, target, pairs)
    others = (pairs.one != target) & (pairs.other != target)
    inside = others & (np.minimum(weight, 1 - weight) >= SMALLEST_WEIGHT)
    apart = pairs.total
    # Equal up to noise: the widest pair, whose ends are not mixes themselves.
    noise = NOISE * float(np.median(blocks.sum(0)[target]))
    score = np.divide(left + noise, apart, out=np.full_like(left, np.inf), where=inside)
    found = [
        mix(blocks, target, (int(pairs.one[place]), int(pairs.other[place])))
        for place in smallest(score, SHORTLIST)
    ]
    chosen = smallest(np.where(others, left, np.inf), EXTENDED_PAIRS)
    found += _triples(blocks, target, pairs, chosen, noise)
    total = blocks.sum(0)[target]
    nearest = np.minimum(total[pairs.one], total[pairs.other])
    fitting = int((inside & near_enough(left, apart, nearest)).sum())
    unique = fitting <= max(FEW_FITTING, LARGEST_FITTING * len(left))
    return [each._replace(unique=unique) for each in found]


def near_enough(left: Floats | float, span: Floats | float, nearest: Floats | float) -> Booleans:
    """Whether mixes leave so little that they can be claimed; all are squared distances."""
    unsure = np.maximum(left, PRECISION * np.asarray(span))
    near: Booleans = (left <= LARGEST_RESIDUAL**2 * np.asarray(span)) & (
        np.asarray(nearest) >= GAIN**2 * unsure
    )
    return near


def _triples(
    blocks: Floats, target: int, pairs: Pairs, chosen: Counts, noise: float
) -> Iterator[Candidate]:
    members = blocks.shape[1]
    if members < 4:
        return
    if members <= SMALL_GROUP:
        numbers = np.array([each for each in range(members) if each != target])
        triples = np.stack(np.meshgrid(numbers, numbers, numbers, indexing="ij")).reshape(3, -1)
        one, other, third = triples[:, (triples[0] < triples[1]) & (triples[1] < triples[2])]
    else:
        one = np.repeat(pairs.one[chosen], members)
        other = np.repeat(pairs.other[chosen], members)
        third = np.tile(np.arange(members), len(chosen))
        distinct = (third != one) & (third != other) & (third != target)
        one, other, third = one[distinct], other[distinct], third[distinct]
    weights, left = all_triples(blocks, target, one, other, third)
    total = blocks.sum(0)
    span = np.max([total[one, other], total[one, third], total[other, third]], axis=0)
    with np.errstate(invalid="ignore"):
        inside = (weights >= SMALLEST_OF_THREE).all(1) & (span > 0)
    score = np.divide(left + noise, span, out=np.full_like(left, np.inf), where=inside)
    for place in smallest(score, SHORTLIST):
        parents = sorted((int(one[place]), int(other[place]), int(third[place])))
        yield mix(blocks, target, tuple(parents))


def differences(
    blocks: Floats, target: int, pairs: Pairs, directed: Booleans
) -> Iterator[Candidate]:
    """The few best A + w(B - C), for those with `directed[A, C]`."""
    total, apart = blocks.sum(0), pairs.total
    others = (pairs.one != target) & (pairs.other != target)
    order = np.argsort(total[target], kind="stable")
    bases = order[order != target]
    bases = bases[:NEAREST_BASES]
    found: list[tuple[float, tuple[int, int, int]]] = []
    for base in bases.tolist():
        weight, left = all_differences(total, target, base, pairs)
        size = np.abs(weight)
        added = np.where(weight > 0, pairs.one, pairs.other)
        subtracted = np.where(weight > 0, pairs.other, pairs.one)
        allowed = (size >= SMALLEST_WEIGHT) & (size <= LARGEST_DIFFERENCE)
        allowed &= directed[base, subtracted] & others & (pairs.one != base) & (pairs.other != base)
        row = total[base]
        span = np.maximum(apart, np.maximum(row[pairs.one], row[pairs.other]))
        score = np.divide(left, span, out=np.full_like(left, np.inf), where=allowed)
        found += [
            (float(score[place]), (base, int(added[place]), int(subtracted[place])))
            for place in smallest(score, SHORTLIST)
        ]
    for _, parents in sorted(found)[:SHORTLIST]:
        yield mix(blocks, target, parents, DIFFERENCE)


def mix(blocks: Floats, target: int, parents: Sequence[int], form: str = MIX) -> Candidate:
    """The best mix of `parents`, in closed form."""
    fit = nearest_difference if form == DIFFERENCE else nearest_mix
    total = blocks.sum(0)
    weights, left = fit(total, target, parents)
    return Candidate(
        parents=tuple(parents),
        form=form,
        weights=tuple(weights.tolist()),
        left=abs(left),
        left_by_block=sum(abs(fit(squared, target, parents)[1]) for squared in blocks),
        span=float(total[np.ix_(parents, parents)].max()),
        nearest=float(total[target, list(parents)].min()),
    )


def smallest(values: Floats, count: int) -> Counts:
    """Places of the smallest finite values, smallest first, the first of equal ones first."""
    if len(values) > 4 * count:
        bound = np.partition(values, count)[count]
        places = np.flatnonzero(values <= bound)
    else:
        places = np.arange(len(values))
    places = places[np.argsort(values[places], kind="stable")][:count]
    return places[np.isfinite(values[places])]
