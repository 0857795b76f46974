"""A group and its sums -> what figures draw of each component, and the facts in their texts."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from generator.publish.figures.groups.labels import Label
from generator.publish.quantities.block_groups import in_order
from generator.records import Arrangement, Group
from generator.records.arrays import Floats
from generator.records.distances import l2
from generator.records.pairwise_sums import PairwiseSums
from generator.text.words import order_components

# With fewer members, maps and clusters show no more than a sentence with their distances.
FEWEST_DRAWN = 4
FEWEST_BLOCKS = 2


class Blocks(NamedTuple):
    """Where the weights of B blocks differ from those of the base.

    `parameters`: the share of each block in the base's parameters, shape B. `shares`: the share of
    each block in the squared distance of each drawn member from the base, M x B, float64; NaN for
    members that do not differ.
    """

    names: list[str]
    parameters: Floats
    shares: Floats


# Addresses of the pages of pairs, by the numbers of the two members.
PairPages = Mapping[frozenset[int], str]


class Drawn(NamedTuple):
    """A component as it is drawn.

    `labels` are those of the M members in `arrangement`, `distances` their L2, M x M; `missing` are
    the labels of the other members. `base` is the index among the M of the member from which
    distances are shown: the group's reference if it is drawn, else the medoid.
    """

    name: str
    arrangement: Arrangement
    labels: list[Label]
    missing: list[Label]
    distances: Floats
    base: int
    is_reference: bool
    blocks: Blocks
    pairs: PairPages

    @property
    def differs(self) -> bool:
        """Whether any two members differ: otherwise there is nothing to draw."""
        return bool(self.distances.any())

    @property
    def has_distances(self) -> bool:
        """Whether there are enough members to draw their distances."""
        return len(self.labels) >= FEWEST_DRAWN

    @property
    def has_blocks(self) -> bool:
        """Whether there are enough blocks to compare."""
        return len(self.blocks.names) >= FEWEST_BLOCKS and bool(self.profiled)

    @property
    def profiled(self) -> list[int]:
        """The members that differ from the base, in the order of the dendrogram."""
        shares = self.blocks.shares
        return [one for one in self.arrangement.order if not np.isnan(shares[one]).any()]


def drawn_components(
    group: Group, sums: PairwiseSums, labels: tuple[Label, ...], pairs: PairPages
) -> tuple[Drawn, ...]:
    """The components of a group with comparable members, the denoiser first."""
    arrangements = {one.name: one.arrangement for one in group.components if one.arrangement}
    return tuple(
        _drawn(name, arrangements[name], group, sums, labels, pairs)
        for name in order_components(arrangements)
    )


def _drawn(
    name: str,
    arrangement: Arrangement,
    group: Group,
    sums: PairwiseSums,
    labels: tuple[Label, ...],
    pairs: PairPages,
) -> Drawn:
    members = list(arrangement.members)
    both = np.ix_(members, members)
    distances = l2(sums.add_up(name))[both]
    place = group.members.index(group.reference) if group.reference else -1
    is_reference = place in members
    base = members.index(place) if is_reference else int(distances.sum(axis=0).argmin())
    return Drawn(
        name=name,
        arrangement=arrangement,
        labels=[labels[member] for member in members],
        missing=[label for member, label in enumerate(labels) if member not in members],
        distances=distances,
        base=base,
        is_reference=is_reference,
        blocks=_blocks(name, sums, members, base),
        pairs=pairs,
    )


def _blocks(component: str, sums: PairwiseSums, members: list[int], base: int) -> Blocks:
    """None if the sizes of the blocks are unknown, as in archives."""
    if sums.head.origin == "imported":
        return Blocks([], np.zeros(0), np.zeros((len(members), 0)))
    names = in_order(sums.blocks(component))
    by_block = [sums.add_up(component, block) for block in names]
    elements = [one.elements[members[base], members[base]] for one in by_block]
    held = np.array(elements, dtype=np.float64)
    squared = np.array([one.squared[members[base], members] for one in by_block]).T
    with np.errstate(invalid="ignore"):
        shares = squared / squared.sum(axis=1, keepdims=True)
    return Blocks(names, held / max(held.sum(), 1), shares)
