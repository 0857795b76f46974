"""A family without a known root -> members that lie between others.

Nothing tells which of them came first: a point between two others can be their merge, a step of
training from one to the other, or an ancestor of the farther one. The rules are those of `claims`.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from generator.analysis.lineage.affine import space_of
from generator.analysis.lineage.candidates import SHOWN
from generator.analysis.lineage.claims import accept, is_exact, is_near, order, ranked
from generator.analysis.lineage.lines import MemberLine, find_lines
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.recipes import DIFFERS_BY_BLOCK
from generator.analysis.lineage.search import LARGEST_RESIDUAL, Candidate, differences, mixes
from generator.analysis.lineage.sums_of_steps import ACCURACY, EXACT


class Between(NamedTuple):
    """Claimed places and the best mixes, by target; and lines of four or more."""

    claims: dict[int, Candidate]
    best: dict[int, list[Candidate]]
    lines: list[MemberLine]


def find_between(members: Members, family: Sequence[int], start: int) -> Between:
    """Mixes of two and three of `family`, and added differences in which the member nearest to
    `start` is subtracted."""
    places = np.ix_(family, family)
    blocks = np.stack([squared[places] for squared in members.blocks.values()])
    parts = np.stack([squared[places] for squared in members.parts.squared])
    space = space_of(blocks, parts)
    every = {target: _renumber(mixes(space, place), family) for place, target in enumerate(family)}
    best = {target: ranked(found)[:SHOWN] for target, found in every.items() if found}
    claims = accept(members.squared, {target: order(each) for target, each in every.items()}, {})
    near = [
        (target, one, other)
        for target, found in every.items()
        for one, other in (
            each.parents for each in found if len(each.parents) == 2 and is_near(each)
        )
    ]
    lines = find_lines(members.squared, family, near)
    passing = {}
    for place, target in enumerate(family):
        claim = claims.get(target)
        unclear = target in best and not best[target][0].unique
        if target == start or unclear or (claim and is_exact(claim)):
            continue
        depth = members.squared[start]
        inner = depth[list(family)]
        # The equation has other solutions: A = T + w(C - B). The oldest model is subtracted.
        older = (inner[None, :] < inner[:, None]) & (inner[None, :] < depth[target])
        possible = [
            each
            for each in _renumber(differences(space, place, older), family)
            if depth[each.parents[2]] <= depth[each.parents[1]]
        ]
        ordered = order([claim, *possible] if claim else possible)
        if ordered and ordered[0] != claim:
            passing[target] = ordered
            claims.pop(target, None)
    claims = accept(members.squared, passing, claims)
    return Between(
        {
            target: claim
            for target, claim in claims.items()
            if not any({target, *claim.parents} <= set(line.members) for line in lines)
            and not is_by_block(claim)
            and (members.imported or _is_rounding(members, target, claim))
        },
        best,
        lines,
    )


def _is_rounding(members: Members, target: int, claim: Candidate) -> bool:
    """Whether rounding explains the distance from the mix. If not, one of the parents may stand for
    a missing relative."""
    noise, weights = members.noise, np.square(claim.weights)
    allowed = EXACT * float(noise[target] + weights @ noise[list(claim.parents)])
    # Of what is all but rounding, any place is as near.
    told = allowed <= LARGEST_RESIDUAL**2 * claim.span
    return told and claim.left <= allowed + ACCURACY * claim.span


def is_by_block(candidate: Candidate) -> bool:
    """Whether only separate weights per block explain it: then it has no one place."""
    whole = float(np.sqrt(candidate.left / candidate.span))
    return whole - candidate.residual > DIFFERS_BY_BLOCK


def _renumber(found: Iterable[Candidate], numbers: Sequence[int]) -> list[Candidate]:
    return [
        each._replace(parents=tuple(numbers[parent] for parent in each.parents)) for each in found
    ]
