"""Pairwise sums of one component -> the members to analyse, and their distances."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from generator.analysis.lineage.angles import Parts
from generator.analysis.lineage.geometry import without_broken_triangles
from generator.analysis.lineage.rounding import UNBOUNDED, USUAL, close_to, rounding_noise
from generator.records.arrays import Booleans, Counts, Floats
from generator.records.pairwise_sums import PairwiseSums

# Two members count as compared if they share this part of the larger one.
WHOLE = 0.99
# Published distances do not say how many dimensions they are of. The steps of a published training
# run have cosines of up to 0.26: they count as right angles in this many.
PUBLISHED_DIMENSIONS = 220


class Members(NamedTuple):
    """The members to analyse.

    `squared` distances (infinite if unknown), `norms` and `elements` are of all members; `present`
    are the members with distances, `clique` those that are all compared and whose distances can be
    those of points. `blocks` and `parts` are squared distances by block, and by kind within blocks;
    `block_of` is the block of each part. `close`: pairs that differ by no more than rounding.
    `differing` are numbers of elements that differ, by part, where these were counted, else 0.
    `unbounded` are members that may be farther
    from their source than rounding is expected to cause. `imported`: unknown distances may be
    small.
    """

    squared: Floats
    norms: Floats
    elements: Counts
    differing: Counts
    present: list[int]
    clique: list[int]
    blocks: dict[str, Floats]
    parts: Parts
    part_norms: Floats
    part_elements: Counts
    block_of: list[str]
    close: Booleans
    unbounded: frozenset[int]
    imported: bool

    @property
    def noise(self) -> Floats:
        """Squared distance that rounding causes, by member."""
        total: Floats = self.parts.noise.sum(0)
        return total


def among(members: Members) -> tuple[Floats, Floats]:
    """Squared distances of the clique by block, and by block and kind."""
    chosen = np.ix_(members.clique, members.clique)
    blocks = np.stack([squared[chosen] for squared in members.blocks.values()])
    return blocks, np.stack([squared[chosen] for squared in members.parts.squared])


def compared(sums: PairwiseSums, component: str) -> Booleans:
    """N x N: which pairs share at least 99 % of the larger one, tensors that no other member holds
    in the same shape included."""
    elements = sums.add_up(component).elements
    held = sums.head.held.get(component, {})
    whole = [held[name].elements if name in held else 0 for name in sums.head.members]
    own = np.maximum(np.diagonal(elements), whole)
    largest = np.maximum(own[:, None], own[None, :])
    known: Booleans = (elements >= WHOLE * largest) & (elements > 0)
    return known


def members_of(
    sums: PairwiseSums,
    component: str,
    copies: Sequence[Sequence[int]],
    dtypes: Sequence[Mapping[str, int]] = (),
) -> Members:
    """The members with `component`; the first of each class in `copies`.

    `dtypes` are numbers of weights by dtype, of all members; empty if unknown.
    """
    totals = sums.add_up(component)
    known = compared(sums, component)
    squared = np.where(known, totals.squared, np.inf)
    present = [each[0] for each in copies if np.isfinite(squared[each[0]]).sum() > 1]
    clique = without_broken_triangles(squared, _complete(known, present))
    own = _alike(sums, component, clique)
    by_part, norms = sums.floats["squared"][own], sums.floats["norms"][own]
    elements = sums.counts["elements"][own]
    block_of = [sums.head.groups[place][1] for place in own]
    imported = sums.head.origin == "imported"
    noise = rounding_noise(norms, elements, by_part, dtypes or [{USUAL: 1}] * len(squared))
    dimensions = np.where(imported, PUBLISHED_DIMENSIONS, elements.max((1, 2), initial=1))
    return Members(
        squared=squared,
        norms=totals.norms,
        elements=totals.elements,
        differing=sums.counts.get("l0", np.zeros_like(sums.counts["elements"]))[own],
        present=present,
        clique=clique,
        blocks=_by_block(by_part, block_of),
        parts=Parts(by_part, np.maximum(dimensions, 1).astype(np.float64), noise),
        part_norms=norms,
        part_elements=elements,
        block_of=block_of,
        close=close_to(squared, noise.sum(0)),
        unbounded=frozenset(
            member for member, held in enumerate(dtypes) if UNBOUNDED.intersection(held)
        ),
        imported=imported,
    )


def _alike(sums: PairwiseSums, component: str, clique: Sequence[int]) -> list[int]:
    """The groups of the component in which all pairs of `clique` share the same tensors. In others,
    as where some have more input channels, distances are not those of points."""
    own = [place for place, each in enumerate(sums.head.groups) if each[0] == component]
    elements = sums.counts["elements"]
    if sums.head.origin == "imported" or not clique:
        return own
    chosen = np.ix_(clique, clique)
    alike = [place for place in own if np.ptp(elements[place][chosen]) == 0]
    return alike or own


def _by_block(parts: Floats, block_of: Sequence[str]) -> dict[str, Floats]:
    """Squared distances by block, in the order of their names."""
    found: dict[str, Floats] = {name: np.zeros(parts.shape[1:]) for name in sorted(set(block_of))}
    for part, name in zip(parts, block_of, strict=True):
        found[name] += part
    return found


def _complete(known: Booleans, members: Sequence[int]) -> list[int]:
    """A set of members that are all compared, chosen greedily by number of known distances."""
    partners = known[:, members].sum(1)
    chosen: list[int] = []
    for member in sorted(members, key=lambda each: -int(partners[each])):
        if known[member, chosen].all():
            chosen.append(member)
    return sorted(chosen)
