"""What a weight file says it holds: names, dtypes, shapes and places, apart from any reading."""

import math
from pathlib import Path

import msgspec

from generator.records import Record


class Tensor(Record, frozen=True, kw_only=True):
    """One tensor and where its bytes lie.

    `name` is the key in the file, after a folder's name and a slash if it comes from a diffusers
    folder. `file` counts the checkpoint's files; `offset` is from the start of that file, in
    bytes. `strides` (in elements) is None for a tensor in row-major order, which is nearly all of
    them; only pickles hold others. `nbytes` is the size of the values, not of what they span.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    file: int
    offset: int
    nbytes: int
    strides: tuple[int, ...] | None = None

    @property
    def elements(self) -> int:
        """Number of elements; 1 for a scalar."""
        return math.prod(self.shape)

    @property
    def span(self) -> int:
        """Bytes from the first to behind the last element in the file."""
        if self.strides is None or not self.elements:
            return self.nbytes
        itemsize = self.nbytes // self.elements
        last = sum(
            (size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True)
        )
        return (last + 1) * itemsize


class Checksum(Record, frozen=True, kw_only=True):
    """CRC-32 that a zip archive states for the bytes from `start` up to `stop` of its file."""

    member: str
    start: int
    stop: int
    crc32: int


class SourceFile(Record, frozen=True, kw_only=True):
    """One file of a checkpoint.

    `modified` is the time of its last modification in nanoseconds, `format` is `safetensors` or
    `pickle`, `payload` the offset at which a safetensors file's tensors begin, behind its header,
    and 0 for a pickle.
    """

    path: Path
    size: int
    modified: int
    format: str
    payload: int = 0
    checksums: tuple[Checksum, ...] = ()


class CheckpointIndex(Record, frozen=True, kw_only=True):
    """All tensors of a checkpoint, by file and offset, and what the files say about themselves.

    `metadata` is safetensors' own, joined over the files; `training` what a pickle holds beside
    its tensors (`epoch`, `global_step`). `left_out` names files of a folder that were not read,
    with the reason.
    """

    path: Path
    files: tuple[SourceFile, ...]
    tensors: tuple[Tensor, ...]
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    training: dict[str, str] = msgspec.field(default_factory=dict)
    left_out: tuple[str, ...] = ()
