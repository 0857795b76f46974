"""Mixes that come near -> those that are claimed, so that few are claimed wrongly.

A target is called a mix of its parents if

1. the mix, with weights of its own for each block and none below 0 or above 1, comes nearer to it
   than `LARGEST_RESIDUAL` of the largest distance between two parents;
2. each parent has a weight of at least `SMALLEST_WEIGHT` (of three: `SMALLEST_OF_THREE`), and none
   more than 1 (of an added difference: no more than `LARGEST_DIFFERENCE`);
3. nothing simpler comes as near: what is left is at least `GAIN` times more with only one parent in
   each block, with two of three parents, or, of an added difference, anywhere on a line through two
   of the three. So blocks that are frozen, or taken as a whole from one parent, are no evidence;
   what equals one of two parents in every block may as well be what both were trained from;
4. it comes near in at least `SMALLEST_FITTING` of the parts (kinds within blocks) in which parents
   differ, not only where a few large weights make up the distance;
5. no more than a few other pairs come as near, but for a mix that is `EXACT`;
6. no other member is in the plane of three parents, and no mix of them: see `search`;
7. it stands no nearer to a member that is a mix already than twice the distance to its own, and
   nobody is an ancestor of himself; mixes are taken one after the other, those of few parents
   first, then those with small residuals;
8. it is not on one line with its parents and others: see `lines`.

Independent fine-tunes of one base stand 0.87 of their distance from the middle of two others, and
only 1.15 times further from these: rules 1 and 3 would be met by chance in a space of few
dimensions only, and weights have millions. The real checkpoints of the published archives, which
are no unrelated to one another, are what `GAIN` is taken from: mixes whose names tell their parents
reach 13 and more, what is on the way between others by its training up to 9.

More parents are claimed only if they halve what fewer leave. Where equal mixes compete, the one
whose parents are furthest apart is taken, because a point between two others is between their ends,
too.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from generator.analysis.lineage.search import LARGEST_RESIDUAL, PRECISION, Candidate, near_enough
from generator.records import Rule
from generator.records.arrays import Floats

BETTER = 0.5
# Of the parents' squared distance: so little is left of a mix in float32 that nothing is better.
EXACT = 1e-5
# In so many of the parts (kinds within blocks) in which the parents differ, the mix is near.
SMALLEST_FITTING = 0.5


# In the order in which they are looked at.
RULES: tuple[Rule, ...] = ("residual", "simpler", "parts", "plane", "many", "")


def passes(candidate: Candidate) -> bool:
    """Whether the rules that look at one mix alone are met; weights were looked at before."""
    return not failed_rule(candidate)


def failed_rule(candidate: Candidate) -> Rule:
    """The first of the rules that look at one mix alone that is not met; empty if all are."""
    if candidate.left_by_block > LARGEST_RESIDUAL**2 * candidate.span:
        return "residual"
    if not is_near(candidate):
        return "simpler"
    if candidate.fitting < SMALLEST_FITTING:
        return "parts"
    if not candidate.alone:
        return "plane"
    return "" if candidate.unique or is_exact(candidate) else "many"


def best_of(found: Sequence[Candidate]) -> Candidate:
    """The one that meets most rules, of these the nearest."""
    return min(found, key=lambda each: (-RULES.index(failed_rule(each)), each.residual))


def is_near(candidate: Candidate) -> bool:
    """Whether the target is the mix, and nothing simpler, but for a small part."""
    near = near_enough(candidate.left_by_block, candidate.span, candidate.simpler)
    return bool(near) and candidate.span > 0


def is_exact(candidate: Candidate) -> bool:
    """Whether no other mix could be told to be nearer."""
    return candidate.left_by_block <= EXACT * candidate.span


def order(found: Iterable[Candidate]) -> list[Candidate]:
    """Those that pass, best first: few parents before many that are not twice as near."""
    passing = sorted(filter(passes, found), key=_rank)
    ordered: list[Candidate] = []
    while passing:
        best = passing[0]
        for other in passing[1:]:
            if not is_exact(best) and other.left_by_block < BETTER**2 * best.left_by_block:
                best = other
        ordered.append(best)
        passing.remove(best)
    return ordered


def _rank(candidate: Candidate) -> tuple[int, float, float]:
    """Few parents first; then small residuals; of those that cannot be told apart, wide pairs."""
    residual = max(candidate.left_by_block / candidate.span, PRECISION)
    return len(candidate.parents), residual, -candidate.span


def accept(
    total: Floats,
    found: Mapping[int, Sequence[Candidate]],
    accepted: Mapping[int, Candidate],
) -> dict[int, Candidate]:
    """The claims that agree with one another and with those `accepted` before, by target.

    `total` is N x N, squared; `found` are the candidates of each target that pass, best first.
    """
    claims = dict(accepted)
    sure = sorted(
        (target for target in found if found[target] and target not in claims),
        key=lambda target: (len(found[target][0].parents), found[target][0].residual),
    )
    for target in sure:
        for candidate in found[target]:
            if _is_child(total, target, candidate, claims):
                break
            if not descends(claims, candidate.parents, target):
                claims[target] = candidate
                break
    return claims


def _is_child(
    total: Floats, target: int, candidate: Candidate, claims: Mapping[int, Candidate]
) -> bool:
    """Whether the target is better explained as made from one of the mixes by further training."""
    mixes = [each for each in claims if each != target]
    nearest = total[target, mixes].min(initial=np.inf)
    return bool(nearest <= 4 * candidate.left_by_block)


def descends(claims: Mapping[int, Candidate], members: Iterable[int], ancestor: int) -> bool:
    """Whether one of `members` is `ancestor`, or made from it."""
    return any(
        member == ancestor
        or (member in claims and descends(claims, claims[member].parents, ancestor))
        for member in members
    )
