"""Checkpoints of the catalogue -> read once, one after the other -> `data/checkpoints/`.

Weight files are large: hashing them to detect changes would cost as much as measuring them. A file
with the size and modification time of the last run counts as unchanged; these are stored in an
untracked file beside the results.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from generator.catalog.entries import Catalog, CheckpointEntry
from generator.checkpoints.formats.folders import PEFT_KEY
from generator.checkpoints.formats.index import TensorIndex
from generator.checkpoints.formats.opening import open_checkpoint
from generator.checkpoints.inventory.measuring import VERSION, measure_checkpoint
from generator.errors import AtlasError, CheckpointError, DamagedRecord
from generator.pipeline.results import (
    Kind,
    Made,
    Outcome,
    Plan,
    Progress,
    Resources,
    Stay,
    Task,
    plan_each,
)
from generator.records import (
    Checkpoint,
    Reason,
    Record,
    RefusedCheckpoint,
    RefusedCheckpoints,
    store,
)
from generator.records.reasons import Unmeasured, Unreadable

FOLDER = "checkpoints"
SEEN_FILE = ".seen"


class Seen(Record):
    """The state of a checkpoint's files when its record `digest` was made.

    `files` are names, sizes in bytes and modification times in nanoseconds; `beside` is the digest
    of an adapter's configuration, which can be a file of its own.
    """

    files: tuple[tuple[str, int, int], ...]
    digest: str
    beside: str = ""


def plan(catalog: Catalog, data: Path, *, force: bool) -> Plan:
    """Compare the catalogue with the results; only headers are read.

    If the file of a checkpoint is missing, its result is kept. If it is refused, its result is
    removed, because it describes other content.
    """
    folder = data / FOLDER
    seen = _read_seen(folder)

    def judge(entry: CheckpointEntry, record: Checkpoint | None) -> Task | Stay:
        path = catalog.folder / entry.path
        if record and not path.exists():
            return Stay.KEPT
        index = open_checkpoint(path)
        if record and not force and _is_fresh(record, index, seen.get(entry.id)):
            return Stay.FRESH
        size = sum(file.size for file in index.files)
        return Task(entry.id, partial(make, entry.id, path, folder, size), size)

    return plan_each(catalog.checkpoints, folder, Checkpoint, judge)


def make(
    identity: str, path: Path, folder: Path, size: int, _: Resources, progress: Progress
) -> Made:
    """Measure the checkpoint at `path`; `progress` gets the bytes read and its `size`."""
    read = 0

    def advance(more: int) -> None:
        nonlocal read
        read += more
        progress(read, size)

    before = open_checkpoint(path)
    measured = measure_checkpoint(path, identity, advance)
    digest = _digest(measured.record)
    seen = _read_seen(folder) | {identity: _look(before, digest)}
    others = {SEEN_FILE: msgspec.json.encode(seen, order="sorted")}
    return Made(measured.record, measured.files, digest, others=others)


def read_records(catalog: Catalog, data: Path) -> dict[str, Checkpoint]:
    """The intact records of the catalogue's checkpoints, by id."""
    records = {}
    for entry in catalog.checkpoints:
        with suppress(DamagedRecord):
            path = data / FOLDER / f"{entry.id}.json"
            records[entry.id] = store.read_result(path, Checkpoint)
    return records


def changed_files(
    catalog: Catalog, records: Mapping[str, Checkpoint], data: Path
) -> Callable[[str], bool]:
    """A test for whether the files of a checkpoint differ from those in its record.

    Files of another time, or that this machine has not measured, are hashed.
    """
    paths = {entry.id: catalog.folder / entry.path for entry in catalog.checkpoints}
    seen = _read_seen(data / FOLDER)

    def has_changed(identity: str) -> bool:
        record = records[identity]
        try:
            index = open_checkpoint(paths[identity])
            return not (_is_fresh(record, index, seen.get(identity)) or _is_same(record, index))
        except (CheckpointError, OSError):
            return True

    return has_changed


def reason_of(error: AtlasError) -> Reason:
    """The reason for refusing an input, as stored in records."""
    if isinstance(error, CheckpointError):
        return Unreadable(fault=error.code, found=error.fields)
    return Unmeasured()


def write_refused(catalog: Catalog, folder: Path, failed: Sequence[Outcome]) -> None:
    """Store the list of unreadable checkpoints for the site, and remove their results.

    The list is published, so it names files without their folders.
    """
    refused = [outcome for outcome in failed if outcome.replaces]
    for outcome in refused:
        store.remove_result(folder, outcome.id)
    names = {entry.id: Path(entry.path).name for entry in catalog.checkpoints}
    listed = tuple(
        RefusedCheckpoint(name=names[outcome.id], reason=reason_of(outcome.error))
        for outcome in refused
        if outcome.error
    )
    if listed:
        store.write_result(folder, RefusedCheckpoints(checkpoints=listed), {}, store.digest(listed))
    else:
        store.remove_result(folder, store.REFUSED)


def _is_fresh(record: Checkpoint, index: TensorIndex, seen: Seen | None) -> bool:
    return record.digest == _digest(record) and seen == _look(index, record.digest)


def _is_same(record: Checkpoint, index: TensorIndex) -> bool:
    """Whether `record` is of the content of the files."""
    sizes = [file.size for file in index.files]
    if record.digest != _digest(record) or sizes != [source.size for source in record.sources]:
        return False
    return all(
        _sha256_of(file.path) == source.sha256
        for file, source in zip(index.files, record.sources, strict=True)
    )


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(record: Checkpoint) -> str:
    sources = [(source.name, source.size, source.sha256) for source in record.sources]
    beside = [(each.text, each.length) for each in record.metadata if each.key == PEFT_KEY]
    return store.digest(VERSION, record.name, sources, *beside)


def _look(index: TensorIndex, digest: str) -> Seen:
    files = tuple((str(file.path), file.size, file.modified) for file in index.files)
    beside = index.metadata.get(PEFT_KEY, "")
    return Seen(files=files, digest=digest, beside=store.digest(beside) if beside else "")


def _read_seen(folder: Path) -> dict[str, Seen]:
    """The file states from earlier runs; empty if unreadable, which costs only time."""
    try:
        return msgspec.json.decode((folder / SEEN_FILE).read_bytes(), type=dict[str, Seen])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}


KIND = Kind(FOLDER, FOLDER, plan, unit="bytes", finish=write_refused)
