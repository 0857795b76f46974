"""Path of a checkpoint -> its record and table, from one sequential read of each file.

Takes about as long as hashing the files. Nothing in them is executed.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import msgspec

from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.formats.index import Checksum, SourceFile, TensorIndex
from generator.checkpoints.formats.opening import open_checkpoint
from generator.checkpoints.formats.quantised.packing import Fetch
from generator.checkpoints.identify.changes import changes_of
from generator.checkpoints.identify.components import Weight
from generator.checkpoints.identify.contents import Contents, identify
from generator.checkpoints.identify.reading import Reader
from generator.checkpoints.inventory.change_norms import change_norms
from generator.checkpoints.inventory.file_hashes import Checksums, FileHash
from generator.checkpoints.inventory.record import Hashes, Values, describe
from generator.checkpoints.inventory.rounding import WIDE, RoundedHash, digests_of
from generator.checkpoints.inventory.single_pass import Consumer, Progress, read_once
from generator.checkpoints.inventory.weight_sinks import (
    Feedable,
    PackedSink,
    ReorderingSink,
    RowSink,
    Sink,
    Sinks,
    WeightResult,
)
from generator.records import AdapterBlock, Checkpoint, TensorRow
from generator.records.checkpoints import AUTOV1_SIZE, AUTOV1_START
from generator.records.tables import write_rows

# Increase when the same file would give another record; part of the digest of a result.
VERSION = 5


class MeasuredCheckpoint(NamedTuple):
    """A record, the rows of its table, and its files by name."""

    record: Checkpoint
    rows: tuple[TensorRow, ...]
    files: dict[str, bytes]


def no_progress(_: int) -> None:
    """Ignore progress."""


def measure_checkpoint(
    path: Path, id_: str, progress: Progress = no_progress
) -> MeasuredCheckpoint:
    """Measure the checkpoint at `path`; its id in `data/checkpoints/` is `id_`.

    `progress` gets the number of bytes read since its last call. Memory does not depend on the size
    of the checkpoint.

    Raises:
        CheckpointError: a file is not fully understood, or changes while it is read.
    """
    index = open_checkpoint(path)
    contents = identify(index)
    results = {
        number: WeightResult(weight)
        for number, weight in enumerate(contents.weights)
        if weight.is_readable
    }
    rounded = {
        number: RoundedHash(weight)
        for number, weight in enumerate(contents.weights)
        # A quantised copy is the half-precision copy of nothing.
        if weight.is_weight and weight.dtype in WIDE and not weight.quantisation
    }
    hashes: list[Hashes] = []
    damaged: list[Checksum] = []
    with ExitStack() as stack:
        files = [stack.enter_context(WeightFile(source.path)) for source in index.files]
        fetch = Reader(files).fetch
        for number, source in enumerate(index.files):
            sinks = _sinks(number, index, contents.weights, results, fetch)
            rounding = _sinks(number, index, contents.weights, rounded, fetch)
            each, bad = _read(files[number], source, [sinks, rounding], progress)
            hashes.append(each)
            damaged += bad
        changes = _changes(index, contents, files)
    values = Values(
        hashes=hashes,
        blake3={number: result.digest for number, result in results.items()},
        figures={number: result.figures for number, result in results.items()},
        rounded={
            number: digests_of(
                contents.weights[number],
                result.digest,
                rounded[number].digests() if number in rounded else {},
            )
            for number, result in results.items()
        },
        kept={number: result.kept for number, result in results.items() if result.kept},
        damaged=damaged,
        changes=changes,
    )
    record, rows = describe(index, contents, values, id_)
    return MeasuredCheckpoint(record, rows, {f"{id_}.tensors.parquet": write_rows(TensorRow, rows)})


def _changes(
    index: TensorIndex, contents: Contents, files: Sequence[WeightFile]
) -> tuple[AdapterBlock, ...]:
    """The changes that an adapter makes, whose factors are read a second time; empty of others."""
    if contents.kind != "lora":
        return ()
    return change_norms(changes_of(index, contents.base_model), files)


def _read(
    file: WeightFile, source: SourceFile, sinks: Sequence[Sequence[Sink]], progress: Progress
) -> tuple[Hashes, list[Checksum]]:
    """Read one open file; return its hashes, and the damaged members of an archive.

    Each sequence of `sinks` gets its own thread.
    """
    whole = FileHash(0, source.size)
    window = FileHash(AUTOV1_START, AUTOV1_START + AUTOV1_SIZE)
    # AutoV3 is defined for safetensors files only.
    is_safetensors = source.format == "safetensors"
    payload = FileHash(source.payload, source.size) if is_safetensors else None
    checksums = Checksums(source.checksums)
    consumers: list[Consumer] = [whole, window, payload or checksums]
    consumers += [Sinks(each, str(source.path)) for each in sinks if each]
    file.require_unchanged(source.size, source.modified)
    read_once(file, consumers, progress)
    file.require_unchanged(source.size, source.modified)
    hashes = Hashes(
        sha256=whole.digest(),
        autov1=window.digest()[:8],
        autov2=whole.digest()[:10],
        autov3=payload.digest()[:12] if payload else None,
    )
    return hashes, [] if payload else checksums.damaged()


def _sinks(
    file: int,
    index: TensorIndex,
    weights: Sequence[Weight],
    results: Mapping[int, Feedable],
    fetch: Fetch,
) -> list[Sink]:
    """The sinks of the tensors in file number `file` that store weights with a result.

    `fetch` reads the scales of quantised tensors.
    """
    members: dict[int, list[int]] = {}
    for number, weight in enumerate(weights):
        if number in results and index.tensors[weight.tensor].file == file:
            members.setdefault(weight.tensor, []).append(number)
    sinks: list[Sink] = []
    for tensor_number, numbers in members.items():
        tensor = index.tensors[tensor_number]
        held = [weights[number] for number in numbers]
        reorders = tensor.strides is not None or any(each.form != "same" for each in held)
        kind = ReorderingSink if reorders else RowSink
        unpacked = msgspec.structs.replace(tensor, packing=None)
        sink: Sink = kind(unpacked, held, [results[number] for number in numbers])
        if tensor.packing:
            sink = PackedSink(tensor, tensor.packing, sink, fetch)
        sinks.append(sink)
    return sinks
