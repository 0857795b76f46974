"""Distances and norms -> families, and the root of each.

Distances do not show who came first. A declared reference does; else norms may: a training step is
nearly independent of the weights before it, so squared norms grow by the squared distance, |v|^2 =
|r|^2 + |v - r|^2. (Horwitz, Shul and Hoshen, "On the Origin of Llamas: Model Tree Heritage
Recovery", 2024, find the direction of an edge from the growth or decline of outliers, and combine
it with distances in a spanning tree.) Else the medoid is drawn first, with the rule `centre`.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from generator.records.arrays import Floats

# Networks from separate trainings are nearly orthogonal; a fine-tune has a cosine of 0.9 or more to
# its base. Below this cosine, two networks are unrelated.
RELATED = 0.5
# Squared norms must have grown by this part of the squared distances in the family.
SMALLEST_SUPPORT = 0.5


class Start(NamedTuple):
    """A root by number, the rule that chose it, and its support by norms (None: unknown)."""

    member: int
    rule: Literal["declared", "norms", "centre"]
    support: float | None


def families(squared: Floats, norms: Floats, members: Sequence[int]) -> list[list[int]]:
    """Families: `members` that are related, directly or through others; by their first members.

    `squared` and `norms` are N x N as in `Totals`, with infinite distances if unknown. If norms are
    unknown (NaN), all compared members count as related.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = (norms + norms.T - squared) / (2 * np.sqrt(norms * norms.T))
    related = np.isfinite(squared) & ~(cosine < RELATED)
    left = list(members)
    found = []
    while left:
        family, waiting = set[int](), [left[0]]
        while waiting:
            member = waiting.pop()
            family.add(member)
            waiting += [each for each in left if related[member, each] and each not in family]
        found.append([each for each in left if each in family])
        left = [each for each in left if each not in family]
    return found


def find_root(
    squared: Floats, norms: Floats, family: Sequence[int], related: Sequence[int], reference: int
) -> Start:
    """The root of a family without mixes. `related` are the family, its mixes and all their copies,
    as in the figures: the medoid is that of all of them. `reference` is the declared root, -1 if
    there is none."""
    supports = {member: _support(squared, norms, member, family) for member in family}
    if reference in family:
        return Start(reference, "declared", supports.get(reference))
    known = {member: support for member, support in supports.items() if support is not None}
    if known:
        # Of equal ones, the first.
        best = max(known, key=lambda member: known[member])
        if known[best] >= SMALLEST_SUPPORT:
            return Start(best, "norms", known[best])
    # If distances are unknown, use the mean of the known ones.
    near = np.where(np.isfinite(squared), np.sqrt(squared), np.nan)
    reach = {member: float(np.nanmean(near[member, related])) for member in family}
    centre = min(reach, key=lambda member: reach[member])
    return Start(centre, "centre", supports[centre])


def _support(squared: Floats, norms: Floats, root: int, family: Sequence[int]) -> float | None:
    """Mean growth of squared norms from `root` per squared distance, each clipped to [-1, 1]."""
    others = [each for each in family if 0 < squared[root, each] < np.inf]
    if not others:
        return None
    growth = (norms[others, root] - norms[root, others]) / squared[root, others]
    support = float(np.clip(growth, -1, 1).mean())
    return None if np.isnan(support) else support
