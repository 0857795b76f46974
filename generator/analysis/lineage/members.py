"""Sums of one component -> the members that take part, and their distances to one another."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from generator.analysis.lineage.geometry import without_broken_triangles
from generator.records.arrays import Booleans, Counts, Floats
from generator.records.pairwise_sums import PairwiseSums, Totals

# Two members are compared as a whole if they share this part of what the larger holds.
WHOLE = 0.99


class Members(NamedTuple):
    """What is looked at: squared distances (infinite where not known) of all members, their norms
    and numbers of elements; the numbers of those that take part, and of those among them that are
    all compared with one another, and whose distances can be those of points; squared distances by
    block, and by kind within blocks. Whether they are `imported`: what is not known may be near."""

    squared: Floats
    norms: Floats
    elements: Counts
    present: list[int]
    clique: list[int]
    blocks: dict[str, Floats]
    parts: list[Floats]
    imported: bool


def among(members: Members) -> tuple[Floats, Floats]:
    """Squared distances by block, and by block and kind, of those that are all compared."""
    chosen = np.ix_(members.clique, members.clique)
    blocks = np.stack([squared[chosen] for squared in members.blocks.values()])
    return blocks, np.stack([squared[chosen] for squared in members.parts])


def compared(totals: Totals) -> Booleans:
    """N x N: which two share (nearly) all that the larger of them holds."""
    own = np.diagonal(totals.elements)
    largest = np.maximum(own[:, None], own[None, :])
    known: Booleans = (totals.elements >= WHOLE * largest) & (totals.elements > 0)
    return known


def members_of(sums: PairwiseSums, component: str, copies: Sequence[Sequence[int]]) -> Members:
    """The members that hold `component`; of `copies`, the first of each."""
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
    """Members that are all compared with one another, taken from the best known on."""
    partners = known[:, members].sum(1)
    chosen: list[int] = []
    for member in sorted(members, key=lambda each: -int(partners[each])):
        if known[member, chosen].all():
            chosen.append(member)
    return sorted(chosen)
