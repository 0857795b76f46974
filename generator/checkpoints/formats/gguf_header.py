"""Header of a GGUF file -> tensors and metadata, or a refusal with the reason.

Format: docs/gguf.md of ggml-org/ggml. Fields, then the tensors' names, sizes, types and offsets,
then their bytes, each tensor aligned. Dimensions are stored last first.
"""

import math
import struct
from typing import NamedTuple

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.checkpoints.formats.files import Readable, shown
from generator.checkpoints.formats.index import SourceFile, Tensor
from generator.checkpoints.formats.quantised.ggml import BY_NUMBER, PLAIN
from generator.checkpoints.formats.quantised.packing import VALUES, Packing
from generator.errors import CheckpointError
from generator.records import Record

MAGIC = b"GGUF"
VERSIONS = (2, 3)
ALIGNMENT = 32
# As ggml: `GGML_MAX_DIMS` is 4; more are refused.
MOST_DIMENSIONS = 4
LARGEST = 2**63 - 1
# A language model's vocabulary has some 256,000 texts and numbers in a few arrays.
MOST_ITEMS = 2_000_000
MOST_TENSORS = 100_000
LONGEST_NAME = 65_535
LARGEST_TEXT = 8 * 2**20
# Arrays are kept if they are shapes, and counted otherwise.
LONGEST_KEPT = 16
WINDOW = 2**20

SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
TEXT, ARRAY = 8, 9
# ComfyUI-GGUF stores tensors of five dimensions in fewer, and their shape in a field.
SHAPE_FIELD = "comfy.gguf.orig_shape."

Value = int | float | bool | str | tuple[int, ...]


class GgufFile(Record):
    """A GGUF file: itself, its tensors in file order, and its fields as text."""

    source: SourceFile
    tensors: tuple[Tensor, ...]
    metadata: dict[str, str]


class _TensorInfo(NamedTuple):
    name: str
    shape: tuple[int, ...]
    type: int
    offset: int


class _Cursor:
    """Reads a file from its start, a window at a time."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._window = b""
        self._start = 0
        self.place = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes. Raises `CheckpointError` at the end of the file."""
        stop = self.place + size
        if stop > self._file.size:
            raise CheckpointError(
                str(self._file.path), "truncated", part="header", end=stop, size=self._file.size
            )
        if stop > self._start + len(self._window):
            self._start = self.place
            length = min(max(size, WINDOW), self._file.size - self.place)
            self._window = self._file.read(self.place, length)
        first = self.place - self._start
        self.place = stop
        return self._window[first : first + size]

    def number(self, code: str) -> int:
        """The next number, of `struct`'s format `code`."""
        (value,) = struct.unpack(f"<{code}", self.take(struct.calcsize(f"<{code}")))
        return int(value)

    def text(self, most: int) -> str:
        """The next text of up to `most` bytes."""
        length = self.number("Q")
        if length > most:
            raise CheckpointError(
                str(self._file.path), "too_large", part="header", size=length, limit=most
            )
        return self.take(length).decode(errors="replace")

    def skip_texts(self, count: int, most: int) -> None:
        """Pass over `count` texts of up to `most` bytes each, a window at a time."""
        while count:
            # The window begins with a length, which may be all that it holds.
            self.number("Q")
            self.place -= 8
            place, window = self.place - self._start, self._window
            while count and place + 8 <= len(window):
                length = int.from_bytes(window[place : place + 8], "little")
                if length > most or place + 8 + length > len(window):
                    break
                place, count = place + 8 + length, count - 1
            if self.place == self._start + place:
                # One that is too long, or goes beyond the window.
                self.text(most)
                count -= 1
            else:
                self.place = self._start + place


def looks_like_gguf(head: bytes) -> bool:
    """Whether a file begins with the magic of GGUF."""
    return head.startswith(MAGIC)


def read_gguf(file: Readable, number: int, prefix: str = "") -> GgufFile:
    """Read the header of `file`, the checkpoint's file `number`; `prefix` goes before every name.

    Raises:
        CheckpointError: the file is not a whole and unambiguous GGUF file of version 2 or 3.
    """
    subject, cursor = str(file.path), _Cursor(file)
    cursor.take(len(MAGIC))
    version = cursor.number("I")
    if version not in VERSIONS:
        swapped = int.from_bytes(version.to_bytes(4, "little"), "big") in VERSIONS
        if swapped:
            raise CheckpointError(subject, "not_weights", format="big_endian")
        raise CheckpointError(subject, "gguf_version", version=version)
    tensor_count, field_count = cursor.number("Q"), cursor.number("Q")
    if tensor_count > MOST_TENSORS:
        raise CheckpointError(
            subject, "too_large", part="header", size=tensor_count, limit=MOST_TENSORS
        )
    fields = _read_fields(cursor, field_count, subject)
    entries = [_read_entry(cursor, subject) for _ in range(tensor_count)]
    alignment = fields.get("general.alignment", ALIGNMENT)
    if not isinstance(alignment, int) or alignment < 1 or alignment % 8:
        raise CheckpointError(subject, "bad_value", part="header", of="alignment")
    payload = -(-cursor.place // alignment) * alignment
    tensors = _place(entries, payload, alignment, file, number)
    return GgufFile(
        source=SourceFile(
            path=file.path,
            size=file.size,
            modified=file.modified,
            format="gguf",
            payload=payload,
        ),
        tensors=tuple(_named(tensor, prefix, fields) for tensor in tensors),
        metadata={
            name: value if isinstance(value, str) else str(value)
            for name, value in fields.items()
            if not name.startswith(SHAPE_FIELD)
        },
    )


def _read_fields(cursor: _Cursor, count: int, subject: str) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    items = 0
    for _ in range(count):
        name = cursor.text(LONGEST_NAME)
        if name in fields:
            raise CheckpointError(subject, "repeated_key", part="header", name=shown(name))
        kind = cursor.number("I")
        if kind == ARRAY:
            kind, length = cursor.number("I"), cursor.number("Q")
            items += length
            fields[name] = _read_array(cursor, kind, length, items, subject)
        else:
            items += 1
            fields[name] = _read_value(cursor, kind, subject)
        if items > MOST_ITEMS:
            raise CheckpointError(subject, "too_large", part="header", size=items, limit=MOST_ITEMS)
    return fields


def _read_value(cursor: _Cursor, kind: int, subject: str) -> Value:
    if kind == TEXT:
        return cursor.text(LARGEST_TEXT)
    if kind not in SCALARS:
        raise CheckpointError(subject, "bad_value", part="header", of=f"type {kind}")
    code = SCALARS[kind]
    value: Value
    (value,) = struct.unpack(f"<{code}", cursor.take(struct.calcsize(f"<{code}")))
    return value


def _read_array(cursor: _Cursor, kind: int, length: int, items: int, subject: str) -> Value:
    """Whole numbers if they are few; of other arrays, only their length."""
    if items > MOST_ITEMS:
        raise CheckpointError(subject, "too_large", part="header", size=items, limit=MOST_ITEMS)
    if kind == TEXT:
        cursor.skip_texts(length, LARGEST_TEXT)
    elif kind in SCALARS:
        raw = cursor.take(length * struct.calcsize(f"<{SCALARS[kind]}"))
        if length <= LONGEST_KEPT and SCALARS[kind] in "BbHhIiQq":
            return struct.unpack(f"<{length}{SCALARS[kind]}", raw)
    else:
        raise CheckpointError(subject, "bad_value", part="header", of=f"array of type {kind}")
    return f"{length} items"


def _read_entry(cursor: _Cursor, subject: str) -> _TensorInfo:
    name = cursor.text(LONGEST_NAME)
    dimensions = cursor.number("I")
    if dimensions > MOST_DIMENSIONS:
        raise CheckpointError(subject, "bad_value", tensor=shown(name), of="shape")
    shape = tuple(cursor.number("Q") for _ in range(dimensions))[::-1]
    return _TensorInfo(name, shape, cursor.number("I"), cursor.number("Q"))


def _place(
    entries: list[_TensorInfo], payload: int, alignment: int, file: Readable, number: int
) -> list[Tensor]:
    """The tensors in file order. Raises `CheckpointError` unless they tile the file's data."""
    subject = str(file.path)
    end, names, tensors = 0, set(), []
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if entry.name in names:
            raise CheckpointError(subject, "twice", tensor=shown(entry.name))
        names.add(entry.name)
        tensor = _tensor(entry, payload, number, subject)
        if entry.offset != end:
            code = "overlap" if entry.offset < end else "hole"
            raise CheckpointError(
                subject, code, tensor=shown(entry.name), start=entry.offset, expected=end
            )
        stop = tensor.offset + tensor.span
        if stop > file.size:
            raise CheckpointError(
                subject, "truncated", tensor=shown(entry.name), end=stop, size=file.size
            )
        end += -(-tensor.span // alignment) * alignment
        tensors.append(tensor)
    # The last tensor may lack its padding.
    if file.size > payload + end:
        raise CheckpointError(subject, "trailing", count=file.size - payload - end)
    return tensors


def _tensor(entry: _TensorInfo, payload: int, number: int, subject: str) -> Tensor:
    elements = math.prod(entry.shape)
    kind = BY_NUMBER.get(entry.type)
    if max(elements, *entry.shape, 0) > LARGEST // 8:
        raise CheckpointError(subject, "bad_value", tensor=shown(entry.name), of="shape")
    if kind is None:
        if entry.type not in PLAIN:
            dtype = f"type {entry.type}"
            raise CheckpointError(subject, "dtype", tensor=shown(entry.name), dtype=dtype)
        dtype, packing = PLAIN[entry.type], None
    else:
        if not entry.shape or entry.shape[-1] % kind.values:
            raise CheckpointError(
                subject,
                "not_whole_blocks",
                tensor=shown(entry.name),
                shape=entry.shape,
                count=kind.values,
            )
        dtype = VALUES
        packing = Packing(
            format=kind.name,
            reader="blocks" if kind.factor >= 0 else "",
            values=kind.values,
            size=kind.size,
            nbytes=elements // kind.values * kind.size,
        )
    return Tensor(
        name=entry.name,
        dtype=dtype,
        shape=entry.shape,
        file=number,
        offset=payload + entry.offset,
        nbytes=elements * BY_NAME[dtype].bits // 8,
        packing=packing,
    )


def _named(tensor: Tensor, prefix: str, fields: dict[str, Value]) -> Tensor:
    """`tensor` under its name in the checkpoint, in its own shape."""
    shape = fields.get(SHAPE_FIELD + tensor.name, tensor.shape)
    # Two negative sides have a positive product.
    if not isinstance(shape, tuple) or min(shape, default=0) < 0:
        shape = tensor.shape
    if math.prod(shape) != tensor.elements:
        shape = tensor.shape
    return tensor.renamed(prefix + tensor.name, shape)
