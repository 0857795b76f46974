"""Checkpoints in `data/` -> the contexts of their pages."""

from collections.abc import Iterator, Sequence

from generator.publish.downloads import Download, Downloads
from generator.publish.figures import charts
from generator.publish.figures.block_runs import in_order
from generator.publish.figures.sharing import sharing_bars
from generator.publish.pages.context import Context
from generator.publish.pages.contexts import (
    AnomalyKind,
    Chart,
    CheckpointIndex,
    CheckpointPage,
    SharedComponent,
    TensorsPage,
)
from generator.publish.pages.identity import identity_rows, rounded_classes
from generator.publish.reading.atlas import Atlas
from generator.publish.reading.checkpoints import (
    CHECKPOINTS,
    Held,
    Shared,
    component_runs,
    identity,
    shared_components,
)
from generator.publish.tables.checkpoints import (
    CHECKPOINT_COLUMNS,
    COMPONENT_COLUMNS,
    FILE_COLUMNS,
    TENSOR_COLUMNS,
)
from generator.publish.tables.table import table
from generator.records import Anomaly, CheckpointComponent
from generator.text.anomalies import ANOMALY_CODES
from generator.text.words import component_title

# A chart of fewer bars says no more than the table; the averaged copy has the denoiser's blocks.
FEWEST_BLOCKS = 5


def checkpoint_pages(atlas: Atlas, downloads: Downloads) -> Iterator[tuple[str, Context]]:
    """Path and context of the index and of two pages per checkpoint."""
    shared = shared_components(atlas.checkpoints)
    yield "checkpoints/index.md", _index(atlas, shared, downloads.tables[CHECKPOINTS])
    own = downloads.own[CHECKPOINTS]
    for held in atlas.checkpoints:
        checkpoint = held.checkpoint
        # No id has a full stop in it, so that the second is no other checkpoint's page.
        yield f"checkpoints/{checkpoint.id}.md", _page(held, shared, own[checkpoint.id])
        yield (
            f"checkpoints/{checkpoint.id}.tensors.md",
            TensorsPage(
                checkpoint=checkpoint,
                table=table(TENSOR_COLUMNS, held.rows, checkpoint),
            ),
        )


def _index(
    atlas: Atlas, shared: tuple[Shared, ...], downloads: tuple[Download, ...]
) -> CheckpointIndex:
    contents: dict[str, set[str]] = {}
    for held in atlas.checkpoints:
        for component in held.checkpoint.components:
            if component.blake3:
                contents.setdefault(component.name, set()).add(component.blake3)
    return CheckpointIndex(
        table=table(CHECKPOINT_COLUMNS, atlas.checkpoints, None),
        contents={name: len(found) for name, found in contents.items()},
        sharing=sharing_bars("sharing", [held.checkpoint for held in atlas.checkpoints]),
        identity=identity_rows([held.checkpoint for held in atlas.checkpoints]),
        rounded=rounded_classes([held.checkpoint for held in atlas.checkpoints]),
        shared=tuple(map(_shared, shared)),
        refused=atlas.refused,
        downloads=downloads,
    )


def _page(held: Held, shared: tuple[Shared, ...], files: tuple[Download, ...]) -> CheckpointPage:
    checkpoint = held.checkpoint
    return CheckpointPage(
        checkpoint=checkpoint,
        identity=identity(checkpoint),
        is_network=checkpoint.architecture not in ("", "unknown"),
        components=table(COMPONENT_COLUMNS, checkpoint.components, checkpoint),
        charts=tuple(chart for part in checkpoint.components for chart in _charts(part)),
        anomalies=_anomalies(checkpoint.anomalies),
        files=table(FILE_COLUMNS, checkpoint.sources, checkpoint),
        same=tuple(
            _shared(one) for one in shared if any(h.id == checkpoint.id for h in one.holders)
        ),
        downloads=files,
    )


def _charts(component: CheckpointComponent) -> Iterator[Chart]:
    name, title = component.name, component_title(component.name)
    if len(component.blocks) >= FEWEST_BLOCKS and name != "ema":
        svg = charts.profile(f"profile-{name}", f"the {title}", component_runs(component))
        yield Chart(title=f"Parameters of each block of the {title}", svg=svg)
    if len(component.blocks) > 1 and component.norm is not None:
        blocks = {block.name: block for block in component.blocks}
        ordered = [blocks[one] for one in in_order(blocks)]
        svg = charts.norms(f"norms-{name}", f"the {title}", ordered)
        yield Chart(title=f"Norm of the weights of each block of the {title}", svg=svg)


def _anomalies(found: Sequence[Anomaly]) -> tuple[AnomalyKind, ...]:
    """By code, in the order in which they are explained."""
    codes = {one.code for one in found}
    order = [*ANOMALY_CODES, *sorted(codes - ANOMALY_CODES.keys())]
    return tuple(
        AnomalyKind(
            code=code,
            meaning=ANOMALY_CODES.get(code, ""),
            found=tuple(one for one in found if one.code == code),
        )
        for code in order
        if code in codes
    )


def _shared(one: Shared) -> SharedComponent:
    return SharedComponent(
        component=one.component,
        blake3=one.blake3,
        parameters=one.parameters,
        holders=tuple((holder.id, holder.name) for holder in one.holders),
    )
