"""`data/checkpoints/` -> the checkpoints with their tensors, and what is told from all of them."""

from collections.abc import Sequence
from pathlib import Path

from generator.publish.reading.beside import require_address, table_of
from generator.records import (
    Checkpoint,
    CheckpointComponent,
    Record,
    RefusedCheckpoint,
    RefusedCheckpoints,
    TensorRow,
    files,
    store,
)
from generator.records.checks import check_tensors
from generator.records.tables import read_rows

CHECKPOINTS = "checkpoints"


class Held(Record, frozen=True, kw_only=True):
    """A checkpoint with a row per tensor."""

    checkpoint: Checkpoint
    rows: tuple[TensorRow, ...]


class Shared(Record, frozen=True, kw_only=True):
    """Checkpoints that hold the same component: equal names, dtypes, shapes and values."""

    component: str
    blake3: str
    parameters: int
    holders: tuple[Checkpoint, ...]


def read_checkpoints(data: Path) -> tuple[tuple[Held, ...], tuple[RefusedCheckpoint, ...]]:
    """All checkpoints by id, and those that the last run refused; none if there is no folder.

    Raises:
        DamagedRecord: a file is missing, or not what was measured.
    """
    folder = data / CHECKPOINTS
    held = tuple(_read(folder, one) for one in store.load_all(folder, Checkpoint))
    name = f"{store.REFUSED}.json"
    if name not in files.names(folder):
        return held, ()
    return held, store.read_result(folder / name, RefusedCheckpoints).checkpoints


def _read(folder: Path, stored: store.Stored[Checkpoint]) -> Held:
    checkpoint = stored.record
    require_address(folder, checkpoint.id)
    name = f"{checkpoint.id}.tensors.parquet"
    with table_of(folder / name, stored):
        rows = read_rows(TensorRow, stored.files[name])
        check_tensors(checkpoint, rows)
    return Held(checkpoint=checkpoint, rows=rows)


def shared_components(held: Sequence[Held]) -> tuple[Shared, ...]:
    """Components that several checkpoints hold, those with the most holders first."""
    found: dict[tuple[str, str], list[tuple[Checkpoint, CheckpointComponent]]] = {}
    for one in held:
        for component in one.checkpoint.components:
            if component.blake3:
                holder = (one.checkpoint, component)
                found.setdefault((component.name, component.blake3), []).append(holder)
    several = [
        Shared(
            component=name,
            blake3=digest,
            parameters=holders[0][1].parameters,
            holders=tuple(checkpoint for checkpoint, _ in holders),
        )
        for (name, digest), holders in found.items()
        if len(holders) > 1
    ]
    return tuple(sorted(several, key=lambda one: (-len(one.holders), one.component, one.blake3)))


def identity(checkpoint: Checkpoint) -> str:
    """What a checkpoint is, in a word or two: `sd1`, `near sdxl`, `LoRA`."""
    if checkpoint.architecture and checkpoint.architecture != "unknown":
        return checkpoint.architecture
    if checkpoint.nearest:
        return f"near {checkpoint.nearest}"
    return checkpoint.file_kind or "unknown"
