"""Checkpoints of the catalogue -> read once, one after the other -> `data/checkpoints/`.

Weight files are large, so that looking at their content to see whether they changed would cost as
much as measuring them. A file whose size and time of modification are those of the last run is
taken to be the same; what was seen then is kept in an untracked file beside the results.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from generator.catalog.reading import Catalog, CheckpointEntry
from generator.checkpoints.formats.index import CheckpointIndex
from generator.checkpoints.formats.opening import open_checkpoint
from generator.checkpoints.inventory.measuring import VERSION, measure_checkpoint
from generator.errors import AtlasError, CheckpointError, DamagedRecord
from generator.pipeline.results import Outcome, Plan, read_whole
from generator.records import (
    Checkpoint,
    Record,
    RefusedCheckpoint,
    RefusedCheckpoints,
    files,
    store,
)

SEEN_FILE = ".seen"


class Seen(Record, frozen=True, kw_only=True):
    """What the files of a checkpoint looked like when its record `digest` was made.

    `files` are names, sizes in bytes and times of modification in nanoseconds.
    """

    files: tuple[tuple[str, int, int], ...]
    digest: str


class Task(NamedTuple):
    """One stale checkpoint: where it lies, and how many bytes are to be read."""

    entry: CheckpointEntry
    path: Path
    output: Path
    size: int


def plan(catalog: Catalog, output: Path, *, force: bool) -> Plan[Task]:
    """Compare the catalogue with the results in `output`; only headers are read.

    A checkpoint whose file is gone keeps the result it had; one that is refused loses it, because
    it told of another content.
    """
    seen = _read_seen(output)
    tasks: list[Task] = []
    fresh: list[str] = []
    kept: list[str] = []
    refused: list[Outcome] = []
    damage: list[DamagedRecord] = []
    for entry in catalog.checkpoints:
        path = catalog.folder / entry.path
        record = read_whole(output / f"{entry.id}.json", Checkpoint, damage)
        if record and not path.exists():
            kept.append(entry.id)
            continue
        try:
            index = open_checkpoint(path)
        except CheckpointError as error:
            refused.append(Outcome(entry.id, error))
            continue
        if record and not force and _is_fresh(record, index, seen.get(entry.id)):
            fresh.append(entry.id)
        else:
            tasks.append(Task(entry, path, output, sum(file.size for file in index.files)))
    return Plan(tuple(tasks), tuple(fresh), tuple(kept), tuple(refused), tuple(damage))


def measure(task: Task, progress: Callable[[int], None]) -> Outcome:
    """Measure one checkpoint and write its result; `progress` is told the bytes read."""
    identity = task.entry.id
    try:
        before = open_checkpoint(task.path)
        measured = measure_checkpoint(task.path, identity, progress)
        digest = _digest(measured.record)
        store.write_result(task.output, measured.record, measured.files, digest)
    except AtlasError as error:
        return Outcome(identity, error)
    seen = _read_seen(task.output) | {identity: _look(before, digest)}
    files.write_file(task.output / SEEN_FILE, msgspec.json.encode(seen, order="sorted"))
    return Outcome(identity)


def read_records(catalog: Catalog, output: Path) -> dict[str, Checkpoint]:
    """The whole records of the catalogue's checkpoints, by id."""
    records = {
        entry.id: read_whole(output / f"{entry.id}.json", Checkpoint, [])
        for entry in catalog.checkpoints
    }
    return {identity: record for identity, record in records.items() if record}


def changed_files(
    catalog: Catalog, records: Mapping[str, Checkpoint], output: Path
) -> Callable[[str], bool]:
    """Whether there is something else at the path of a checkpoint than what its record tells of."""
    paths = {entry.id: catalog.folder / entry.path for entry in catalog.checkpoints}
    seen = _read_seen(output)

    def has_changed(identity: str) -> bool:
        try:
            index = open_checkpoint(paths[identity])
        except CheckpointError:
            return True
        return not _is_fresh(records[identity], index, seen.get(identity))

    return has_changed


def write_refused(catalog: Catalog, output: Path, refused: Sequence[Outcome]) -> None:
    """List what cannot be read, for the site, and remove the results that it had.

    The list names files without their folders: it is published.
    """
    for outcome in refused:
        store.remove_result(output, outcome.id)
    names = {entry.id: Path(entry.path).name for entry in catalog.checkpoints}
    listed = tuple(
        RefusedCheckpoint(name=names[outcome.id], reason=outcome.error.reason)
        for outcome in refused
        if outcome.error
    )
    if listed:
        store.write_result(output, RefusedCheckpoints(checkpoints=listed), {}, store.digest(listed))
    else:
        store.remove_result(output, store.REFUSED)


def _is_fresh(record: Checkpoint, index: CheckpointIndex, seen: Seen | None) -> bool:
    return record.digest == _digest(record) and seen == _look(index, record.digest)


def _digest(record: Checkpoint) -> str:
    sources = [(source.name, source.size, source.sha256) for source in record.sources]
    return store.digest(VERSION, record.name, sources)


def _look(index: CheckpointIndex, digest: str) -> Seen:
    files = tuple((str(file.path), file.size, file.modified) for file in index.files)
    return Seen(files=files, digest=digest)


def _read_seen(output: Path) -> dict[str, Seen]:
    """What was seen in earlier runs. A file that cannot be read costs a second look, no more."""
    try:
        return msgspec.json.decode((output / SEEN_FILE).read_bytes(), type=dict[str, Seen])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}
