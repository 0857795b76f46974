"""The architectures -> their list, a page for each, and a page with all its parameter tensors."""

import re
from collections.abc import Iterable, Iterator

from generator.publish.downloads import Download
from generator.publish.figures.block_bars import profile
from generator.publish.figures.figure import Figure
from generator.publish.pages.cards import Card, legend_of
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities import networks as quantities
from generator.publish.quantities.block_groups import BlockGroup
from generator.publish.quantities.networks import NetworkPart
from generator.publish.reading.atlas import ARCHITECTURES, LoadedDiagram, LoadedNetwork
from generator.publish.tables.table import Table, table
from generator.publish.tables.tensors import PARAMETER_COLUMNS
from generator.records import Architecture

HUB = "https://huggingface.co"
_REPO = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class Gallery(Context, frozen=True, kw_only=True):
    """The list of architectures."""

    TEMPLATE = "architectures.md"

    cards: tuple[Card, ...]
    legend: tuple[str, ...]


class ArchitecturePage(Context, frozen=True, kw_only=True):
    """One architecture; `cards` are all networks, for links between their pages.

    `unseen` is the number of parameters that torchinfo's size omits, `half` the number of blocks
    that hold half of the parameters, `largest` the number of parameters in the largest block.
    """

    TEMPLATE = "architecture.md"

    network: Architecture
    cards: tuple[Card, ...]
    batch: int | None
    flops_per_sample: float | None
    flops_per_parameter: float | None
    weights: int
    unseen: int
    half: int
    largest: int
    tensors: int
    block_groups: tuple[BlockGroup, ...]
    kinds: tuple[NetworkPart, ...]
    profile: Figure
    drawings: tuple[LoadedDiagram, ...]
    downloads: tuple[Download, ...]
    repo_address: str

    def figures(self) -> Iterable[Figure]:
        """The profile of the network."""
        return [self.profile]


class ParametersPage(Context, frozen=True, kw_only=True):
    """The parameter tensors of one architecture, and its torchinfo summary."""

    TEMPLATE = "parameters.md"

    network: Architecture
    table: Table
    summary: str


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The index and two pages per architecture."""
    yield (
        f"{ARCHITECTURES.name}/index.md",
        Gallery(cards=site.cards, legend=legend_of(site.cards)),
    )
    for network in site.atlas.networks:
        name = network.record.id
        files = site.downloads.own[ARCHITECTURES.name][name]
        yield f"{ARCHITECTURES.name}/{name}.md", _page(network, site.cards, files)
        # An id contains no full stop, so this path cannot collide with another network's page.
        yield (
            f"{ARCHITECTURES.name}/{name}.parameters.md",
            ParametersPage(
                network=network.record,
                table=table(PARAMETER_COLUMNS, network.beside.rows, None),
                summary=network.beside.summary,
            ),
        )


def _page(
    network: LoadedNetwork, cards: tuple[Card, ...], downloads: tuple[Download, ...]
) -> ArchitecturePage:
    architecture = network.record
    block_groups = quantities.block_groups(network)
    repo = architecture.repo
    return ArchitecturePage(
        network=architecture,
        cards=cards,
        batch=quantities.batch(network),
        flops_per_sample=quantities.flops_per_sample(network),
        flops_per_parameter=quantities.flops_per_parameter(network),
        weights=quantities.weights_bytes(network),
        unseen=quantities.unseen_by_torchinfo(network),
        largest=max((each.parameters for each in architecture.mbw.blocks), default=0),
        half=len(quantities.blocks_of_half(network)),
        tensors=len(network.beside.rows),
        block_groups=block_groups,
        kinds=quantities.kinds(network),
        profile=profile("profile", architecture.name, block_groups),
        drawings=network.beside.drawings,
        downloads=downloads,
        repo_address=f"{HUB}/{repo}" if _REPO.fullmatch(repo) else "",
    )
