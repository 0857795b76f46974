"""Pairwise sums of one component -> the members to analyse, and their distances."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from generator.analysis.lineage.geometry import without_broken_triangles
from generator.records.arrays import Booleans, Counts, Floats
from generator.records.pairwise_sums import PairwiseSums, Totals

# Two members count as compared if they share this part of the larger one.
WHOLE = 0.99


class Members(NamedTuple):
    """The members to analyse.

    `squared` distances (infinite if unknown), `norms` and `elements` are of all members; `present`
    are the members with distances, `clique` those that are all compared and whose distances can be
    those of points. `blocks` and `parts` are squared distances by block, and by kind within blocks.
    `imported`: unknown distances may be small.
    """

    squared: Floats
    norms: Floats
    elements: Counts
    present: list[int]
    clique: list[int]
    blocks: dict[str, Floats]
    parts: list[Floats]
    imported: bool


def among(members: Members) -> tuple[Floats, Floats]:
    """Squared distances of the clique by block, and by block and kind."""
    chosen = np.ix_(members.clique, members.clique)
    blocks = np.stack([squared[chosen] for squared in members.blocks.values()])
    return blocks, np.stack([squared[chosen] for squared in members.parts])


def compared(totals: Totals) -> Booleans:
    """N x N: which pairs share at least 99 % of the larger one."""
    own = np.diagonal(totals.elements)
    largest = np.maximum(own[:, None], own[None, :])
    known: Booleans = (totals.elements >= WHOLE * largest) & (totals.elements > 0)
    return known


def members_of(sums: PairwiseSums, component: str, copies: Sequence[Sequence[int]]) -> Members:
    """The members with `component`; the first of each class in `copies`."""
    totals = sums.add_up(component)
    known = compared(totals)
    squared = np.where(known, totals.squared, np.inf)
    present = [each[0] for each in copies if np.isfinite(squared[each[0]]).sum() > 1]
    blocks = {name: sums.add_up(component, name).squared for name in sums.blocks(component)}
    clique = without_broken_triangles(squared, _complete(known, present))
    own = [each == component for each, _, _ in sums.head.groups]
    parts = list(sums.floats["squared"][own])
    return Members(
        squared,
        totals.norms,
        totals.elements,
        present,
        clique,
        blocks,
        parts,
        sums.head.origin == "imported",
    )


def _complete(known: Booleans, members: Sequence[int]) -> list[int]:
    """A set of members that are all compared, chosen greedily by number of known distances."""
    partners = known[:, members].sum(1)
    chosen: list[int] = []
    for member in sorted(members, key=lambda each: -int(partners[each])):
        if known[member, chosen].all():
            chosen.append(member)
    return sorted(chosen)
