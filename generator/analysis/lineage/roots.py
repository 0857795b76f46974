"""Distances and norms -> families, and where the descent of each begins.

Nothing in a distance says who came first. A declared reference does; else norms do: what a step of
training adds is nearly independent of what was there, so squared norms grow by the squared
distance, |v|^2 = |r|^2 + |v - r|^2. (Horwitz, Shul and Hoshen, "On the Origin of Llamas: Model Tree
Heritage Recovery", 2024, find the direction of an edge in the same spirit, by the growth or decline
of outliers, and join it with distances in a spanning tree.) Where neither says anything, the member
nearest to all others is drawn first, and the record says that this is all it is.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from generator.records.arrays import Floats

# Two networks of separate trainings are nearly orthogonal, a fine-tune is at 0.9 or more to its
# base: below this cosine, nothing says that one descends from the other.
RELATED = 0.5
# Of its family's squared distances, squared norms must have grown by this part.
SMALLEST_SUPPORT = 0.5


class Start(NamedTuple):
    """A root by number, why it is one, and how well norms support it (None: not known)."""

    member: int
    rule: Literal["declared", "norms", "centre"]
    support: float | None


def families(squared: Floats, norms: Floats, members: Sequence[int]) -> list[list[int]]:
    """`members` that are related, directly or through others; in order of their first members.

    `squared` and `norms` are N x N as in `Totals`, distances infinite where they are not known.
    Where norms are not known (NaN), all that is compared is taken to be related.
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
    """The root of a family without mixes. `related` are those with the mixes and all that hold the
    same, as in the figures: the middle is that of all of them. `reference` is the declared one, -1
    if there is none."""
    supports = {member: _support(squared, norms, member, family) for member in family}
    if reference in family:
        return Start(reference, "declared", supports.get(reference))
    known = {member: support for member, support in supports.items() if support is not None}
    if known:
        # The first of equal ones.
        best = max(known, key=lambda member: known[member])
        if known[best] >= SMALLEST_SUPPORT:
            return Start(best, "norms", known[best])
    # Where some distances are not known: the mean over those that are.
    near = np.where(np.isfinite(squared), np.sqrt(squared), np.nan)
    reach = {member: float(np.nanmean(near[member, related])) for member in family}
    centre = min(reach, key=lambda member: reach[member])
    return Start(centre, "centre", supports[centre])


def _support(squared: Floats, norms: Floats, root: int, family: Sequence[int]) -> float | None:
    """Mean growth of the squared norm from `root`, in squared distances, each within -1 and 1."""
    others = [each for each in family if 0 < squared[root, each] < np.inf]
    if not others:
        return None
    growth = (norms[others, root] - norms[root, others]) / squared[root, others]
    support = float(np.clip(growth, -1, 1).mean())
    return None if np.isnan(support) else support
