"""A group and its sums -> what is drawn of each component, and what is told of it."""

from typing import NamedTuple

import numpy as np

from generator.networks.palette import BLOCK_COLOURS
from generator.publish.figures.groups.labels import Label
from generator.records import Arrangement, Group
from generator.records.arrays import Floats
from generator.records.distances import l2
from generator.records.pairwise_sums import PairwiseSums
from generator.text.words import order_components

BASE = "BASE"


class Blocks(NamedTuple):
    """Where the weights of B blocks differ from those of the base.

    `parameters`: the share of each block in the base's parameters, shape B. `shares`: the share of
    each block in the squared distance of each drawn member from the base, M x B, float64; NaN for
    members that do not differ.
    """

    names: list[str]
    parameters: Floats
    shares: Floats


class Drawn(NamedTuple):
    """A component as it is drawn.

    `labels` are those of the M members that `arrangement` holds, `distances` their L2, M x M;
    `missing` are the labels of those that it does not hold.
    `base` is the place among them of the member from which distances are shown: the group's
    reference if it is drawn, else the medoid, whose distances to the others sum to the least.
    """

    name: str
    arrangement: Arrangement
    labels: list[Label]
    missing: list[Label]
    distances: Floats
    base: int
    is_reference: bool
    blocks: Blocks

    @property
    def differs(self) -> bool:
        """Whether any two members differ: else there is nothing to draw."""
        return bool(self.distances.any())


def drawn_components(
    group: Group, sums: PairwiseSums, labels: tuple[Label, ...]
) -> tuple[Drawn, ...]:
    """The components of a group in which members can be compared, the denoiser first."""
    arrangements = {one.name: one.arrangement for one in group.components if one.arrangement}
    return tuple(
        _drawn(name, arrangements[name], group, sums, labels)
        for name in order_components(arrangements)
    )


def _drawn(
    name: str,
    arrangement: Arrangement,
    group: Group,
    sums: PairwiseSums,
    labels: tuple[Label, ...],
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
    )


def _blocks(component: str, sums: PairwiseSums, members: list[int], base: int) -> Blocks:
    """None where the sizes of the blocks are not known, as in archives."""
    if sums.head.origin == "imported":
        return Blocks([], np.zeros(0), np.zeros((len(members), 0)))
    names = sorted(sums.blocks(component), key=_block_order)
    by_block = [sums.add_up(component, block) for block in names]
    elements = [one.elements[members[base], members[base]] for one in by_block]
    held = np.array(elements, dtype=np.float64)
    squared = np.array([one.squared[members[base], members] for one in by_block]).T
    with np.errstate(invalid="ignore"):
        shares = squared / squared.sum(axis=1, keepdims=True)
    return Blocks(names, held / max(held.sum(), 1), shares)


def _block_order(block: str) -> tuple[bool, int, str]:
    """As the palette has the groups of blocks; what lies outside all blocks comes last."""
    group = block.rstrip("0123456789")
    order = list(BLOCK_COLOURS)
    return block == BASE, order.index(group) if group in order else len(order), block
