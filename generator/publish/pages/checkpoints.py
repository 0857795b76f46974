"""Checkpoints in `data/` -> the contexts of their pages, and the files that readers download."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path

import msgspec

from generator.publish.figures import charts
from generator.publish.figures.block_runs import in_order
from generator.publish.figures.sharing import sharing_bars
from generator.publish.pages.context import Context, Download
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
from generator.publish.tables.checkpoints import CHECKPOINT_COLUMNS
from generator.publish.tables.components import (
    COMPONENT_COLUMNS,
    FILE_COLUMNS,
    components_of,
    files_of,
)
from generator.publish.tables.downloads import FOLDER, list_common, plain, table_csv, table_json
from generator.publish.tables.table import LONGEST_TABLE, Row, cells, rows
from generator.publish.tables.tensors import TENSOR_COLUMNS, tensors_of
from generator.records import Anomaly, CheckpointComponent, Figures, TensorRow
from generator.text.anomalies import ANOMALY_CODES
from generator.text.words import component_title

LABELS = {
    ".json": "Record (JSON)",
    ".tensors.parquet": "Every tensor (Parquet)",
    ".tensors.csv": "Every tensor (CSV)",
}
# A chart of fewer bars says no more than the table; the averaged copy has the denoiser's blocks.
FEWEST_BLOCKS = 5
FIGURES = Figures.__struct_fields__
ROW_FIELDS = tuple(name for name in TensorRow.__struct_fields__ if name != "figures")


def checkpoint_pages(
    atlas: Atlas, own: Mapping[str, tuple[Download, ...]]
) -> Iterator[tuple[str, Context]]:
    """Path and context of the index and of two pages per checkpoint."""
    shared = shared_components(atlas.checkpoints)
    yield "checkpoints/index.md", _index(atlas, shared)
    for held in atlas.checkpoints:
        checkpoint = held.checkpoint
        # No id has a full stop in it, so that the second is no other checkpoint's page.
        yield f"checkpoints/{checkpoint.id}.md", _page(held, shared, own[checkpoint.id])
        yield (
            f"checkpoints/{checkpoint.id}.tensors.md",
            TensorsPage(
                checkpoint=checkpoint,
                columns=TENSOR_COLUMNS,
                rows=rows(tensors_of(held)[:LONGEST_TABLE], TENSOR_COLUMNS),
                total=len(held.rows),
            ),
        )


def checkpoint_files(data: Path, held: Held) -> dict[str, bytes]:
    """Address -> content of the files of one checkpoint: record, and the tensors twice."""
    identity_ = held.checkpoint.id
    folder, address = data / CHECKPOINTS, f"{FOLDER}/{CHECKPOINTS}/{identity_}"
    return {
        f"{address}{end}": (folder / f"{identity_}{end}").read_bytes()
        for end in (".json", ".tensors.parquet")
    } | {f"{address}.tensors.csv": _tensors_csv(held).encode()}


def list_checkpoint(files: Mapping[str, bytes], held: Held) -> tuple[Download, ...]:
    """The files of `checkpoint_files`, with their labels."""
    start = len(f"{FOLDER}/{CHECKPOINTS}/{held.checkpoint.id}")
    return tuple(
        Download(path=path, label=LABELS[path[start:]], size=len(content))
        for path, content in files.items()
    )


def index_files(atlas: Atlas) -> dict[str, bytes]:
    """Address -> content of the tables of all checkpoints."""
    return {
        f"{FOLDER}/checkpoints.csv": table_csv(CHECKPOINT_COLUMNS, atlas.checkpoints).encode(),
        f"{FOLDER}/checkpoints.json": table_json(CHECKPOINT_COLUMNS, atlas.checkpoints),
    }


def _index(atlas: Atlas, shared: tuple[Shared, ...]) -> CheckpointIndex:
    contents: dict[str, set[str]] = {}
    for held in atlas.checkpoints:
        for component in held.checkpoint.components:
            if component.blake3:
                contents.setdefault(component.name, set()).add(component.blake3)
    return CheckpointIndex(
        columns=CHECKPOINT_COLUMNS,
        rows=tuple(
            Row(link=f"{held.checkpoint.id}.html", cells=cells(held, CHECKPOINT_COLUMNS))
            for held in atlas.checkpoints
        ),
        contents={name: len(found) for name, found in contents.items()},
        sharing=sharing_bars("sharing", [held.checkpoint for held in atlas.checkpoints]),
        identity=identity_rows([held.checkpoint for held in atlas.checkpoints]),
        rounded=rounded_classes([held.checkpoint for held in atlas.checkpoints]),
        shared=tuple(map(_shared, shared)),
        refused=atlas.refused,
        downloads=list_common(index_files(atlas)),
    )


def _page(held: Held, shared: tuple[Shared, ...], files: tuple[Download, ...]) -> CheckpointPage:
    checkpoint = held.checkpoint
    return CheckpointPage(
        checkpoint=checkpoint,
        identity=identity(checkpoint),
        is_network=checkpoint.architecture not in ("", "unknown"),
        component_columns=COMPONENT_COLUMNS,
        components=rows(components_of(checkpoint), COMPONENT_COLUMNS),
        charts=tuple(chart for part in checkpoint.components for chart in _charts(part)),
        anomalies=_anomalies(checkpoint.anomalies),
        file_columns=FILE_COLUMNS,
        files=rows(files_of(checkpoint), FILE_COLUMNS),
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


def _tensors_csv(held: Held) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*ROW_FIELDS, *FIGURES])
    for row in held.rows:
        values = msgspec.structs.asdict(row) | {"shape": "x".join(map(str, row.shape))}
        figures = msgspec.structs.asdict(row.figures) if row.figures else {}
        writer.writerow(
            [plain(values[name]) for name in ROW_FIELDS]
            + [plain(figures.get(name)) for name in FIGURES]
        )
    return text.getvalue()
