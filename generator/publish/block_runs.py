"""Blocks in order -> runs of neighbours that belong to one group."""

from collections.abc import Iterable

from generator.records import Block, Record


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


def runs_of(blocks: Iterable[Block]) -> tuple[Run, ...]:
    """Blocks by group, in the order in which the groups are first met."""
    groups: dict[str, list[Block]] = {}
    for block in blocks:
        groups.setdefault(group_of(block.name), []).append(block)
    return tuple(Run(group=group, blocks=tuple(members)) for group, members in groups.items())
