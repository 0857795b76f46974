"""A mix that is claimed -> what it is: a merge, a step on the way, or one of the two.

A point between two others is their mix. Or it is a step on the way from one to the other; or, if
the further one was made by exaggerating what led to it, its ancestor. The tree tells, where its
root is known: the mix of two of which one descends from the other is on the way. Where the root is
but the middle, norms may still tell: between two that went in independent directions, the squared
norm dips, by w(1 - w) of their squared distance; on the way from one to the other it grows all
along (see `roots`). Else it is not known which of the three came first.
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

# Norms of the ends of a line differ by less than this part of their squared distance, in its
# middle half: the lowest norm is then in the middle half between them.
LARGEST_GROWTH = 0.5
# Standard deviations of the chance product of independent directions.
SURE = 3.0


def verdict(
    members: Members,
    claim: Candidate,
    parents: Mapping[int, tuple[int, ...]],
    starts: Sequence[tuple[Start, list[int]]],
) -> Verdict:
    """What a claim is, with everybody's `parents` and the roots.

    A point within a triangle is the mix of its corners: none of them could be made of it and the
    others but by exaggerating both.
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
    """Whether the root is on the line of the mix as well as the target is: then both ends, and what
    is between them, go one way from it, or which of them is the root is not sure."""
    off = float(to_line(members.squared[None], root, *claim.parents)[0])
    return off <= FARTHEST**2 * max(claim.left_by_block, PRECISION * claim.span)


class Sums(Protocol):
    """N x N sums over what pairs of members share."""

    @property
    def squared(self) -> Floats:
        """Squared distances."""

    @property
    def norms(self) -> Floats:
        """Squared norms, row by row; NaN where they are not known."""

    @property
    def elements(self) -> Counts:
        """Numbers of elements."""


def norm_dips(sums: Sums, one: int, other: int) -> bool:
    """Whether the smallest norm of a line is surely in the middle between two of its points.

    |A + w(B - A)|^2 is least at w = (1 + (|A|^2 - |B|^2) / |A - B|^2) / 2.
    """
    growth, chance = _growth(sums, one, other)
    return growth + SURE * chance <= LARGEST_GROWTH


def norm_grows(sums: Sums, one: int, other: int) -> bool:
    """Whether norms grow from one to the other by the squared distance: by what was added."""
    growth, chance = _growth(sums, one, other)
    return abs(growth - 1) + SURE * chance <= LARGEST_GROWTH


def _growth(sums: Sums, one: int, other: int) -> tuple[float, float]:
    """The difference of two squared norms in their squared distance, and its deviation by chance.

    In n dimensions, the product of independent directions has a standard deviation of that of their
    norms over sqrt(n). Both are infinite where norms are not known.
    """
    apart = sums.squared[one, other]
    norms = sums.norms[one, other], sums.norms[other, one]
    if not np.isfinite(norms).all():
        return np.inf, np.inf
    chance = 2 * np.sqrt(max(norms) / apart / max(int(sums.elements[one, other]), 1))
    return float(abs(norms[1] - norms[0]) / apart), float(chance)
