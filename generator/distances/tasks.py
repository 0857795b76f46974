"""The unit of work (a run of tensors in file order, of all checkpoints) and its result."""

import io
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from generator.checkpoints.identify.reading import Source
from generator.distances.sums import Sums
from generator.errors import CheckpointError
from generator.records import Reason, Record
from generator.records.pairwise_sums import Group, names_of

# Increase when the same tensors would give other numbers.
DISTANCES_VERSION = 4


class FileState(Record):
    """State of a file when its header was read.

    `modified` and `changed` are in nanoseconds. The system sets `changed` at every change of the
    file (on Windows, at its creation); programs cannot set it.
    """

    path: str
    size: int
    modified: int
    changed: int


class SharedWeight(Record):
    """A weight that several checkpoints have in one shape: `sources` of `members`, ascending."""

    component: str
    name: str
    block: str
    kind: str
    elements: int
    members: tuple[int, ...]
    sources: tuple[Source, ...]

    @property
    def group(self) -> Group:
        """The group of its sums."""
        return self.component, self.block, self.kind

    @property
    def nbytes(self) -> int:
        """Bytes to be read."""
        return sum(source.nbytes for source in self.sources)


class CompareTask(Record):
    """Weights to compare, and the files of all checkpoints by number.

    Distances between checkpoints in `compared` are already known. `pairwise` requests L1 and L0.
    """

    files: tuple[tuple[FileState, ...], ...]
    weights: tuple[SharedWeight, ...]
    compared: tuple[int, ...] = ()
    pairwise: bool = False
    device: str = "cpu"

    @property
    def nbytes(self) -> int:
        """Bytes to be read."""
        return sum(weight.nbytes for weight in self.weights)

    @property
    def groups(self) -> list[Group]:
        """The groups of its weights, each once."""
        return list(dict.fromkeys(weight.group for weight in self.weights))


class Note(NamedTuple):
    """A weight of a checkpoint that cannot be compared, and why."""

    member: int
    component: str
    name: str
    reason: Reason

    @property
    def place(self) -> tuple[int, str, str, str]:
        """Sorts notes."""
        return self.member, self.component, self.name, self.reason.code


class TaskResult(NamedTuple):
    """Sums over a task's weights, omissions, and the checkpoints that failed."""

    sums: Sums
    notes: tuple[Note, ...]
    lost: dict[int, CheckpointError]


_Head = tuple[list[Group], tuple[Note, ...], bool]


def pack(result: TaskResult) -> bytes:
    """A result that lost no checkpoint as bytes for a file."""
    pairwise = "l1" in result.sums.high
    head = msgspec.json.encode([result.sums.groups, result.notes, pairwise])
    arrays: dict[str, NDArray[Any]] = {
        f"high_{name}": array for name, array in result.sums.high.items()
    }
    arrays |= {f"low_{name}": array for name, array in result.sums.low.items()}
    arrays |= {f"count_{name}": array for name, array in result.sums.counts.items()}
    file = io.BytesIO()
    np.savez(file, head=np.frombuffer(head, np.uint8), allow_pickle=False, **arrays)
    return file.getvalue()


def unpack(content: bytes) -> TaskResult:
    """The result that `pack` made. Raises `ValueError`, `KeyError`, `EOFError` or
    `zipfile.BadZipFile` if it did not."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        groups, notes, pairwise = msgspec.json.decode(arrays["head"].tobytes(), type=_Head)
        sums = Sums(groups, 0, pairwise=pairwise)
        floats, counts = names_of(pairwise)
        sums.high = {name: arrays[f"high_{name}"] for name in floats}
        sums.low = {name: arrays[f"low_{name}"] for name in floats}
        sums.counts = {name: arrays[f"count_{name}"] for name in counts}
    return TaskResult(sums, notes, {})
