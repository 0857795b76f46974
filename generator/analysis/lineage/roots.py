"""Distances and norms -> families, and the root of each, if it is known.

Distances do not show who came first. A declared reference does. Else a member is called the root
only if nothing but a common origin explains what is seen from it:

1. Squared norms grow from it to every relative by their squared distance: a training step is nearly
   independent of the weights before it, so |v|^2 = |r|^2 + |v - r|^2, and so does every mix of what
   was trained from r. (Horwitz, Shul and Hoshen, "On the Origin of Llamas: Model Tree Heritage
   Recovery", 2024, find the direction of an edge from the growth or decline of outliers.)
2. Relatives stand at right angles, in the whole and in its parts (see `angles`): from a sibling of
   the root they would not. There are so many, or so large networks, that a small step from a
   missing root would show.
3. No two stand at an obtuse angle, nor at a right angle in the whole alone: seen from a merge, what
   it was made from does. Mixes of the others are not counted.

4. A single relative that came from elsewhere would stand at right angles, too, and so would one of
   which the root is a part. Its norm excludes that, if no coarse copy is that of another model; or
   others do: the more stand at right angles to one another, the less likely it is that all but one
   were made from a model whose own root is missing.

Else no root is claimed, and the drawing starts at the medoid, with the rule `centre`.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from generator.analysis.lineage.members import Members
from generator.records.arrays import Booleans, Floats

# Networks from separate trainings are nearly orthogonal; a fine-tune has a cosine of 0.9 or more to
# its base. Below this cosine, two networks are unrelated.
RELATED = 0.5
# Squared norms grow by the squared distance, give or take this part of it,
GROWTH = 0.2
# and this many standard deviations of chance,
SURE = 3.0
# which over all members may be this large; and their weighted mean is at least this.
LARGEST_CHANCE, LEAST_GROWTH = 0.5, 0.5


class Start(NamedTuple):
    """A root by number, the rule that chose it, and its support by norms (None: unknown)."""

    member: int
    rule: Literal["declared", "norms", "centre"]
    support: float | None


class Growth(NamedTuple):
    """From one member to M others: growth of the squared norm per squared distance, its standard
    deviation by chance, and what rounding may take from it."""

    share: Floats
    chance: Floats
    rounding: Floats


def related(members: Members) -> Booleans:
    """N x N: which members are related, by their median cosine over the parts: in some parts all
    networks are alike, as in norms, whose weights are near 1.

    If norms are unknown (NaN), all compared members count as related.
    """
    norms, squared = members.part_norms, members.parts.squared
    across = norms.transpose(0, 2, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = (norms + across - squared) / (2 * np.sqrt(norms * across))
    cosine = np.where(np.isfinite(cosine), cosine, 1.0)
    # What is all zeros is near nothing, as are networks at right angles.
    cosine[(norms == 0) != (across == 0)] = 0.0
    found: Booleans = np.isfinite(members.squared) & (np.median(cosine, axis=0) >= RELATED)
    return found


def families(relatives: Booleans, members: Sequence[int]) -> list[list[int]]:
    """Families: `members` that are related, directly or through others; by their first members."""
    left = list(members)
    found = []
    while left:
        family, waiting = {left[0]}, [left[0]]
        while waiting:
            member = waiting.pop()
            more = [each for each in left if relatives[member, each] and each not in family]
            family.update(more)
            waiting += more
        found.append([each for each in left if each in family])
        left = [each for each in left if each not in family]
    return found


def possible_roots(members: Members, family: Sequence[int]) -> Iterator[Start]:
    """Members from which squared norms grow to all others, those with the largest growth first."""
    found = []
    for root in family:
        others = [each for each in family if not members.close[root, each] and each != root]
        if not others:
            continue
        growth = norm_growth(members, root, others)
        weights = 1 / (growth.chance + growth.rounding) ** 2
        mean = float((weights * growth.share).sum() / weights.sum())
        allowed = GROWTH + SURE * growth.chance + growth.rounding
        if (
            weights.sum() * LARGEST_CHANCE**2 >= 1
            and mean >= LEAST_GROWTH
            and (np.abs(growth.share - 1) <= allowed).all()
        ):
            found.append((-support_of(growth), root))
    for support, root in sorted(found):
        yield Start(root, "norms", -support)


def centre(members: Members, family: Sequence[int], counted: Sequence[int]) -> Start:
    """The medoid of the family. `counted` are the family and all copies, as in the figures."""
    squared = members.squared
    near = np.where(np.isfinite(squared), np.sqrt(squared), np.nan)
    # If distances are unknown, use the mean of the known ones.
    reach = {member: float(np.nanmean(near[member, counted])) for member in family}
    middle = min(reach, key=lambda member: reach[member])
    others = [each for each in family if 0 < squared[middle, each] < np.inf]
    support = support_of(norm_growth(members, middle, others)) if others else np.nan
    return Start(middle, "centre", support if np.isfinite(support) else None)


def declared_root(members: Members, family: Sequence[int], reference: int) -> Start:
    """The declared root, with its support."""
    others = [each for each in family if 0 < members.squared[reference, each] < np.inf]
    support = support_of(norm_growth(members, reference, others)) if others else np.nan
    return Start(reference, "declared", support if np.isfinite(support) else None)


def norm_growth(members: Members, root: int, others: Sequence[int]) -> Growth:
    """See `Growth`.

    In n dimensions, the inner product of independent directions has a standard deviation of the
    product of their norms divided by sqrt(n); summed over the parts.
    """
    apart = members.squared[root, others]
    growth = members.norms[others, root] - members.norms[root, others]
    own, parts = members.part_norms[:, root, others], members.parts
    chance = 2 * np.sqrt((own * parts.squared[:, root, others] / parts.dimensions[:, None]).sum(0))
    rounding = 2 * (members.noise[root] + members.noise[others])
    return Growth(growth / apart, chance / apart, rounding / apart)


def support_of(growth: Growth) -> float:
    """Mean growth of squared norms per squared distance, each clipped to [-1, 1]."""
    return float(np.clip(growth.share, -1, 1).mean())
