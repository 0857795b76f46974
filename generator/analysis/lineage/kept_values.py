"""Numbers of equal values -> what no training does: values left as they were, or swapped.

A mix that takes each value from one of two models, a pruned change or one that dropped values at
random leaves the rest untouched. Sums of squares do not tell it from the training to what is left:
seen from it, the steps of others are at right angles. Counts of equal values do, where they are
known: training changes nearly all that it does not leave alone as a whole.

Rounding hides small changes, too. Of normal changes with standard deviation s, a grid with steps of
q hides a share of q / (sqrt(2 pi) s), where s is much larger: sqrt(12 / (2 pi)) = 1.4 times the
root mean square of the rounding, q / sqrt(12), divided by s.

Numbers of values that differ are distances, too (Hamming's): where two models differ, a third one
differs from at least one of them. If the numbers of values that differ from each sum to those that
differ between the two, each of its values is that of one of them. So it was mixed from these value
by value, or each of the two was made from it, by changes to other values. Then their steps from it
stand at right angles to its own, or lead straight to the root or from there; what was swapped leads
back, but not straight.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from generator.analysis.lineage.angles import CHANGED, SURE, angles
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.relations import Relations

# More than this many times the rounding of both, divided by the change: changes are not quite
# normal. 1.4 / sqrt(2) would be expected.
HIDDEN = 2.0
# Smallest share of values that are left.
LEAST_KEPT = 0.05
# Share of the parts in which values of both models are swapped.
MOST = 0.5


def keeps_values(members: Members, member: int, origin: int) -> bool:
    """Whether a member holds more values of `origin`, in most parts that changed, than rounding
    explains; not so if equal values were not counted."""
    squared = members.parts.squared[:, member, origin]
    rounding = members.parts.noise[:, [member, origin]].sum(1)
    differing = members.differing[:, member, origin]
    told = (differing > 0) & (squared > CHANGED * rounding)
    if not told.any():
        return False
    kept = 1 - differing[told] / members.part_elements[told, member, origin]
    hidden = HIDDEN * np.sqrt(rounding[told] / squared[told])
    return bool(np.median(kept - hidden) > LEAST_KEPT)


def swapped_from(
    members: Members, relations: Relations, root: int, target: int, pool: Sequence[int]
) -> tuple[int, ...]:
    """The two of the root and the `pool` of whose values a target consists, those of one that it
    holds more of first; empty if there are no two, or if these may have been made from it."""
    apart = members.differing.sum(0)
    own = apart[target]
    others = [each for each in (root, *pool) if each != target and own[each] > 0]
    for one, other in combinations(sorted(others, key=lambda each: own[each]), 2):
        if own[one] + own[other] != apart[one, other]:
            continue
        if root in (one, other):
            tuned = other if one == root else one
            made = _is_between(members, target, root, tuned)
            made = made and not relations.descends(tuned, target)
        else:
            made = all(_is_back(members, root, target, each) for each in (one, other))
        if made:
            return one, other
    return ()


def _is_between(members: Members, target: int, one: int, other: int) -> bool:
    """Whether most parts hold values of both: not so if one of them was trained in parts only."""
    differing = members.differing[:, [one, other], target].min(1) > 0
    return bool(np.mean(differing[members.differing[:, one, other] > 0]) > MOST)


def _is_back(members: Members, root: int, target: int, other: int) -> bool:
    """Whether the step from the target to another leads back from where it came: what it took from
    elsewhere replaced what was there. Not so if it leads straight to the root, or from there: then
    the other may be a mix of the two."""
    step = angles(members.parts, target, other, root)
    squared, noise = members.parts.squared, members.parts.noise
    told = members.differing[:, target, other] > 0
    apart, own = squared[told, target, other], squared[told, target, root]
    inner = (apart + own - squared[told, other, root]) / 2
    beside = apart - np.divide(inner**2, own, out=np.zeros_like(own), where=own > 0)
    rounding = noise[told][:, [root, target, other]].sum()
    return bool(step.sure[target] < -SURE and beside.sum() > CHANGED * rounding)
