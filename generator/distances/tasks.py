"""The unit of work (a run of tensors in file order, of all checkpoints) and its result."""

from typing import NamedTuple

from generator.checkpoints.identify.reading import Source
from generator.distances.sums import Sums
from generator.errors import CheckpointError
from generator.records import Reason, Record
from generator.records.array_files import pack_arrays, unpack_arrays
from generator.records.pairwise_sums import Group

# Increase when the same tensors would give other numbers.
DISTANCES_VERSION = 5


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


class _Kept(NamedTuple):
    """What a file of a result holds beside its sums."""

    groups: tuple[Group, ...]
    notes: tuple[Note, ...]
    pairwise: bool


# The attributes of `Sums` with arrays by name.
_PARTS = ("high", "low", "counts")


def pack(result: TaskResult) -> bytes:
    """A result that lost no checkpoint as bytes for a file."""
    sums = result.sums
    arrays = {
        f"{part}.{name}": array for part in _PARTS for name, array in getattr(sums, part).items()
    }
    return pack_arrays(_Kept(sums.groups, result.notes, "l1" in sums.high), arrays)


def unpack(content: bytes) -> TaskResult:
    """The result that `pack` made. Raises one of `DAMAGED` if it did not."""
    kept, arrays = unpack_arrays(content, _Kept)
    sums = Sums(kept.groups, 0, pairwise=kept.pairwise)
    for part in _PARTS:
        held = getattr(sums, part)
        held |= {name: arrays[f"{part}.{name}"] for name in held}
    return TaskResult(sums, kept.notes, {})
