"""Blocks in order -> their block groups: `IN`, `MID` and `OUT` of a UNet."""

from collections.abc import Iterable

from generator.networks.blocks import REST
from generator.networks.palette import BLOCK_COLOURS
from generator.records import Architecture, Block, CheckpointComponent, Record

BLOCK_GROUPS = tuple(name for name in BLOCK_COLOURS if name != REST)


class BlockGroup(Record):
    """Blocks with the same prefix: `IN`, `MID`."""

    name: str
    blocks: tuple[Block, ...]

    @property
    def parameters(self) -> int:
        """Sum of the blocks' sizes."""
        return sum(block.parameters for block in self.blocks)


def block_group(block: str) -> str:
    """Group of a block: `IN` for `IN03`."""
    return block.rstrip("0123456789")


def in_order(blocks: Iterable[str]) -> list[str]:
    """Block names in network order: IN, MID, OUT, then `REST`, then unknown ones."""

    def place(block: str) -> tuple[int, int, str]:
        group, places = block_group(block), (*BLOCK_GROUPS, REST)
        order = places.index(group) if group in places else len(places)
        return order, int(block[len(group) :] or 0), block

    return sorted(blocks, key=place)


def block_groups_of(blocks: Iterable[Block]) -> tuple[BlockGroup, ...]:
    """Blocks by group, in order of first appearance."""
    groups: dict[str, list[Block]] = {}
    for block in blocks:
        groups.setdefault(block_group(block.name), []).append(block)
    return tuple(BlockGroup(name=group, blocks=tuple(members)) for group, members in groups.items())


def legend_of(networks: Iterable[Architecture]) -> tuple[str, ...]:
    """Names of the block groups present, in palette order."""
    found = {block_group(block.name) for one in networks for block in one.mbw.blocks}
    return tuple(name for name in BLOCK_COLOURS if name in found)


def component_block_groups(component: CheckpointComponent) -> tuple[BlockGroup, ...]:
    """Blocks of a component by group, in the record's order."""
    return block_groups_of(
        Block(name=block.name, modules=(), parameters=block.parameters)
        for block in component.blocks
    )
