"""The architectures -> their list, a page for each, and a page with all its parameter tensors."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from markupsafe import Markup

from generator.catalog.slugs import slug
from generator.publish.downloads import Download
from generator.publish.figures.block_bars import profile
from generator.publish.figures.figure import Figure
from generator.publish.figures.miniature import miniature, widest_block
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities import pipelines
from generator.publish.quantities.block_groups import block_groups_of, legend_of
from generator.publish.quantities.block_runs import BlockRun, block_runs
from generator.publish.quantities.memory import resident, setups_of
from generator.publish.quantities.pipelines import Companion
from generator.publish.reading.atlas import ARCHITECTURES, LoadedNetwork
from generator.publish.tables.table import Table, table
from generator.publish.tables.tensors import PARAMETER_COLUMNS
from generator.records import Architecture, Checkpoint, Record
from generator.text.networks import MODALITIES, family_title, missing_text
from generator.vram.answer import Prediction

HUB = "https://huggingface.co"
_REPO = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class GalleryFamily(Record):
    """Networks of one family that make the same, with the shape of each by id, on one scale.

    `widest` is the number of parameters of the largest block, which is in the network `has_widest`.
    """

    title: str
    anchor: str
    networks: tuple[Architecture, ...]
    shapes: dict[str, Markup]
    widest: int
    has_widest: str


class Gallery(Context):
    """The architectures by family; `count` is the number of all."""

    TEMPLATE = "architectures.md"

    families: tuple[GalleryFamily, ...]
    count: int
    legend: tuple[str, ...]


class ArchitecturePage(Context):
    """One architecture, and its pipeline.

    `pipeline_parameters` is None if a part of the pipeline is not known; `missing` says which.
    `dtypes` are bytes of one weight. `nearest` is the network nearest in size, of the same class
    if there is one. `memory` is the predicted peak at the pipeline's own size, if it is known.
    `holders` are the checkpoints of the site that hold it, and the adapters that are made for it.
    `is_published`: torchinfo had the inputs of the published table, not those of the pipeline.
    """

    TEMPLATE = "architecture.md"

    loaded: LoadedNetwork
    runs: tuple[BlockRun, ...]
    companions: tuple[Companion, ...]
    pipeline_parameters: int | None
    missing: str
    dtypes: dict[str, int]
    nearest: Architecture | None
    memory: Prediction | None
    holders: tuple[Checkpoint, ...]
    is_published: bool
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
    components = site.atlas.companions
    parts = {each.id: each.record for each in site.atlas.memory}
    peaks = {each.id: resident(each) for each in setups_of(networks, parts)}
    published = {row.id for row in site.atlas.published.row}
    yield (
        f"{folder}/index.md",
        Gallery(
            families=tuple(_families(networks)), count=len(networks), legend=legend_of(networks)
        ),
    )
    for loaded in site.atlas.networks:
        record, name = loaded.record, loaded.id
        block_groups = block_groups_of(record.mbw.blocks)
        yield (
            f"{folder}/{name}.md",
            ArchitecturePage(
                loaded=loaded,
                runs=block_runs(loaded),
                companions=pipelines.companions(loaded, components, site.atlas.networks),
                pipeline_parameters=pipelines.pipeline_parameters(loaded, components),
                missing=missing_text(pipelines.missing_roles(loaded, components)),
                dtypes=pipelines.DTYPES,
                nearest=_nearest(record, networks),
                memory=peaks.get(name),
                holders=tuple(
                    held.record
                    for held in site.atlas.checkpoints
                    if name in (held.record.architecture, held.record.base_model)
                ),
                is_published=name in published,
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


def _nearest(network: Architecture, networks: Iterable[Architecture]) -> Architecture | None:
    def difference(other: Architecture) -> tuple[bool, float, str]:
        sizes = sorted([network.parameters.diffusers, other.parameters.diffusers])
        return other.class_name != network.class_name, sizes[1] / max(sizes[0], 1), other.id

    others = [other for other in networks if other.id != network.id]
    return min(others, key=difference, default=None)


def _families(networks: Sequence[Architecture]) -> Iterator[GalleryFamily]:
    """Families by what they make, then by name; networks stay in their order."""
    modalities = [*MODALITIES, None]

    def place(network: Architecture) -> tuple[int, str]:
        return modalities.index(network.modality), network.family

    for (modality, family), members in groupby(sorted(networks, key=place), place):
        held = tuple(members)
        groups = {one.id: block_groups_of(one.mbw.blocks) for one in held}
        widest = max(map(widest_block, groups.values()))
        block, owner = max((b.parameters, one.name) for one in held for b in one.mbw.blocks)
        made = modalities[modality]
        yield GalleryFamily(
            title=family_title(family, made),
            anchor=Markup(slug("-".join(filter(None, [made, family.lower()])).replace(" ", "-"))),
            networks=held,
            shapes={
                one.id: miniature(f"shape-{one.id}", one.name, groups[one.id], widest)
                for one in held
            },
            widest=block,
            has_widest=owner,
        )
