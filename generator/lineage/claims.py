"""Mixes that come near -> those that are claimed, so that few are claimed wrongly.

A target is called a mix of its parents if

1. the mix comes nearer to it than `LARGEST_RESIDUAL` of the largest distance between two parents;
2. each parent has a weight of at least `SMALLEST_WEIGHT` (of three: `SMALLEST_OF_THREE`), and none
   more than 1 (of an added difference: no more than `LARGEST_DIFFERENCE`);
3. it stands at least `GAIN` times further from the nearest parent than from the mix, and no nearer
   to a member that is a mix already than twice the distance to its own;
4. nobody is an ancestor of himself;
5. no more than a few other pairs come as near.

Independent fine-tunes of one base stand 0.87 of their distance from the middle of two others, and
only 1.15 times further from these: rules 1 and 3 would be met by chance in a space of few
dimensions only, and weights have millions. The real checkpoints of the published archives, which
are no strangers to one another, are what `GAIN` is taken from: mixes whose names tell their parents
reach 13 and more, what is on the way between others by its training up to 9.

More parents are claimed only if they halve what fewer leave. Where equal mixes compete, the one
whose parents are furthest apart is taken, because a point between two others is between their ends,
too.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from generator.arrays import Floats
from generator.lineage.search import Candidate, near_enough

BETTER = 0.5
# Of the parents' squared distance: so little is left of a mix in float32 that nothing is better.
EXACT = 1e-5


def passes(candidate: Candidate) -> bool:
    """Whether the rules that look at one mix alone are met; weights were looked at before."""
    near = near_enough(candidate.left_by_block, candidate.span, candidate.nearest)
    return candidate.unique and bool(near) and candidate.span > 0


def is_exact(candidate: Candidate) -> bool:
    """Whether no other mix could be told to be nearer."""
    return candidate.left_by_block <= EXACT * candidate.span


def order(found: Iterable[Candidate]) -> list[Candidate]:
    """Those that pass, best first: few parents before many that are not twice as near."""
    passing = sorted(filter(passes, found), key=lambda each: (len(each.parents), each.residual))
    ordered: list[Candidate] = []
    while passing:
        best = passing[0]
        for other in passing[1:]:
            if not is_exact(best) and other.left_by_block < BETTER**2 * best.left_by_block:
                best = other
        ordered.append(best)
        passing.remove(best)
    return ordered


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
