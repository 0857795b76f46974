"""Checkpoints in `data/` -> the contexts of their pages, and the files that readers download."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

import msgspec
from markupsafe import Markup

from generator.publish import charts
from generator.publish.atlas import Atlas
from generator.publish.checkpoint_columns import CHECKPOINT_COLUMNS
from generator.publish.contexts import (
    CheckpointIndex,
    CheckpointPage,
    Context,
    Download,
    SharedComponent,
    TensorsPage,
)
from generator.publish.downloads import FOLDER, plain, table_csv
from generator.publish.holdings import (
    CHECKPOINTS,
    Held,
    Shared,
    component_runs,
    identity,
    shared_components,
)
from generator.publish.table import cells
from generator.records import Figures, TensorRow

LABELS = {
    ".json": "Record (JSON)",
    ".tensors.parquet": "Every tensor (Parquet)",
    ".tensors.csv": "Every tensor (CSV)",
}
# A chart of fewer bars says no more than the table; the averaged copy has the denoiser's blocks.
FEWEST_BLOCKS = 5
TABLE_FILE = f"{FOLDER}/checkpoints.csv"
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
        tensors = TensorsPage(checkpoint=checkpoint, rows=held.rows)
        yield f"checkpoints/{checkpoint.id}.tensors.md", tensors


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


def checkpoints_csv(atlas: Atlas) -> bytes:
    """All columns of the index, raw, one row a checkpoint."""
    return table_csv(CHECKPOINT_COLUMNS, atlas.checkpoints).encode()


def _index(atlas: Atlas, shared: tuple[Shared, ...]) -> CheckpointIndex:
    contents: dict[str, set[str]] = {}
    for held in atlas.checkpoints:
        for component in held.checkpoint.components:
            if component.blake3:
                contents.setdefault(component.name, set()).add(component.blake3)
    content = checkpoints_csv(atlas)
    return CheckpointIndex(
        columns=CHECKPOINT_COLUMNS,
        rows=tuple(
            (held.checkpoint.id, cells(held, CHECKPOINT_COLUMNS)) for held in atlas.checkpoints
        ),
        contents={name: len(found) for name, found in contents.items()},
        shared=tuple(map(_shared, shared)),
        refused=atlas.refused,
        downloads=(Download(path=TABLE_FILE, label="All checkpoints (CSV)", size=len(content)),),
    )


def _page(held: Held, shared: tuple[Shared, ...], files: tuple[Download, ...]) -> CheckpointPage:
    checkpoint = held.checkpoint
    profiles: dict[str, Markup] = {}
    for component in checkpoint.components:
        if len(component.blocks) >= FEWEST_BLOCKS and component.name != "ema":
            name = f"profile-{component.name}"
            profiles[component.name] = charts.profile(
                name, component.name, component_runs(component)
            )
    return CheckpointPage(
        checkpoint=checkpoint,
        identity=identity(checkpoint),
        is_network=checkpoint.architecture not in ("", "unknown"),
        profiles=profiles,
        same=tuple(
            _shared(one) for one in shared if any(h.id == checkpoint.id for h in one.holders)
        ),
        downloads=files,
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
