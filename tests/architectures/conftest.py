"""Networks and traces of the committed configs, each made once."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from generator.architectures.arguments import Arguments, published_arguments
from generator.architectures.blocks import network_blocks
from generator.architectures.diagrams.trace import Trace, trace
from generator.architectures.network import (
    BuiltNetwork,
    build_network,
    quiet_libraries,
    read_config,
)
from generator.catalog.entries import InputSizes
from generator.catalog.reading import read_catalog

DATA = Path(__file__).parents[2] / "data"


class Traced(NamedTuple):
    network: BuiltNetwork
    arguments: Arguments
    blocks: dict[str, str]
    trace: Trace


@cache
def traced_network(identity: str) -> Traced:
    entry = next(e for e in read_catalog(DATA).architectures if e.id == identity)
    with quiet_libraries():
        network = build_network(read_config(DATA / entry.config), identity)
        arguments = published_arguments(network, entry.sizes or InputSizes())
        blocks = network_blocks(network)
        return Traced(network, arguments, blocks, trace(network, arguments, blocks))


@pytest.fixture(scope="session")
def traced() -> Callable[[str], Traced]:
    return traced_network
