"""A network -> its card, for pages about several networks."""

from collections.abc import Iterable

from markupsafe import Markup

from generator.networks.palette import BLOCK_COLOURS
from generator.publish.figures.stacked_bars import composition_bar
from generator.publish.quantities import networks as quantities
from generator.publish.quantities.block_groups import BlockGroup
from generator.publish.reading.atlas import LoadedNetwork
from generator.records import Record


class Card(Record, frozen=True, kw_only=True):
    """One network in a list: its page, its name, and its parameters by block group."""

    id: str
    name: str
    family: str
    parameters: int
    blocks: int
    flops: int
    block_groups: tuple[BlockGroup, ...]
    bar: Markup


def card(network: LoadedNetwork) -> Card:
    """The card of one network, with its bar."""
    architecture = network.record
    block_groups = quantities.block_groups(network)
    return Card(
        id=architecture.id,
        name=architecture.name,
        family=architecture.family,
        parameters=quantities.parameters(network),
        blocks=architecture.mbw.count,
        flops=architecture.pipeline.flops,
        block_groups=block_groups,
        bar=composition_bar(f"bar-{architecture.id}", architecture.name, block_groups),
    )


def legend_of(cards: Iterable[Card]) -> tuple[str, ...]:
    """Names of the block groups present, in palette order."""
    found = {group.name for card in cards for group in card.block_groups}
    return tuple(name for name in BLOCK_COLOURS if name in found)
