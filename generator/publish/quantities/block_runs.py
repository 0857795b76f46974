"""Blocks in order -> runs of neighbours that belong to one group."""

from collections.abc import Iterable

from generator.networks.palette import BLOCK_COLOURS
from generator.records import Block, Record

BASE = "BASE"
GROUPS = tuple(name for name in BLOCK_COLOURS if name != BASE)


class Run(Record, frozen=True, kw_only=True):
    """Neighbouring blocks of one group."""

    group: str
    blocks: tuple[Block, ...]

    @property
    def parameters(self) -> int:
        """Sum over the blocks."""
        return sum(block.parameters for block in self.blocks)


def group_of(block: str) -> str:
    """Group of a block: `IN` of `IN03`."""
    return block.rstrip("0123456789")


def in_order(blocks: Iterable[str]) -> list[str]:
    """Names of blocks as a network has them, IN, MID, OUT; `BASE` after all, unknown ones last."""

    def place(block: str) -> tuple[int, int, str]:
        group = group_of(block)
        order = GROUPS.index(group) if group in GROUPS else len(GROUPS) + (group != BASE)
        return order, int(block[len(group) :] or 0), block

    return sorted(blocks, key=place)


def runs_of(blocks: Iterable[Block]) -> tuple[Run, ...]:
    """Blocks by group, in the order in which the groups are first met."""
    groups: dict[str, list[Block]] = {}
    for block in blocks:
        groups.setdefault(group_of(block.name), []).append(block)
    return tuple(Run(group=group, blocks=tuple(members)) for group, members in groups.items())
