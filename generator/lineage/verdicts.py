"""A mix that is claimed -> what it is: a merge, a step on the way, or one of the two.

A point between two others is their mix. Or it is a step on the way from one to the other; or, if
the further one was made by exaggerating what led to it, its ancestor. The tree tells, where its
root is known: the mix of two of which one descends from the other is on the way. Where the root is
but the middle, norms may still tell: between two that went in independent directions, the squared
norm dips, by w(1 - w) of their squared distance; on the way from one to the other it grows all
along (see `roots`). Else it is not known which of the three came first.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from generator.lineage.members import Members
from generator.lineage.recipes import Verdict
from generator.lineage.roots import Start
from generator.lineage.search import DIFFERENCE, Candidate
from generator.lineage.tree import ancestors

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
        on_the_way = one in ancestors(parents, other) or other in ancestors(parents, one)
        return "interpolation" if on_the_way else "merge"
    return "merge" if norm_dips(members, one, other) else "between"


def norm_dips(members: Members, one: int, other: int) -> bool:
    """Whether the smallest norm of a line is surely between two of its points.

    |A + w(B - A)|^2 is least at w = (1 + (|A|^2 - |B|^2) / |A - B|^2) / 2. In n dimensions, the
    product of independent directions has a standard deviation of their norms' over sqrt(n).
    """
    apart = members.squared[one, other]
    norms = members.norms[one, other], members.norms[other, one]
    elements = int(members.elements[one, other])
    if not elements or not np.isfinite(norms).all():
        return False
    growth = abs(norms[1] - norms[0]) / apart
    chance = 2 * np.sqrt(max(norms) / apart / elements)
    return bool(growth + SURE * chance <= LARGEST_GROWTH)
