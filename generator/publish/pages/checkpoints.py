"""The checkpoints -> their list, a page for each, and a page with all its tensors."""

from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup

from generator.publish.downloads import Download, found
from generator.publish.figures.block_bars import changes, norms, profile
from generator.publish.figures.figure import Figure
from generator.publish.figures.stacked_bars import sharing_bars
from generator.publish.pages.context import Context
from generator.publish.pages.origins import Origins, origins_of
from generator.publish.pages.site import Site
from generator.publish.quantities.block_groups import component_block_groups, in_order
from generator.publish.quantities.identity import (
    IdentityRow,
    RoundedClass,
    identity_rows,
    rounded_classes,
)
from generator.publish.reading.atlas import ARCHITECTURES
from generator.publish.reading.checkpoints import (
    CHECKPOINTS,
    LoadedCheckpoint,
    Shared,
    shared_components,
)
from generator.publish.tables.checkpoints import (
    CHECKPOINT_COLUMNS,
    COMPONENT_COLUMNS,
    FILE_COLUMNS,
    repeated_names,
)
from generator.publish.tables.families import families
from generator.publish.tables.table import Table, table
from generator.publish.tables.tensors import TENSOR_COLUMNS
from generator.records import (
    Anomaly,
    Checkpoint,
    CheckpointComponent,
    Record,
    RefusedCheckpoint,
)
from generator.text.anomalies import ANOMALIES
from generator.text.words import component_title

# A chart with fewer bars adds nothing to the table; the EMA copy has the denoiser's blocks.
FEWEST_BLOCKS = 5


class CheckpointIndex(Context):
    """The table of all checkpoints.

    `identity` counts the distinct contents of each component, as stored and after rounding;
    `sharing` is a chart of these counts. `rounded` lists the checkpoints that are equal after
    rounding, `refused` the files that could not be read; `families` are checkpoints whose distances
    others published, of so many `groups`. `only_tests` if all measured ones, adapters aside,
    have a known history: they only test the program, and come after those.
    """

    TEMPLATE = "checkpoints.md"

    table: Table
    families: Table
    groups: int
    only_tests: bool
    sharing: Markup
    identity: tuple[IdentityRow, ...]
    rounded: tuple[RoundedClass, ...]
    shared: tuple[Shared, ...]
    refused: tuple[RefusedCheckpoint, ...]
    downloads: tuple[Download, ...]


class AnomalyKind(Record):
    """The anomalies with one code, and what the code means for users of the checkpoint."""

    code: str
    meaning: str
    found: tuple[Anomaly, ...]


class CheckpointPage(Context):
    """One checkpoint: `network_page`, the address of the page of its network, or of the network
    that an adapter is made for, if there is one; `origins`, where it comes from, by each of its
    groups; `changes` of an adapter by block; `charts` of the blocks of its components; `same`, the
    other checkpoints that share a component with it."""

    TEMPLATE = "checkpoint.md"

    checkpoint: Checkpoint
    is_network: bool
    network_page: str
    origins: tuple[Origins, ...]
    components: Table
    changes: tuple[Figure, ...]
    charts: tuple[Figure, ...]
    anomalies: tuple[AnomalyKind, ...]
    files: Table
    same: tuple[Shared, ...]
    downloads: tuple[Download, ...]

    def figures(self) -> Iterable[Figure]:
        """Mixes by block, and the block charts."""
        bars = (part.bars for one in self.origins for part in one.parts)
        return (*(one for one in bars if one), *self.changes, *self.charts)


class TensorsPage(Context):
    """The tensors of one checkpoint; `whole` is the file with all of their columns."""

    TEMPLATE = "tensors.md"

    checkpoint: Checkpoint
    table: Table
    whole: Download


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The index and two pages per checkpoint."""
    shared = shared_components(site.atlas.checkpoints)
    networks = frozenset(one.id for one in site.atlas.networks)
    yield f"{CHECKPOINTS.name}/index.md", _index(site, shared)
    for held in site.atlas.checkpoints:
        checkpoint = held.record
        files = site.downloads.own[CHECKPOINTS.name][checkpoint.id]
        yield (
            f"{CHECKPOINTS.name}/{checkpoint.id}.md",
            _page(held, shared, files, tuple(origins_of(checkpoint.id, site.groups)), networks),
        )
        # An id contains no full stop, so this path cannot collide with another checkpoint's page.
        yield (
            f"{CHECKPOINTS.name}/{checkpoint.id}.tensors.md",
            TensorsPage(
                checkpoint=checkpoint,
                table=table(TENSOR_COLUMNS, held.beside, checkpoint),
                whole=found(files, ".tensors.csv"),
            ),
        )


def _index(site: Site, shared: tuple[Shared, ...]) -> CheckpointIndex:
    tests = {member for one in site.groups if one.group.truth for member in one.group.members}
    held = sorted(site.atlas.checkpoints, key=lambda one: one.id in tests)
    checkpoints = [one.record for one in held]
    return CheckpointIndex(
        table=table(CHECKPOINT_COLUMNS, held, repeated_names(held)),
        families=families(site.groups),
        groups=sum(one.group.origin == "imported" for one in site.groups),
        only_tests=all(one.id in tests or one.record.adapter for one in held),
        sharing=sharing_bars("sharing", checkpoints),
        identity=identity_rows(checkpoints),
        rounded=rounded_classes(checkpoints),
        shared=shared,
        refused=site.atlas.refused,
        downloads=site.downloads.tables[CHECKPOINTS.name],
    )


def _page(
    held: LoadedCheckpoint,
    shared: tuple[Shared, ...],
    files: tuple[Download, ...],
    origins: tuple[Origins, ...],
    networks: frozenset[str],
) -> CheckpointPage:
    checkpoint = held.record
    network = {checkpoint.architecture, checkpoint.base_model} & networks
    return CheckpointPage(
        checkpoint=checkpoint,
        is_network=checkpoint.architecture not in ("", "unknown"),
        network_page="".join(f"../{ARCHITECTURES.name}/{one}.html" for one in sorted(network)[:1]),
        origins=origins,
        components=table(COMPONENT_COLUMNS, checkpoint.components, checkpoint),
        changes=tuple(_changes(checkpoint)),
        charts=tuple(chart for part in checkpoint.components for chart in _charts(part)),
        anomalies=_anomalies(checkpoint.anomalies),
        files=table(FILE_COLUMNS, checkpoint.sources, checkpoint),
        same=tuple(one for one in shared if checkpoint in one.holders),
        downloads=files,
    )


def _changes(checkpoint: Checkpoint) -> Iterator[Figure]:
    """What an adapter changes in each component that has several blocks."""
    blocks = checkpoint.adapter.blocks if checkpoint.adapter else ()
    for component in dict.fromkeys(one.component for one in blocks):
        found = {one.block: one for one in blocks if one.component == component}
        if len(found) >= FEWEST_BLOCKS:
            ordered = [found[name] for name in in_order(found)]
            yield changes(f"changes-{component}", f"the {component_title(component)}", ordered)


def _charts(component: CheckpointComponent) -> Iterator[Figure]:
    name, title = component.name, component_title(component.name)
    if len(component.blocks) >= FEWEST_BLOCKS and name != "ema":
        yield profile(f"profile-{name}", f"the {title}", component_block_groups(component))
    if len(component.blocks) > 1 and component.norm is not None:
        blocks = {block.name: block for block in component.blocks}
        ordered = [blocks[one] for one in in_order(blocks)]
        yield norms(f"norms-{name}", f"the {title}", ordered)


def _anomalies(found: Sequence[Anomaly]) -> tuple[AnomalyKind, ...]:
    """Anomalies by code, in the order of the explanations."""
    codes = {one.code for one in found}
    order = [*ANOMALIES]
    return tuple(
        AnomalyKind(
            code=code,
            meaning=ANOMALIES[code].meaning,
            found=tuple(one for one in found if one.code == code),
        )
        for code in order
        if code in codes
    )
