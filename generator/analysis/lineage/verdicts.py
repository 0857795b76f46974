"""A claimed mix -> its verdict: a merge, an interpolation, or undecided between the two.

A point between two others can be their merge, a step of training from one to the other, or an
ancestor of the farther one (which extrapolates the same direction). With a known root, the tree
decides: if one parent descends from the other, the mix is an interpolation. If the root is only the
medoid, norms may decide: between two models trained in independent directions, the squared norm
dips by w(1 - w) of their squared distance; from an ancestor to its descendant it grows steadily
(see `roots`). Else it is unknown which of the three came first.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from generator.analysis.lineage.affine import to_line
from generator.analysis.lineage.lines import FARTHEST
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.recipes import Verdict
from generator.analysis.lineage.roots import Start
from generator.analysis.lineage.search import DIFFERENCE, PRECISION, Candidate
from generator.analysis.lineage.tree import ancestors
from generator.records.arrays import Counts, Floats

# Squared norms of the two ends differ by at most this part of their squared distance: then the
# smallest norm is in the middle half between them.
LARGEST_GROWTH = 0.5
# Required certainty, in standard deviations of the inner product of independent directions.
SURE = 3.0


def verdict(
    members: Members,
    claim: Candidate,
    parents: Mapping[int, tuple[int, ...]],
    starts: Sequence[tuple[Start, list[int]]],
) -> Verdict:
    """The verdict on a claim, with the `parents` of every member and the roots.

    A point inside a triangle is the mix of its corners: a corner could be made from the others only
    by extrapolation.
    """
    centres = {each for start, family in starts if start.rule == "centre" for each in family}
    directed = not centres & set(claim.parents)
    if claim.form == DIFFERENCE:
        return "merge" if directed else "between"
    if len(claim.parents) > 2:
        return "merge"
    one, other = claim.parents
    if directed:
        if one in ancestors(parents, other) or other in ancestors(parents, one):
            return "interpolation"
        (root,) = (start.member for start, family in starts if one in family)
        return "between" if _is_in_line(members, claim, root) else "merge"
    return "merge" if norm_dips(members, one, other) else "between"


def _is_in_line(members: Members, claim: Candidate, root: int) -> bool:
    """Whether the root is as near to the line of the mix as the target: then all lie in one
    direction from it, or it is uncertain which of them is the root."""
    off = float(to_line(members.squared[None], root, *claim.parents)[0])
    return off <= FARTHEST**2 * max(claim.left_by_block, PRECISION * claim.span)


class PairTotals(Protocol):
    """N x N sums over the shared tensors of pairs of members."""

    @property
    def squared(self) -> Floats:
        """Squared distances."""

    @property
    def norms(self) -> Floats:
        """Squared norms, row by row; NaN if unknown."""

    @property
    def elements(self) -> Counts:
        """Numbers of elements."""


def norm_dips(sums: PairTotals, one: int, other: int) -> bool:
    """Whether the smallest norm on the line through two points is in the middle half between them.

    |A + w(B - A)|^2 is least at w = (1 + (|A|^2 - |B|^2) / |A - B|^2) / 2.
    """
    growth, chance = _growth(sums, one, other)
    return growth + SURE * chance <= LARGEST_GROWTH


def norm_grows(sums: PairTotals, one: int, other: int) -> bool:
    """Whether the squared norm grows from one to the other by their squared distance."""
    growth, chance = _growth(sums, one, other)
    return abs(growth - 1) + SURE * chance <= LARGEST_GROWTH


def _growth(sums: PairTotals, one: int, other: int) -> tuple[float, float]:
    """The difference of two squared norms divided by their squared distance, and its standard
    deviation by chance.

    In n dimensions, the inner product of independent directions has a standard deviation of the
    product of their norms divided by sqrt(n). Both are infinite if norms are unknown.
    """
    apart = sums.squared[one, other]
    norms = sums.norms[one, other], sums.norms[other, one]
    if not np.isfinite(norms).all():
        return np.inf, np.inf
    chance = 2 * np.sqrt(max(norms) / apart / max(int(sums.elements[one, other]), 1))
    return float(abs(norms[1] - norms[0]) / apart), float(chance)
