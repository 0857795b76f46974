"""Position of a weight's values -> its bytes in canonical order, a range of elements at a time."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.formats.quantised.packing import Packing, unpack
from generator.checkpoints.identify.components import Weight
from generator.checkpoints.keys.pieces import LARGEST_REORDERED
from generator.errors import CheckpointError
from generator.records import Record


class Source(Record):
    """The values of a weight in file number `file` of a checkpoint.

    `offset` is the position of its tensor in the file; `start` and `nbytes` are the range of the
    weight in that tensor, of `shape`, in row-major order.
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
    packing: Packing | None = None

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return BY_NAME[self.dtype].bits // 8

    @property
    def files(self) -> set[int]:
        """The files that hold the values, and the scales of a quantised weight."""
        return {self.file} | (self.packing.files if self.packing else set())

    @property
    def place(self) -> tuple[int, int, int]:
        """Sort key: the order of the weights in the files."""
        return self.file, self.offset, self.start


def locate(weight: Weight, tensor: Tensor) -> Source:
    """The position of the values of `weight`, a part of `tensor`."""
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
        packing=tensor.packing,
    )


class Reader:
    """Reads ranges of elements of one checkpoint's weights into buffers.

    `files` are its open files, by number. The last weight that had to be reordered is cached.
    """

    def __init__(self, files: Sequence[WeightFile] | Mapping[int, WeightFile]) -> None:
        self._files = files
        self._source: Source | None = None
        self._reordered = b""

    def read(self, source: Source, first: int, buffer: memoryview) -> None:
        """Fill `buffer` with the elements from number `first` on, in canonical order.

        Raises:
            CheckpointError: the file shrank or cannot be read, or the weight is too large to
                reorder.
        """
        place = first * source.itemsize
        if source.strides is not None or source.form == "flipped":
            if self._source != source:
                self._reordered, self._source = self._reorder(source), source
            buffer[:] = self._reordered[place : place + len(buffer)]
            return
        for start, stop, at in _runs(source, place, place + len(buffer)):
            self._read_stored(source, at, buffer[start - place : stop - place])

    def fetch(self, file: int, offset: int, size: int) -> bytes:
        """`size` bytes from `offset` of file number `file`."""
        return self._files[file].read(offset, size)

    def _read_stored(self, source: Source, at: int, buffer: memoryview) -> None:
        """Fill `buffer` from byte `at` of the tensor's values on, in the order of the file."""
        if source.packing is None:
            self._files[source.file].read_into(buffer, source.offset + at)
            return
        packing = source.packing
        first, last = at // source.itemsize, (at + len(buffer)) // source.itemsize
        start, stop = first // packing.values, -(-last // packing.values)
        raw = self.fetch(
            source.file, source.offset + start * packing.size, (stop - start) * packing.size
        )
        before = start * packing.values
        values = unpack(packing, before, np.frombuffer(raw, np.uint8), self.fetch)
        buffer[:] = values[first - before : last - before].view(np.uint8).data

    def _reorder(self, source: Source) -> bytes:
        """All bytes of a weight in canonical order."""
        size = math.prod(source.shape) * source.itemsize if source.packing else source.span
        if size > LARGEST_REORDERED:
            path = self._files[source.file].path
            raise CheckpointError(str(path), "not_contiguous", limit=LARGEST_REORDERED)
        data = bytearray(size)
        if source.packing:
            self._read_stored(source, 0, memoryview(data))
        else:
            self._files[source.file].read_into(memoryview(data), source.offset)
        return canonical(source, row_major(source, data))


def row_major(source: Source | Tensor, data: bytes | bytearray) -> bytes | bytearray:
    """The bytes of a tensor in row-major order, from the bytes of its span in the file."""
    if source.strides is None:
        return data
    size = source.itemsize
    steps = [stride * size for stride in source.strides]
    elements = np.frombuffer(data, f"V{size}")
    return np.lib.stride_tricks.as_strided(elements, source.shape, steps).tobytes()


def canonical(source: Source, data: bytes | bytearray) -> bytes:
    """The bytes of a weight in canonical order, from those of its tensor in row-major order."""
    part = memoryview(data)[source.start : source.start + source.nbytes]
    if source.form == "swapped":
        half = len(part) // 2
        return bytes(part[half:]) + bytes(part[:half])
    if source.form == "flipped":
        stored = np.frombuffer(part, f"V{source.itemsize}").reshape(-1, *source.shape[1:])
        return stored.T.tobytes()
    return bytes(part)


def _runs(source: Source, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Bytes `start` to `stop` of a weight, as runs that are contiguous in its tensor.

    Yields start and stop of each run in the weight, and its start in the tensor.
    """
    if source.form != "swapped":
        yield start, stop, source.start + start
        return
    # The halves are stored in the other order.
    half = source.nbytes // 2
    if start < half:
        yield start, min(stop, half), source.start + half + start
    if stop > half:
        start = max(start, half)
        yield start, stop, source.start + start - half
