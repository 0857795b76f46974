"""A task -> its result: the work of one worker, on any machine.

Chunks have a fixed width and sums a fixed order, so the bits of a result depend only on the
instructions of the processor.
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from generator.checkpoints.formats.dtypes import Numbers
from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.identify.reading import Reader
from generator.distances.chunk import CHUNK_COLUMNS, Chunk
from generator.distances.members import file_state
from generator.distances.products import Squares, squared_distances
from generator.distances.sums import Sums, TensorSums
from generator.distances.tasks import CompareTask, FileState, Note, SharedWeight, TaskResult
from generator.errors import CheckpointError
from generator.records import Reason
from generator.records.arrays import Booleans, Counts
from generator.records.pairwise_sums import names_of
from generator.records.reasons import NonFinite, TooLarge

# Squared distances of rows below this squared norm cannot overflow, however many are added.
LARGEST_NORM = np.finfo(np.float64).max / 2**63


class _Lost(Exception):
    """A checkpoint can no longer be read, or has changed."""

    def __init__(self, member: int, error: CheckpointError) -> None:
        super().__init__(member, error)
        self.member = member
        self.error = error


def run_task(task: CompareTask) -> TaskResult:
    """Compare the weights of `task`.

    A checkpoint whose file cannot be read or has changed since planning is listed in `lost` and in
    none of the sums.
    """
    lost: dict[int, CheckpointError] = {}
    while True:
        try:
            sums, notes = _compare(task, lost)
            return TaskResult(sums, tuple(notes), lost)
        except _Lost as failure:
            lost[failure.member] = failure.error


def _compare(task: CompareTask, lost: dict[int, CheckpointError]) -> tuple[Sums, list[Note]]:
    sums = Sums(task.groups, len(task.files), pairwise=task.pairwise)
    notes: list[Note] = []
    known = np.zeros(len(task.files), dtype=bool)
    known[list(task.compared)] = True
    read: dict[int, set[int]] = {}
    for weight in task.weights:
        for member, source in zip(weight.members, weight.sources, strict=True):
            read.setdefault(member, set()).update(source.files)
    used = sorted(set(read) - set(lost))
    widest = max(source.itemsize for weight in task.weights for source in weight.sources)
    chunk = Chunk(len(used), widest, task.device)
    with contextlib.ExitStack() as stack:
        readers = {
            member: _open(member, task.files[member], read[member], stack) for member in used
        }
        for weight in task.weights:
            members = [member for member in weight.members if member not in lost]
            while len(members) > 1:
                wanted = ~np.logical_and.outer(known[members], known[members])
                part, bad = _measure(weight, members, wanted, readers, chunk, task.pairwise)
                if not bad:
                    sums.add(weight.group, np.array(members), part)
                    break
                notes += [Note(each, weight.component, weight.name, bad[each]) for each in bad]
                members = [member for member in members if member not in bad]
        for member in used:
            _check_unchanged(member, task.files[member])
    return sums, notes


def _open(
    member: int, files: tuple[FileState, ...], read: set[int], stack: contextlib.ExitStack
) -> Reader:
    """A reader of the `files` with numbers in `read`."""
    try:
        opened = {
            number: stack.enter_context(WeightFile(Path(files[number].path))) for number in read
        }
    except CheckpointError as error:
        raise _Lost(member, error) from error
    _check_unchanged(member, files)
    return Reader(opened)


def _check_unchanged(member: int, files: tuple[FileState, ...]) -> None:
    for file in files:
        try:
            now = file_state(Path(file.path))
        except CheckpointError as error:
            raise _Lost(member, error) from error
        if now != file:
            raise _Lost(member, CheckpointError(file.path, "changed"))


def _measure(
    weight: SharedWeight,
    members: list[int],
    wanted: Booleans,
    readers: dict[int, Reader],
    chunk: Chunk,
    pairwise: bool,
) -> tuple[TensorSums, dict[int, Reason]]:
    """Sums over one weight; or the reasons, by member, why values cannot be compared."""
    count = len(members)
    rows = np.arange(count)
    float_names, count_names = names_of(pairwise)
    floats = {name: np.zeros((count, count)) for name in float_names}
    counts: dict[str, Counts] = {name: np.zeros((count, count), np.int64) for name in count_names}
    part = TensorSums(wanted, floats, counts)
    source_of = dict(zip(weight.members, weight.sources, strict=True))
    sources = [source_of[member] for member in members]
    for first in range(0, weight.elements, CHUNK_COLUMNS):
        columns = min(CHUNK_COLUMNS, weight.elements - first)
        buffers = chunk.start([source.dtype for source in sources], columns)
        for member, source, buffer in zip(members, sources, buffers, strict=True):
            try:
                readers[member].read(source, first, buffer)
            except CheckpointError as error:
                raise _Lost(member, error) from error
        squares = squared_distances(chunk.centred_gram, rows, wanted)
        bad = {} if (squares.norms < LARGEST_NORM).all() else _explain(chunk, members)
        if bad:
            return part, bad
        floats["squared"] += squares.between
        floats["norms"] += squares.norms[:, None]
        counts["elements"] += columns
        counts["different"] += _different(chunk, squares, wanted)
        if pairwise:
            apart = chunk.differences(rows, wanted)
            floats["l1"] += apart.l1
            counts["l0"] += apart.l0
    return part, {}


def _explain(chunk: Chunk, members: Sequence[int]) -> dict[int, Reason]:
    """Why values cannot be compared, by member: not finite, or too large."""
    found = {member: unusable(chunk.numbers(row)) for row, member in enumerate(members)}
    return {member: reason for member, reason in found.items() if reason}


def unusable(numbers: Numbers) -> Reason | None:
    """Why `numbers` cannot be compared; None if they can."""
    if not np.isfinite(numbers).all():
        return NonFinite()
    with np.errstate(over="ignore"):
        norm = np.square(numbers, dtype=np.float64).sum()
    return None if norm < LARGEST_NORM else TooLarge()


def _different(chunk: Chunk, squares: Squares, wanted: Booleans) -> Booleans:
    """Which of the `wanted` pairs of rows differ in their bytes."""
    same = list(range(len(wanted)))
    equal = np.triu(wanted & (squares.between == 0), 1)
    for one, other in np.argwhere(equal).tolist():
        if same[one] != same[other] and chunk.same_bytes(one, other):
            joined = same[other]
            same = [same[one] if each == joined else each for each in same]
    return np.not_equal.outer(same, same)
