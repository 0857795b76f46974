"""`data/checkpoints/` -> the checkpoints with their tensors, and the components they share."""

from collections.abc import Sequence
from pathlib import Path

from generator.publish.reading.loaded import Loaded, ResultFolder, tensors_of
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

LoadedCheckpoint = Loaded[Checkpoint, tuple[TensorRow, ...]]


CHECKPOINTS = ResultFolder("checkpoints", Checkpoint, tensors_of(TensorRow, Checkpoint.check_rows))


class Shared(Record):
    """Checkpoints with the same component: equal names, dtypes, shapes and values."""

    component: str
    blake3: str
    parameters: int
    holders: tuple[Checkpoint, ...]


def read_refused(data: Path) -> tuple[RefusedCheckpoint, ...]:
    """The checkpoints refused by the last run. Raises as `read_all` does."""
    folder, name = data / CHECKPOINTS.name, f"{store.REFUSED}.json"
    if name not in files.names(folder):
        return ()
    return store.read_result(folder / name, RefusedCheckpoints).checkpoints


def shared_components(loaded: Sequence[LoadedCheckpoint]) -> tuple[Shared, ...]:
    """Components held by several checkpoints, the most widely held first."""
    found: dict[tuple[str, str], list[tuple[Checkpoint, CheckpointComponent]]] = {}
    for one in loaded:
        for component in one.record.components:
            if component.blake3:
                holder = (one.record, component)
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
    """The type of a checkpoint, in a word or two: `sd1`, `near sdxl`, `vae`."""
    if checkpoint.architecture and checkpoint.architecture != "unknown":
        return checkpoint.architecture
    if checkpoint.nearest:
        return f"near {checkpoint.nearest}"
    return checkpoint.kind or "unknown"
