"""A task -> its result: what a worker does, on whatever machine it runs.

The bits do not depend on the worker: it has one thread, stretches and tiles are of fixed width,
sums in fixed order.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from generator.arrays import Booleans, Counts
from generator.checkpoints.files import WeightFile
from generator.checkpoints.reading import Reader
from generator.distances.differences import differences
from generator.distances.products import Rows, Squares, squared_distances
from generator.distances.stretch import STRETCH_COLUMNS, Stretch
from generator.distances.sums import Part, Sums
from generator.distances.tasks import FileState, Note, SharedWeight, Task, TaskResult
from generator.errors import CheckpointError
from generator.grams import COUNTS, FLOATS

# Squared distances of rows with smaller squared norms cannot overflow.
LARGEST_NORM = np.finfo(np.float64).max / 8


class _Lost(Exception):
    """A checkpoint that can no longer be read, or has changed."""

    def __init__(self, member: int, reason: str) -> None:
        super().__init__(member, reason)
        self.member = member
        self.reason = reason


def run_task(task: Task) -> TaskResult:
    """Compare the weights of `task`.

    A checkpoint whose file cannot be read to the end, or is not what it was when the work was
    planned, is in `lost` and in none of the sums.
    """
    lost: dict[int, str] = {}
    with one_thread():
        while True:
            try:
                sums, notes = _compare(task, lost)
                return TaskResult(sums, tuple(notes), lost)
            except _Lost as failure:
                lost[failure.member] = failure.reason


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Parallel sums have another order; and a GPU's TF32 has 10 bits of fraction."""
    threads = torch.get_num_threads()
    precision = torch.get_float32_matmul_precision()
    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_float32_matmul_precision(precision)


def _compare(task: Task, lost: dict[int, str]) -> tuple[Sums, list[Note]]:
    sums = Sums(task.groups, len(task.files))
    notes: list[Note] = []
    known = np.zeros(len(task.files), dtype=bool)
    known[list(task.compared)] = True
    used = sorted({member for weight in task.weights for member in weight.members} - set(lost))
    widest = max(source.itemsize for weight in task.weights for source in weight.sources)
    stretch = Stretch(len(used), widest, task.device)
    with contextlib.ExitStack() as stack:
        readers = {member: _open(member, task.files[member], stack) for member in used}
        for weight in task.weights:
            members = [member for member in weight.members if member not in lost]
            while len(members) > 1:
                wanted = ~np.logical_and.outer(known[members], known[members])
                part, bad = _measure(weight, members, wanted, readers, stretch, task.pairwise)
                if not bad:
                    sums.add(weight.group, np.array(members), part)
                    break
                notes += [Note(each, weight.component, weight.name, bad[each]) for each in bad]
                members = [member for member in members if member not in bad]
        for member in used:
            _check_unchanged(member, task.files[member])
    return sums, notes


def _open(member: int, files: tuple[FileState, ...], stack: contextlib.ExitStack) -> Reader:
    try:
        opened = [stack.enter_context(WeightFile(Path(file.path))) for file in files]
    except CheckpointError as error:
        raise _Lost(member, error.reason) from error
    _check_unchanged(member, files)
    return Reader(opened)


def _check_unchanged(member: int, files: tuple[FileState, ...]) -> None:
    for file in files:
        try:
            status = Path(file.path).stat()
        except OSError as error:
            raise _Lost(member, f"cannot be read any more ({error.strerror})") from error
        if (status.st_size, status.st_mtime_ns) != (file.size, file.modified):
            raise _Lost(member, "changed while it was being compared")


def _measure(
    weight: SharedWeight,
    members: list[int],
    wanted: Booleans,
    readers: dict[int, Reader],
    stretch: Stretch,
    pairwise: bool,
) -> tuple[Part, dict[int, str]]:
    """Sums over one weight; or, by member, why its values cannot be compared."""
    count = len(members)
    rows = np.arange(count)
    floats = {name: np.zeros((count, count)) for name in FLOATS}
    counts: dict[str, Counts] = {name: np.zeros((count, count), np.int64) for name in COUNTS}
    part = Part(wanted, floats, counts)
    source_of = dict(zip(weight.members, weight.sources, strict=True))
    sources = [source_of[member] for member in members]
    for first in range(0, weight.elements, STRETCH_COLUMNS):
        columns = min(STRETCH_COLUMNS, weight.elements - first)
        buffers = stretch.start([source.dtype for source in sources], columns)
        for member, source, buffer in zip(members, sources, buffers, strict=True):
            try:
                readers[member].read(source, first, buffer)
            except CheckpointError as error:
                raise _Lost(member, error.reason) from error
        squares = squared_distances(stretch.decode, rows, wanted, stretch.working_dtype())
        if not (squares.norms < LARGEST_NORM).all():
            bad = _explain(stretch, rows)
            return part, {members[row]: reason for row, reason in bad.items()}
        floats["squared"] += squares.between
        floats["norms"] += squares.norms[:, None]
        counts["elements"] += columns
        counts["different"] += _different(stretch, squares, wanted)
        if pairwise:
            apart = differences(stretch.decode, rows, wanted, stretch.working_dtype())
            floats["l1"] += apart.l1
            counts["l0"] += apart.l0
    return part, {}


def _explain(stretch: Stretch, rows: Rows) -> dict[int, str]:
    """The rows whose values are not finite, or too large, and which of the two."""
    finite = np.ones(len(rows), dtype=bool)
    norms = np.zeros(len(rows))
    for values in stretch.decode(rows, torch.float64):
        finite &= values[: len(rows)].isfinite().all(1).cpu().numpy()
        norms += values[: len(rows)].square().sum(1).cpu().numpy()
    return {
        row: "has values too large to be squared" if finite[row] else "has NaN or infinite values"
        for row in rows.tolist()
        if not norms[row] < LARGEST_NORM
    }


def _different(stretch: Stretch, squares: Squares, wanted: Booleans) -> Booleans:
    """Which rows do not hold the same bytes, of the `wanted` pairs."""
    same = list(range(len(wanted)))
    equal = wanted & (squares.between == 0)
    # Every row is equal to itself.
    pairs = np.argwhere(np.triu(equal, 1)).tolist() if equal.sum() > len(same) else []
    for one, other in pairs:
        if same[one] != same[other] and stretch.same_bytes(one, other):
            joined = same[other]
            same = [same[one] if each == joined else each for each in same]
    return np.not_equal.outer(same, same)
