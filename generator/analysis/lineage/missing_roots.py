"""A member from which the others seem to descend -> whether a missing root explains the same.

These are points 2 to 4 of `roots`.
"""

from collections.abc import Sequence
from itertools import combinations
from statistics import NormalDist

import numpy as np

from generator.analysis.lineage.angles import UNEVEN, angles, is_partial, is_surely_partial
from generator.analysis.lineage.directions import CLEARLY
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.roots import LEAST_GROWTH, SURE, norm_growth
from generator.analysis.lineage.rounding import WITHIN
from generator.records.arrays import Counts, Floats

# Right angles seen from a root, per relative.
FEWEST_RIGHT = 0.33
# A common part of all steps from a root is evidence of a missing one if, of true roots, only one in
# twenty has as much by chance; a common part of two steps, if only one in a thousand has it.
OF_ALL, OF_TWO = 0.05, 0.001
# Growth from a root that has a step in common with a relative, of half of their distance: from a
# missing root to both.
LARGEST_GROWTH = 2.0
# As many relatives at right angles to one another make a root certain.
FEWEST_WAYS = 3
# A step from a missing root to the one that is claimed is at most this part of the typical distance
# of the others from it: most fine-tunes are more.
HIDDEN = 0.2


def stand_apart(members: Members, root: int, family: Sequence[int]) -> bool:
    """Whether, seen from `root`, each two of the family stand at right angles or acute ones, enough
    at right ones, and no step from a missing root to this one is hidden in their inner products.

    If r is missing, and x - r stands at a right angle to all steps from r, those from x have an
    inner product of |x - r|^2 each. The mean over the pairs at right angles bounds it. Others may
    have been trained from x, so no pair may have an inner product that is not by chance. What
    differs in some parts only, as by an adapter, was made from x in any case, or from what it was
    made from: it tells nothing of that.
    """
    others = np.array([each for each in family if not members.close[root, each] and each != root])
    if len(others) < 2:
        return False
    seen = [angles(members.parts, root, int(each), root) for each in others]
    right, acute = (
        np.array([each[others] for each in rows])
        for rows in zip(*((angle.right, angle.acute) for angle in seen), strict=True)
    )
    inner = np.array([angle.inner[others] for angle in seen])
    chance = np.array([angle.chance[others] for angle in seen])
    upper = np.triu_indices(len(others), 1)
    if not (right | acute)[upper].all() or right[upper].sum() < FEWEST_RIGHT * len(others):
        return False
    if members.imported:
        # Published distances are too coarse for what follows.
        return True
    whole = np.array([not is_surely_partial(members.parts, root, int(each)) for each in others])
    told = (right & whole & whole[:, None])[upper]
    if not told.any():
        return False
    deviation = np.sqrt(UNEVEN) * chance[upper][told]
    weights = 1 / deviation**2
    mean = float((weights * inner[upper][told]).sum() / weights.sum())
    chance_of_mean = 1 / np.sqrt(weights.sum())
    largest = float((inner[upper][told] / deviation).max())
    # Inner products do not count what the rounding of the root explains.
    hidden = max(mean, 0.0) + SURE * chance_of_mean + members.noise[root]
    far = np.sqrt(members.squared[root, others])
    typical = float(np.median(np.outer(far, far)[upper][right[upper]]))
    if mean > _evident(OF_ALL) * chance_of_mean or largest > _evident(OF_TWO / len(deviation)):
        return False
    if hidden > HIDDEN**2 * typical:
        return False
    came_first = _came_first(members, root, others, np.where(acute, inner, 0.0))
    return came_first and _has_no_adapter(members, root, others)


def is_certain(members: Members, root: int, family: Sequence[int]) -> bool:
    """Whether no single one of the family can have come from elsewhere: from a missing root, of
    which the one that is claimed was made, too."""
    others = [each for each in family if not members.close[root, each] and each != root]
    growth = norm_growth(members, root, others)
    sure = SURE * growth.chance + growth.rounding
    low, high = growth.share - sure, growth.share + sure
    grown = (low >= LEAST_GROWTH) & (high <= LARGEST_GROWTH)
    if members.imported or (grown.all() and not _has_near_model(members, root)):
        return True
    ways: list[int] = []
    for each in others:
        if angles(members.parts, root, each, root).right[ways].all():
            ways.append(each)
    return len(ways) >= FEWEST_WAYS


def _has_near_model(members: Members, root: int) -> bool:
    """Whether a coarser member that seems to be the root, rounded, differs by more than that in a
    part: it was rounded from another model, which may be the missing root."""
    near = [
        each
        for each in members.clique
        if members.close[root, each]
        and members.noise[each] > CLEARLY * members.noise[root]
        and each not in members.unbounded
    ]
    rounding = members.parts.noise[:, near] + members.parts.noise[:, [root]]
    return bool((members.parts.squared[:, root, near] > WITHIN * rounding).any())


def _evident(share: float) -> float:
    """Standard deviations that only this share exceeds by chance."""
    return NormalDist().inv_cdf(1 - share)


def _came_first(members: Members, root: int, others: Counts, shared: Floats) -> bool:
    """Whether norms exclude that the root lies at the other end of a step that two or more of
    `others` share. (At one alone: then the rest descends from its only child.)

    `shared` are their inner products, M x M, 0 at right angles.

    If steps s + d begin at the root x, s is nearly at a right angle to x. If they began at x + s,
    so that -s leads to x, the inner product of s + d and x is -|s|^2.
    """
    growth = norm_growth(members, root, others.tolist())
    apart = members.squared[root, others]
    onto = (growth.share - 1) * apart / 2
    noise = (growth.chance * apart / 2) ** 2
    np.fill_diagonal(shared, apart)
    for one, other in zip(*np.nonzero(np.triu(shared, 1)), strict=True):
        step = shared[one, other]
        group = (shared[one] >= step / 2) & (shared[other] >= step / 2)
        weights = 1 / noise[group]
        mean = float((weights * onto[group]).sum() / weights.sum())
        # By chance: what each adds, and what all of them share.
        common = float((noise[group] / apart[group]).min()) * step
        sure = SURE * np.sqrt(1 / weights.sum() + common)
        if _is_mixed(shared, one, other) or _is_mixed(shared, other, one):
            # Maybe they have no step in common: it is excluded unless norms are nearer to it.
            sure = step / 2
        if mean + step < sure:
            return False
    return True


def _has_no_adapter(members: Members, root: int, others: Counts) -> bool:
    """Whether norms exclude that the root holds an adapter by which two of the `others` differ.

    If p and p + d begin at the root x, d is nearly at a right angle to x. If x is a missing root
    + d, the way from p + d to p seems to be added to x, and its inner product with x is -|d|^2.
    """
    squared, norms, parts = members.squared, members.norms, members.parts
    for pair in combinations(others.tolist(), 2):
        if not is_partial(parts, *pair):
            continue
        near, far = sorted(pair, key=lambda each: squared[root, each])
        grown = norms[far, root] - norms[near, root]
        onto = (grown - squared[root, far] + squared[root, near]) / 2
        step, own = parts.squared[:, near, far], members.part_norms[:, root, near]
        chance = np.sqrt((own * step / parts.dimensions).sum())
        if onto + step.sum() < SURE * chance:
            return False
    return True


def _is_mixed(shared: Floats, one: int, other: int) -> bool:
    """Whether `one` shares more with a third that has nothing of `other`: so it has a part of each,
    and the two have no step in common."""
    more = shared[one] > shared[one, other]
    more[one] = False
    return bool((more & (shared[other] == 0)).any())
