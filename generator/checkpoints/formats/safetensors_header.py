"""Header of a safetensors file -> tensors and metadata, or a refusal with the reason.

Format: 8 bytes with the header's length (little-endian), the header (a JSON object of tensors and
`__metadata__`), then the tensors' bytes, without gaps. At least as strict as the `safetensors`
package, whose rules and limit are cited below; stricter where a file is ambiguous.
"""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from generator.checkpoints.formats.dtypes import BY_SAFETENSORS, byte_size
from generator.checkpoints.formats.files import Readable, shown
from generator.checkpoints.formats.index import MOST_TENSORS, SourceFile, Tensor
from generator.errors import CheckpointError
from generator.records import Record

LENGTH_BYTES = 8
# As the package.
LONGEST_HEADER = 100_000_000
# Memory is needed for keys, not for long texts such as pictures: a tensor's entry has 8 quotes, so
# this is enough for 350,000 tensors (FLUX.1 has 780).
MOST_QUOTES = 3_000_000
METADATA_KEY = "__metadata__"
# Every tensor has this field.
OFFSETS = b'"data_offsets"'

# Sizes are `usize` in the package; below 2^63, sums overflow in no reader.
LARGEST = 2**63 - 1
# As many dimensions as torch allows.
MOST_DIMENSIONS = 64
Size = Annotated[int, Meta(ge=0, le=LARGEST)]

# Possessive: a backtracking pattern needs memory for every character of a string.
STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
# The key of an object: a tensor's name, or `__metadata__`.
TENSOR_KEY = re.compile(rb'"((?:[^"\\]++|\\.)*+)"[ \t\r\n]*+:[ \t\r\n]*+\{', re.DOTALL)
# Outside its strings a header needs no letters (true, null, NaN), no signs and no fractions.
PLAIN = re.compile(rb"[\[\]{}:,0-9 \t\r\n]*")


class TensorHeader(Record):
    """A tensor's entry in the header."""

    dtype: str
    shape: Annotated[tuple[Size, ...], Meta(max_length=MOST_DIMENSIONS)]
    data_offsets: tuple[Size, Size]


# Made once: a header has hundreds of entries.
ENTRY = msgspec.json.Decoder(TensorHeader)


FIELDS = TensorHeader.__struct_fields__


class SafetensorsFile(Record):
    """A safetensors file: itself, its tensors in file order, and its metadata."""

    source: SourceFile
    tensors: tuple[Tensor, ...]
    metadata: dict[str, str]


def looks_like_safetensors(head: bytes) -> bool:
    """Whether a file begins like a header: a length, then a JSON object."""
    return head[LENGTH_BYTES : LENGTH_BYTES + 1] == b"{"


def read_safetensors(file: Readable, number: int, prefix: str = "") -> SafetensorsFile:
    """Read the header of `file`, the checkpoint's file `number`; `prefix` goes before every name.

    Raises:
        CheckpointError: the file is not, or no longer, a whole and unambiguous safetensors file.
    """
    subject = str(file.path)
    length = int.from_bytes(file.read(0, LENGTH_BYTES), "little")
    if length > LONGEST_HEADER:
        raise CheckpointError(
            subject, "too_large", part="header", size=length, limit=LONGEST_HEADER
        )
    start = LENGTH_BYTES + length
    if start > file.size:
        raise CheckpointError(subject, "truncated", part="header", end=start, size=file.size)
    entries, metadata = parse_header(file.read(LENGTH_BYTES, length), subject)
    placed = _place(entries, start, file)
    return SafetensorsFile(
        source=SourceFile(
            path=file.path,
            size=file.size,
            modified=file.modified,
            format="safetensors",
            payload=start,
        ),
        tensors=tuple(
            Tensor(
                name=prefix + name,
                dtype=BY_SAFETENSORS[entry.dtype].name,
                shape=entry.shape,
                file=number,
                offset=start + entry.data_offsets[0],
                nbytes=entry.data_offsets[1] - entry.data_offsets[0],
            )
            for name, entry in placed
        ),
        metadata=metadata,
    )


def parse_header(header: bytes, subject: str) -> tuple[dict[str, TensorHeader], dict[str, str]]:
    """The tensors' entries and the metadata in a header's JSON. Raises `CheckpointError`."""
    if not header.startswith(b"{"):
        raise CheckpointError(subject, "no_brace", part="header")
    if header.count(b'"') > MOST_QUOTES:
        raise CheckpointError(subject, "quotes", part="header", limit=MOST_QUOTES)
    # Inside of a string, quotes are escaped: this counts fields.
    count = header.count(OFFSETS)
    if count > MOST_TENSORS:
        raise CheckpointError(subject, "tensors", count=count, limit=MOST_TENSORS)
    try:
        raw = msgspec.json.decode(header, type=dict[str, msgspec.Raw])
        metadata = msgspec.json.decode(raw.get(METADATA_KEY, b"{}"), type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CheckpointError(subject, "not_parsed", part="header", why=str(error)) from error
    entries = {
        name: _parse_entry(name, entry, subject)
        for name, entry in raw.items()
        if name != METADATA_KEY
    }
    outside = STRING.sub(b"", header)
    if not PLAIN.fullmatch(outside):
        raise CheckpointError(subject, "words", part="header")
    # Every key has one colon. A surplus colon belongs to a repeated key, of which the decoder keeps
    # only the last value.
    if outside.count(b":") != len(raw) + len(FIELDS) * len(entries) + len(metadata):
        raise CheckpointError(subject, "repeated_key", part="header", name=_repeated(header))
    return entries, metadata


def _parse_entry(name: str, entry: msgspec.Raw | bytes, subject: str) -> TensorHeader:
    try:
        return ENTRY.decode(entry)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CheckpointError(subject, "bad_entry", tensor=shown(name), why=str(error)) from error


def _repeated(header: bytes) -> str:
    """The first repeated tensor name, for a message; empty if another key is repeated."""
    seen: set[bytes] = set()
    for match in TENSOR_KEY.finditer(header):
        if match[1] in seen:
            return shown(match[1].decode(errors="replace"))
        seen.add(match[1])
    return ""


def _place(
    entries: dict[str, TensorHeader], data: int, file: Readable
) -> list[tuple[str, TensorHeader]]:
    """The entries in file order. Raises `CheckpointError` unless they tile the bytes from `data`
    to the end of `file`."""
    placed = sorted(entries.items(), key=lambda item: item[1].data_offsets)
    subject = str(file.path)
    end = 0
    for name, entry in placed:
        _require_fit(entry, end, subject, shown(name))
        end = entry.data_offsets[1]
        if data + end > file.size:
            raise CheckpointError(
                subject, "truncated", tensor=shown(name), end=data + end, size=file.size
            )
    if data + end < file.size:
        raise CheckpointError(subject, "trailing", count=file.size - data - end)
    return placed


def _product(shape: tuple[int, ...]) -> int:
    """Number of elements; more than `LARGEST` if the package's product overflows on the way to it,
    even if a later side is zero."""
    product = 1
    for side in shape:
        product *= side
        if product > LARGEST:
            return product
    return product


def _require_fit(entry: TensorHeader, expected: int, subject: str, tensor: str) -> None:
    """Raise `CheckpointError` unless `entry` can lie at `expected`."""
    start, stop = entry.data_offsets
    if entry.dtype not in BY_SAFETENSORS:
        raise CheckpointError(subject, "dtype", tensor=tensor, dtype=shown(entry.dtype))
    elements = _product(entry.shape)
    size = byte_size(elements, BY_SAFETENSORS[entry.dtype])
    if stop < start:
        raise CheckpointError(subject, "backwards", tensor=tensor, start=start, stop=stop)
    if elements > LARGEST or size is None or stop - start != size:
        raise CheckpointError(
            subject,
            "size",
            tensor=tensor,
            size=stop - start,
            shape=entry.shape,
            dtype=entry.dtype,
        )
    if start != expected:
        code = "overlap" if start < expected else "hole"
        raise CheckpointError(subject, code, tensor=tensor, start=start, expected=expected)
