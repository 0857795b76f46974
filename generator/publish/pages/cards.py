"""A network -> what pages about several networks say of it."""

from collections.abc import Iterable

from markupsafe import Markup

from generator.networks.palette import BLOCK_COLOURS
from generator.publish.figures.block_runs import Run
from generator.publish.figures.stacked_bars import composition_bar
from generator.publish.pages import quantities
from generator.publish.reading.atlas import Measured
from generator.records import Record


class Card(Record, frozen=True, kw_only=True):
    """One network among others: where its page is, what it is, and what it is made of."""

    id: str
    name: str
    family: str
    parameters: int
    blocks: int
    flops: int
    runs: tuple[Run, ...]
    bar: Markup


def card(network: Measured) -> Card:
    """The card of one network, with its bar."""
    architecture = network.architecture
    runs = quantities.runs(network)
    return Card(
        id=architecture.id,
        name=architecture.name,
        family=architecture.family,
        parameters=network.parameters,
        blocks=architecture.mbw.count,
        flops=architecture.pipeline.flops,
        runs=runs,
        bar=composition_bar(f"bar-{architecture.id}", architecture.name, runs),
    )


def block_groups(cards: Iterable[Card]) -> tuple[str, ...]:
    """The groups of blocks that occur, in the order of the palette."""
    found = {run.group for card in cards for run in card.runs}
    return tuple(name for name in BLOCK_COLOURS if name in found)
