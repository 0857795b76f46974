"""Pairwise sums of a target and given parents -> the nearest mix of all parents, and a verdict.

The rules are those of `claims` that concern a single mix. There is no tree, so only norms show who
came first.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from generator.analysis.lineage.affine import are_independent, nearest_mix
from generator.analysis.lineage.members import compared
from generator.analysis.lineage.norms import norm_dips, norm_grows
from generator.analysis.lineage.recipes import block_recipe
from generator.analysis.lineage.search import LARGEST_RESIDUAL, SMALLEST_WEIGHT, near_enough
from generator.errors import UsageError
from generator.records import NamedBlock, NamedMix, NamedRecipe, NamedVerdict
from generator.records.arrays import Floats
from generator.records.pairwise_sums import PairwiseSums, Totals

# Largest sum of the weights of B and C in A + w(B - C).
BALANCED = 0.02


class _Mix(NamedTuple):
    """Squared distances of the target and its parents, in this order, in total and by block, over
    the tensors that all of them share; the names of all blocks, some of which have none; the sums
    of all members, and the numbers of the target and parents."""

    squared: Floats
    blocks: dict[str, Floats]
    names: list[str]
    totals: Totals
    numbers: list[int]
    weights: Floats
    left: float


def named_recipe(
    sums: PairwiseSums, target: str, parents: Sequence[str], component: str
) -> NamedRecipe:
    """The weights of `parents` in `target`, over a component and in each of its blocks.

    Any number of parents; one that is not in the mix gets a weight near 0.

    Raises:
        UsageError: not all of them have the same component.
    """
    found = _fit(sums, target, parents, component)
    places = range(1, len(parents) + 1)
    squared = found.squared
    span = float(squared[1:, 1:].max())
    blocks = [block_recipe(name, each, 0, places, "mix") for name, each in found.blocks.items()]
    weights = found.weights.tolist() if span else [None] * len(parents)
    return NamedRecipe(
        target=target,
        parents=tuple(parents),
        component=component,
        verdict=_verdict(found) if span else "none",
        unique=bool(span) and are_independent(squared[1:, 1:]),
        whole=NamedMix(
            weights=dict(zip(parents, weights, strict=True)),
            residual=float(np.sqrt(abs(found.left) / span)) if span else None,
        ),
        blocks=tuple(
            NamedBlock(
                name=block.name,
                weights=dict(zip(parents, block.weights, strict=True)),
                residual=block.residual,
            )
            for block in blocks
        ),
        not_comparable=tuple(name for name in found.names if name not in found.blocks),
        twins=tuple(
            (parents[one], parents[other])
            for one, other in zip(*np.nonzero(np.triu(squared[1:, 1:] == 0, 1)), strict=True)
        ),
    )


def _fit(sums: PairwiseSums, target: str, parents: Sequence[str], component: str) -> _Mix:
    members = sums.head.members
    numbers = [members.index(name) for name in (target, *parents)]
    totals = sums.add_up(component)
    chosen = np.ix_(numbers, numbers)
    known = compared(sums, component)[chosen]
    if not known.all():
        # The odd ones can be compared with the fewest.
        names = zip((target, *parents), known.sum(1), strict=True)
        odd = [name for name, others in names if others == known.sum(1).min()]
        raise UsageError(
            ", ".join(odd), f"too little of the {component} can be compared with the others"
        )
    blocks: dict[str, Floats] = {}
    for place, (owner, block, _) in enumerate(sums.head.groups):
        # Where shapes differ, distances of the pairs are over different tensors.
        if owner == component and np.ptp(sums.counts["elements"][place][chosen]) == 0:
            squared = sums.floats["squared"][place][chosen]
            blocks[block] = blocks.get(block, 0) + squared
    squared = np.sum([*blocks.values()], axis=0)
    weights, left = nearest_mix(squared, 0, range(1, len(numbers)))
    return _Mix(squared, blocks, sums.blocks(component), totals, numbers, weights, left)


def _verdict(found: _Mix) -> NamedVerdict:
    """The verdict on the nearest mix, from the parents with a weight in it."""
    squared, weights = found.squared, found.weights
    needed = [place for place, weight in enumerate(weights, 1) if abs(weight) >= SMALLEST_WEIGHT]
    span = float(squared[1:, 1:].max())
    left = sum(_left(block, needed) for block in found.blocks.values())
    if left > LARGEST_RESIDUAL**2 * span:
        return _unless_swapped(found)
    if len(needed) < 2:
        return "copy"
    whole = sum(float(block[0, needed].min()) for block in found.blocks.values())
    if whole <= LARGEST_RESIDUAL**2 * span and not near_enough(left, span, whole):
        return "whole blocks"
    simpler = sum(_simpler(block, needed) for block in found.blocks.values())
    if not near_enough(left, span, simpler):
        return _unless_swapped(found)
    if weights.min() <= -SMALLEST_WEIGHT:
        shares = [weights[place - 1] for place in needed]
        return "add difference" if _is_difference(shares) else "extrapolation"
    if len(needed) > 2:
        return "merge"
    return _direction(found.totals, *(found.numbers[each] for each in needed))


def _unless_swapped(found: _Mix) -> NamedVerdict:
    """The verdict on what is no mix: whether each value is that of one of two parents.

    Where two parents differ, the target differs from at least one; it differs from both nowhere if
    the values that differ from each sum to those that differ between the two.
    """
    chosen = np.ix_(found.numbers, found.numbers)
    apart = found.totals.l0[chosen]
    if np.ptp(found.totals.elements[chosen]) > 0:
        # Some tensors are compared between some of them only.
        return "none"
    for one, other in combinations(range(1, len(apart)), 2):
        own = apart[0, one], apart[0, other]
        if min(own) > 0 and sum(own) == apart[one, other]:
            return "swapped values"
    return "none"


def _is_difference(shares: Sequence[float]) -> bool:
    """Whether three weights are 1, w and -w."""
    least, *others = sorted(shares)
    return len(others) == 2 and min(abs(least + each) for each in others) <= BALANCED


def _left(squared: Floats, parents: Sequence[int]) -> float:
    """The squared distance to the nearest mix of `parents` in a block."""
    if len(parents) < 2:
        return float(squared[0, list(parents)].min(initial=np.inf))
    return abs(nearest_mix(squared, 0, parents)[1])


def _simpler(squared: Floats, parents: Sequence[int]) -> float:
    """The same without the parent that this block needs least."""
    return min(_left(squared, [each for each in parents if each != out]) for out in parents)


def _direction(totals: Totals, one: int, other: int) -> NamedVerdict:
    """Whether norms show a merge, or a step between the two."""
    if norm_dips(totals, one, other):
        return "merge"
    return "interpolation" if norm_grows(totals, one, other) else "between"
