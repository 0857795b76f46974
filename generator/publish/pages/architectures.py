"""The architectures -> their list, a page for each, and a page with all its parameter tensors."""

import re
from collections.abc import Iterable, Iterator

from markupsafe import Markup

from generator.publish.downloads import Download
from generator.publish.figures.block_bars import profile
from generator.publish.figures.figure import Figure
from generator.publish.figures.stacked_bars import composition_bar
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities.block_groups import block_groups_of, legend_of
from generator.publish.reading.atlas import ARCHITECTURES, LoadedNetwork
from generator.publish.tables.table import Table, table
from generator.publish.tables.tensors import PARAMETER_COLUMNS
from generator.records import Architecture

HUB = "https://huggingface.co"
_REPO = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class Gallery(Context):
    """The list of architectures, and a bar of each by id: its parameters by group of blocks."""

    TEMPLATE = "architectures.md"

    networks: tuple[Architecture, ...]
    bars: dict[str, Markup]
    legend: tuple[str, ...]


class ArchitecturePage(Context):
    """One architecture; `networks` are all of them, for links between their pages."""

    TEMPLATE = "architecture.md"

    loaded: LoadedNetwork
    networks: tuple[Architecture, ...]
    profile: Figure
    downloads: tuple[Download, ...]
    repo_address: str

    def figures(self) -> Iterable[Figure]:
        """The profile of the network."""
        return [self.profile]


class ParametersPage(Context):
    """The parameter tensors of one architecture, and its torchinfo summary."""

    TEMPLATE = "parameters.md"

    network: Architecture
    table: Table
    summary: str


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The index and two pages per architecture."""
    networks, folder = site.atlas.architectures, ARCHITECTURES.name
    yield (
        f"{folder}/index.md",
        Gallery(networks=networks, bars=dict(map(_bar, networks)), legend=legend_of(networks)),
    )
    for loaded in site.atlas.networks:
        record, name = loaded.record, loaded.id
        block_groups = block_groups_of(record.mbw.blocks)
        yield (
            f"{folder}/{name}.md",
            ArchitecturePage(
                loaded=loaded,
                networks=networks,
                profile=profile("profile", record.name, block_groups),
                downloads=site.downloads.own[folder][name],
                repo_address=f"{HUB}/{record.repo}" if _REPO.fullmatch(record.repo) else "",
            ),
        )
        # An id contains no full stop, so this path cannot collide with another network's page.
        yield (
            f"{folder}/{name}.parameters.md",
            ParametersPage(
                network=record,
                table=table(PARAMETER_COLUMNS, loaded.beside.rows, None),
                summary=loaded.beside.summary,
            ),
        )


def _bar(network: Architecture) -> tuple[str, Markup]:
    block_groups = block_groups_of(network.mbw.blocks)
    return network.id, composition_bar(f"bar-{network.id}", network.name, block_groups)
