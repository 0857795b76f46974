"""Where a weight's values lie -> its bytes in canonical order, a range of elements at a time."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.identify.contents import Weight
from generator.errors import CheckpointError
from generator.records import Record

# Weights that stand in another order are put in theirs in memory. The largest known are the text
# projections of OpenCLIP: 6.6 MB in float32.
LARGEST_REORDERED = 128 * 2**20


class Source(Record, frozen=True, kw_only=True):
    """A weight's values in a checkpoint's file number `file`.

    `offset` is where they start, or where the tensor around them starts if `strides` or a
    transposition make it necessary to read all of it; `start` and `nbytes` are then the weight's
    place in the row-major tensor of `shape`.
    """

    file: int
    offset: int
    dtype: str
    shape: tuple[int, ...]
    start: int
    nbytes: int
    form: str
    strides: tuple[int, ...] | None
    span: int

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return BY_NAME[self.dtype].bits // 8

    @property
    def place(self) -> tuple[int, int, int]:
        """Sorts the weights of a checkpoint as they stand in its files."""
        return self.file, self.offset, self.start


def locate(weight: Weight, tensor: Tensor) -> Source:
    """Where the values of `weight`, a part of `tensor`, are."""
    return Source(
        file=tensor.file,
        offset=tensor.offset,
        dtype=weight.dtype,
        shape=tensor.shape,
        start=weight.start,
        nbytes=weight.nbytes,
        form=weight.form,
        strides=tensor.strides,
        span=tensor.span,
    )


class Reader:
    """Reads ranges of elements of one checkpoint's weights into buffers.

    `files` are its open files, by their numbers. Of the weights in another order, the last one is
    kept.
    """

    def __init__(self, files: Sequence[WeightFile] | Mapping[int, WeightFile]) -> None:
        self._files = files
        self._source: Source | None = None
        self._reordered = b""

    def read(self, source: Source, first: int, buffer: memoryview) -> None:
        """Fill `buffer` with elements from number `first` on, in canonical order.

        Raises:
            CheckpointError: the file has shrunk or cannot be read, or the weight is too large to
                be put in order.
        """
        place = first * source.itemsize
        if source.strides is not None or source.form == "flipped":
            if self._source != source:
                self._reordered, self._source = self._reorder(source), source
            buffer[:] = self._reordered[place : place + len(buffer)]
            return
        file = self._files[source.file]
        for start, stop, at in _runs(source, place, place + len(buffer)):
            file.read_into(buffer[start - place : stop - place], source.offset + at)

    def _reorder(self, source: Source) -> bytes:
        """All bytes of a weight in canonical order."""
        file = self._files[source.file]
        if source.span > LARGEST_REORDERED:
            reason = f"a transposed tensor of {source.span} bytes is too large to be put in order"
            raise CheckpointError(str(file.path), reason)
        size = source.itemsize
        elements = np.frombuffer(file.read(source.offset, source.span), dtype=f"V{size}")
        if source.strides is not None:
            steps = [step * size for step in source.strides]
            elements = np.lib.stride_tricks.as_strided(elements, source.shape, steps)
        elements = elements.reshape(-1)[source.start // size :][: source.nbytes // size]
        if source.form == "flipped":
            elements = elements.reshape(-1, *source.shape[1:]).T
        elif source.form == "swapped":
            elements = np.roll(elements, len(elements) // 2)
        return elements.tobytes()


def _runs(source: Source, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Bytes `start` to `stop` of a weight, as runs that are contiguous in its tensor.

    Yields where a run starts and stops in the weight, and where it starts in the tensor.
    """
    if source.form != "swapped":
        yield start, stop, source.start + start
        return
    # The halves stand in the other order.
    half = source.nbytes // 2
    if start < half:
        yield start, min(stop, half), source.start + half + start
    if stop > half:
        start = max(start, half)
        yield start, stop, source.start + start - half
