"""Near mixes -> the claimed ones; the rules keep false claims rare.

A target is called a mix of its parents if

1. the residual of the mix, with separate weights per block, none below 0 or above 1, is at most
   `LARGEST_RESIDUAL`;
2. each parent has a weight of at least `SMALLEST_WEIGHT` (of three: `SMALLEST_OF_THREE`) and at
   most 1 (for an added difference: `LARGEST_DIFFERENCE`);
3. every simpler explanation has a residual at least `GAIN` times as large: one parent per block,
   two of three parents, or, for an added difference, any point on a line through two of the three.
   So frozen blocks and blocks copied from one parent are not evidence; a model that equals one of
   two parents in every block may be the base of both;
4. it is near in at least `SMALLEST_FITTING` of the parts (kinds within blocks) in which the parents
   differ, not only where a few large weights dominate the distance;
5. few other pairs fit as well, unless the mix is `EXACT`;
6. no other member is in the plane of three parents without being their mix: see `search`;
7. its distance to any other mix is more than twice the distance to its own, and no member is its
   own ancestor; mixes are accepted one by one, those of few parents first, then by residual;
8. it is not on one line with its parents and others: see `lines`.

Independent fine-tunes of one base are at 0.87 of the distance of two others from their mix, and
only 1.15 times farther from the nearest of them: rules 1 and 3 hold by chance only in few
dimensions, and networks have millions. `GAIN` is from the related checkpoints of published
archives: mixes whose names state their parents reach 13 or more, models that training left between
others at most 9.

More parents are claimed only if they halve the residual. Of equally good mixes, the one with the
most distant parents is chosen, because a point between two others is also between more distant
ones.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from generator.analysis.lineage.search import LARGEST_RESIDUAL, PRECISION, Candidate, near_enough
from generator.records import Rule
from generator.records.arrays import Floats

BETTER = 0.5
# Largest squared residual of an exact mix: the accuracy of a mix in float32.
EXACT = 1e-5
# Share of the parts (kinds within blocks) in which a mix must be near.
SMALLEST_FITTING = 0.5


# In order of checking.
RULES: tuple[Rule, ...] = ("residual", "simpler", "parts", "plane", "many", "")


def passes(candidate: Candidate) -> bool:
    """Whether all rules about a single mix are met; weights were checked before."""
    return not failed_rule(candidate)


def failed_rule(candidate: Candidate) -> Rule:
    """The first rule about a single mix that is not met; empty if all are."""
    if candidate.left_by_block > LARGEST_RESIDUAL**2 * candidate.span:
        return "residual"
    if not is_near(candidate):
        return "simpler"
    if candidate.fitting < SMALLEST_FITTING:
        return "parts"
    if not candidate.alone:
        return "plane"
    return "" if candidate.unique or is_exact(candidate) else "many"


def ranked(found: Sequence[Candidate]) -> list[Candidate]:
    """Those that meet most rules first; of several, the nearest."""
    return sorted(found, key=lambda each: (-RULES.index(failed_rule(each)), each.residual))


def is_near(candidate: Candidate) -> bool:
    """Whether the mix is near and every simpler explanation is much worse."""
    near = near_enough(candidate.left_by_block, candidate.span, candidate.simpler)
    return bool(near) and candidate.span > 0


def is_exact(candidate: Candidate) -> bool:
    """Whether the residual is within the accuracy of distances."""
    return candidate.left_by_block <= EXACT * candidate.span


def order(found: Iterable[Candidate]) -> list[Candidate]:
    """Passing candidates, best first: few parents before many, unless these halve the residual."""
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
    """Sort key: few parents, then small residuals, then distant parents."""
    residual = max(candidate.left_by_block / candidate.span, PRECISION)
    return len(candidate.parents), residual, -candidate.span


def accept(
    total: Floats,
    found: Mapping[int, Sequence[Candidate]],
    accepted: Mapping[int, Candidate],
) -> dict[int, Candidate]:
    """The consistent claims by target, with those `accepted` before.

    `total` is N x N, squared; `found` are the passing candidates of each target, best first.
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
    """Whether the target is more likely a fine-tune of another mix."""
    mixes = [each for each in claims if each != target]
    nearest = total[target, mixes].min(initial=np.inf)
    return bool(nearest <= 4 * candidate.left_by_block)


def descends(claims: Mapping[int, Candidate], members: Iterable[int], ancestor: int) -> bool:
    """Whether one of `members` is `ancestor` or descends from it."""
    return any(
        member == ancestor
        or (member in claims and descends(claims, claims[member].parents, ancestor))
        for member in members
    )
