"""Contents of a weight file as its header states them: names, dtypes, shapes and offsets."""

import math
from pathlib import Path

import msgspec

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.checkpoints.formats.quantised.packing import Packing
from generator.records import LeftOutFile, Record

# Of one file. Mixtures of experts with scales have the most known, some ten thousand.
MOST_TENSORS = 100_000


class Tensor(Record):
    """One tensor and the position of its bytes.

    `name` is the key in the file; in a diffusers folder, with the sub-folder and a slash before it.
    `file` is the number of the file; `offset` is in bytes from its start. `strides` (in elements)
    is None for row-major order; only pickles hold other orders. `nbytes` is the size of the values,
    not of their span. Of a quantised tensor, `dtype`, `shape` and `nbytes` are those of the values
    that `packing` stands for.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    file: int
    offset: int
    nbytes: int
    strides: tuple[int, ...] | None = None
    packing: Packing | None = None

    @property
    def elements(self) -> int:
        """Number of elements; 1 for a scalar."""
        return math.prod(self.shape)

    @property
    def itemsize(self) -> int:
        """Bytes of an element of a dtype with whole bytes."""
        return BY_NAME[self.dtype].bits // 8

    def renamed(self, name: str, shape: tuple[int, ...]) -> "Tensor":
        """The same values under another name, in a shape of as many elements."""
        return msgspec.structs.replace(self, name=name, shape=shape)

    @property
    def span(self) -> int:
        """Bytes in the file from the first to the last element, both included."""
        if self.packing:
            return self.packing.nbytes
        if self.strides is None or not self.elements:
            return self.nbytes
        last = sum(
            (size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True)
        )
        return (last + 1) * self.itemsize


class Checksum(Record):
    """CRC-32 that a zip archive states for the bytes from `start` up to `stop` of its file."""

    member: str
    start: int
    stop: int
    crc32: int


class SourceFile(Record):
    """One file of a checkpoint.

    `modified` is its modification time in nanoseconds; `format` is `safetensors`, `gguf`
    or `pickle`; `payload` is the offset of the first tensor byte behind a header, 0 for a pickle.
    """

    path: Path
    size: int
    modified: int
    format: str
    payload: int = 0
    checksums: tuple[Checksum, ...] = ()


class TensorIndex(Record):
    """All tensors of a checkpoint, by file and offset, and the metadata of its files.

    `metadata` is that of safetensors files, merged; `training` holds numbers and texts beside the
    tensors of a pickle (`epoch`, `global_step`). `left_out` lists the files of a folder that were
    not read, with the reason.
    """

    path: Path
    files: tuple[SourceFile, ...]
    tensors: tuple[Tensor, ...]
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    training: dict[str, str] = msgspec.field(default_factory=dict)
    left_out: tuple[LeftOutFile, ...] = ()
