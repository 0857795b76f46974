"""Networks and traces of the committed configs, each made once."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from generator.architectures.diagrams.trace import Trace, trace
from generator.architectures.network import (
    Arguments,
    BuiltNetwork,
    build_network,
    make_arguments,
    quiet_libraries,
    read_config,
)
from generator.catalog.reading import read_catalog
from generator.networks.blocks import name_blocks

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
        arguments = make_arguments(network, entry.sizes, identity)
        paths = [path for path, _ in network.module.named_modules()]
        blocks = name_blocks(paths, network.family.blocks)
        return Traced(network, arguments, blocks, trace(network, arguments, blocks))


@pytest.fixture(scope="session")
def traced() -> Callable[[str], Traced]:
    return traced_network
