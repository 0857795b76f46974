"""Squared distances by block -> the nearest mixes of other members for one target.

All pairs are tried exactly; all triples in small groups, else the best pairs with every third
member; A + w(B - C) with every B and C, in large groups for the nearest A.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from generator.analysis.lineage.affine import (
    Space,
    all_differences,
    all_pairs,
    all_triples,
    nearest_difference,
    nearest_mix,
    shares_of_three,
    to_difference,
    to_line,
    to_segment,
    to_triangle,
)
from generator.records.arrays import Booleans, Counts, Floats
from generator.records.recipes import MixForm

MIX: MixForm = "mix"
DIFFERENCE: MixForm = "add difference"

# Up to this many members, all triples are tried; beyond, this many of the best pairs are extended.
SMALL_GROUP, EXTENDED_PAIRS = 32, 16
NEAREST_BASES = 48
# Candidates of each form that are examined in detail.
SHORTLIST = 4
# Smallest weight of a parent; smaller ones can come from rounding.
SMALLEST_WEIGHT = 0.02
# The same for three parents: among many triples, a small part of some member improves any mix.
SMALLEST_OF_THREE = 0.05
# Largest w in A + w(B - C).
LARGEST_DIFFERENCE = 1.5
# Largest residual of a mix,
LARGEST_RESIDUAL = 0.05
# and the smallest factor by which every simpler explanation is worse.
GAIN = 10.0
# Accuracy of squared distances, relative to the largest one.
PRECISION = 2e-6
# If more pairs fit than this part of the members (up to 10), and than this part of all pairs, no
# fit is evidence.
FITTING_OF_MEMBERS, FEW_FITTING, LARGEST_FITTING = 0.5, 10, 0.02
# A point with a weight this far below zero is outside the triangle.
OUTSIDE = 0.1
# A part fits if its squared distance is at most this part of the parents' squared distance there;
# for independent directions it is more than 0.87^2.
LARGEST_IN_PART = 0.25
# Largest squared residual of a candidate.
PROMISING = (2 * LARGEST_RESIDUAL) ** 2
# Largest squared distance of an added difference to the target, relative to that of A; it also
# holds with separate weights per block.
FARTHEST = 0.25
# Shown decimals of a weight.
SHOWN = 2
# Accuracy of a remaining squared distance, relative to the distances it comes from.
NOISE = 1e-9


class Candidate(NamedTuple):
    """A mix: parents by number, ordered by `leading_first`, its form, and squared distances to the
    target.

    `left` is with one weight for all blocks, `left_by_block` with one per block, without
    extrapolation. `span` is the largest squared distance between two parents. `simpler` is to the
    best simpler explanation, chosen per block: one of two parents, a mix of two of three, for a
    difference any point on a line through two of the three. Frozen blocks and blocks copied from
    one parent fit these as well, so they are not evidence of a mix.

    `fitting` is the share of parts in which the mix is near. Not `unique`: too many pairs fit as
    well. Not `alone`: other members are in the parents' plane.
    """

    parents: tuple[int, ...]
    form: MixForm
    weights: tuple[float, ...]
    left: float
    left_by_block: float
    span: float
    simpler: float
    fitting: float
    unique: bool = True
    alone: bool = True

    @property
    def residual(self) -> float:
        """Distance from the target to the mix by block, divided by the parents' largest one."""
        return float(np.sqrt(self.left_by_block / self.span))


def mixes(space: Space, target: int) -> list[Candidate]:
    """The best mix of two, and all shortlisted mixes of two and three that are near."""
    weight, left, simpler = all_pairs(space, target)
    others = (space.one != target) & (space.other != target)
    inside = others & (np.minimum(weight, 1 - weight) >= SMALLEST_WEIGHT)
    # Of equal fits up to noise, the widest pair: its ends are not mixes themselves.
    noise = NOISE * float(np.median(space.total[target]))
    score = np.divide(left + noise, space.span, out=np.full_like(left, np.inf), where=inside)
    found = [
        mix(space, target, (int(space.one[place]), int(space.other[place])))
        for rank, place in enumerate(smallest(score, SHORTLIST))
        if rank == 0 or score[place] <= PROMISING
    ]
    chosen = smallest(np.where(others, left, np.inf), EXTENDED_PAIRS)
    found += _triples(space, target, chosen, noise)
    fitting = int((inside & near_enough(left, space.span, simpler)).sum())
    few = min(FEW_FITTING, FITTING_OF_MEMBERS * len(space.total))
    unique = fitting <= max(1, few, LARGEST_FITTING * len(left))
    return [
        each._replace(unique=unique, alone=not _others_in_plane(space, target, each.parents))
        for each in found
    ]


def near_enough(left: Floats | float, span: Floats | float, simpler: Floats | float) -> Booleans:
    """Whether mixes are near enough to be claimed; arguments are squared distances."""
    unsure = np.maximum(left, PRECISION * np.asarray(span))
    near: Booleans = (left <= LARGEST_RESIDUAL**2 * np.asarray(span)) & (
        np.asarray(simpler) >= GAIN**2 * unsure
    )
    return near


def _others_in_plane(space: Space, target: int, parents: tuple[int, ...]) -> bool:
    """Whether another member is in the plane of three parents without being their mix.

    Then other members span this plane, and a fourth point inside a triangle is not evidence.
    """
    if len(parents) < 3:
        return False
    total = space.total
    x, y, left = shares_of_three(
        *(total[a, b] for a, b in combinations(parents, 2)), *total[list(parents)]
    )
    span = max(total[a, b] for a, b in combinations(parents, 2))
    with np.errstate(invalid="ignore"):
        outside = (np.min([x, y, 1 - x - y], axis=0) < -OUTSIDE) & (
            np.abs(left) <= LARGEST_RESIDUAL**2 * span
        )
    outside[[*parents, target]] = False
    return bool(outside.any())


def _triples(space: Space, target: int, chosen: Counts, noise: float) -> Iterator[Candidate]:
    members = len(space.total)
    if members < 4:
        return
    if members <= SMALL_GROUP:
        numbers = np.array([each for each in range(members) if each != target])
        triples = np.stack(np.meshgrid(numbers, numbers, numbers, indexing="ij")).reshape(3, -1)
        one, other, third = triples[:, (triples[0] < triples[1]) & (triples[1] < triples[2])]
    else:
        one = np.repeat(space.one[chosen], members)
        other = np.repeat(space.other[chosen], members)
        third = np.tile(np.arange(members), len(chosen))
        distinct = (third != one) & (third != other) & (third != target)
        one, other, third = one[distinct], other[distinct], third[distinct]
    weights, left = all_triples(space, target, one, other, third)
    total = space.total
    span = np.max([total[one, other], total[one, third], total[other, third]], axis=0)
    with np.errstate(invalid="ignore"):
        inside = (weights >= SMALLEST_OF_THREE).all(1) & (span > 0)
    score = np.divide(left + noise, span, out=np.full_like(left, np.inf), where=inside)
    for place in smallest(score, SHORTLIST):
        if score[place] <= PROMISING:
            parents = sorted((int(one[place]), int(other[place]), int(third[place])))
            yield mix(space, target, tuple(parents))


def differences(space: Space, target: int, directed: Booleans) -> Iterator[Candidate]:
    """The shortlisted A + w(B - C) that are near, among those with `directed[A, C]`."""
    order = np.argsort(space.total[target], kind="stable")
    found: list[tuple[float, tuple[int, int, int]]] = []
    for base in order[order != target][:NEAREST_BASES].tolist():
        row = space.total[base]
        weight, left = all_differences(space, target, base)
        near = np.flatnonzero(left <= FARTHEST * row[target])
        weight, left, one, other = weight[near], left[near], space.one[near], space.other[near]
        added, subtracted = np.where(weight > 0, (one, other), (other, one))
        size = np.abs(weight)
        allowed = (size >= SMALLEST_WEIGHT) & (size <= LARGEST_DIFFERENCE)
        for each in (target, base):
            allowed &= (one != each) & (other != each)
        allowed &= directed[base, subtracted]
        span = np.maximum(space.span[near], np.maximum(row[one], row[other]))
        score = np.divide(left, span, out=np.full_like(left, np.inf), where=allowed)
        found += [
            (float(score[place]), (base, int(added[place]), int(subtracted[place])))
            for place in smallest(score, SHORTLIST)
        ]
    for _, parents in sorted(found)[:SHORTLIST]:
        yield mix(space, target, parents, DIFFERENCE)


def mix(space: Space, target: int, parents: Sequence[int], form: MixForm = MIX) -> Candidate:
    """The best mix of `parents`, in closed form."""
    fit = nearest_difference if form == DIFFERENCE else nearest_mix
    weights, left = fit(space.total, target, parents)
    order = leading_first(parents, weights.tolist(), form)
    pairs = list(combinations(parents, 2))
    in_parts = _left(space.parts, target, parents, form)
    spans = np.max([space.parts[:, one, other] for one, other in pairs], axis=0)
    near = in_parts[spans > 0] <= LARGEST_IN_PART * spans[spans > 0]
    return Candidate(
        parents=tuple(parents[place] for place in order),
        form=form,
        weights=tuple(weights[order].tolist()),
        left=abs(left),
        left_by_block=float(_left(space.blocks, target, parents, form).sum()),
        span=float(space.total[np.ix_(parents, parents)].max()),
        simpler=float(_simpler(space.blocks, target, parents, form).sum()),
        fitting=float(near.mean()) if near.size else 0.0,
    )


def leading_first(parents: Sequence[int], weights: Sequence[float], form: MixForm) -> list[int]:
    """The order of parents in a recipe, as indices: by weight, the largest first (of two, this is
    the nearest); weights shown as equal in group order. A + w(B - C) keeps its order."""
    places = range(len(parents))
    if form == DIFFERENCE:
        return list(places)
    return sorted(places, key=lambda place: (-round(weights[place], SHOWN), parents[place]))


def _left(squared: Floats, target: int, parents: Sequence[int], form: MixForm) -> Floats:
    """Squared distances to the best mix, by block."""
    if form == DIFFERENCE:
        return to_difference(squared, target, parents, LARGEST_DIFFERENCE)
    if len(parents) == 2:
        return to_segment(squared, target, *parents)
    one, other, third = parents
    return to_triangle(squared, target, one, other, third)


def _simpler(squared: Floats, target: int, parents: Sequence[int], form: MixForm) -> Floats:
    """Squared distances to the best simpler explanation, by block."""
    if len(parents) == 2:
        options = squared[:, target, list(parents)].T
    else:
        reach = to_line if form == DIFFERENCE else to_segment
        pairs = combinations(parents, 2)
        options = np.array([reach(squared, target, one, other) for one, other in pairs])
    simplest: Floats = options.min(axis=0)
    return simplest


def smallest(values: Floats, count: int) -> Counts:
    """Indices of the smallest finite values, the smallest first; ties in order."""
    if len(values) > 4 * count:
        bound = np.partition(values, count)[count]
        places = np.flatnonzero(values <= bound)
    else:
        places = np.arange(len(values))
    places = places[np.argsort(values[places], kind="stable")][:count]
    return places[np.isfinite(values[places])]
