"""Header of a GGUF file -> tensors and metadata, or a refusal with the reason.

Format: docs/gguf.md of ggml-org/ggml. Fields, then the tensors' names, sizes, types and offsets,
then their bytes, each tensor aligned. Dimensions are stored last first.
"""

import math
from typing import NamedTuple

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.checkpoints.formats.files import Readable, shown
from generator.checkpoints.formats.gguf_fields import LONGEST_NAME, Cursor, Value, read_fields
from generator.checkpoints.formats.index import MOST_TENSORS, SourceFile, Tensor
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
# ComfyUI-GGUF stores tensors of five dimensions in fewer, and their shape in a field.
SHAPE_FIELD = "comfy.gguf.orig_shape."


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


def looks_like_gguf(head: bytes) -> bool:
    """Whether a file begins with the magic of GGUF."""
    return head.startswith(MAGIC)


def read_gguf(file: Readable, number: int, prefix: str = "") -> GgufFile:
    """Read the header of `file`, the checkpoint's file `number`; `prefix` goes before every name.

    Raises:
        CheckpointError: the file is not a whole and unambiguous GGUF file of version 2 or 3.
    """
    subject, cursor = str(file.path), Cursor(file)
    cursor.take(len(MAGIC))
    version = cursor.number("I")
    if version not in VERSIONS:
        swapped = int.from_bytes(version.to_bytes(4, "little"), "big") in VERSIONS
        if swapped:
            raise CheckpointError(subject, "not_weights", format="big_endian")
        raise CheckpointError(subject, "gguf_version", version=version)
    tensor_count, field_count = cursor.number("Q"), cursor.number("Q")
    if tensor_count > MOST_TENSORS:
        raise CheckpointError(subject, "tensors", count=tensor_count, limit=MOST_TENSORS)
    fields = read_fields(cursor, field_count, subject)
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


def _read_entry(cursor: Cursor, subject: str) -> _TensorInfo:
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
