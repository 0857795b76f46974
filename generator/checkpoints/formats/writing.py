"""NumPy arrays -> weight files as other programs write them; same arrays, same bytes.

For the demo family and test fixtures. NumPy has no bfloat16, so it is rounded from float32.
"""

import io
import struct
import zipfile
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from generator.checkpoints.formats.dtypes import BY_NAME, FLOAT8_VALUES
from generator.checkpoints.formats.gguf_fields import TEXT
from generator.checkpoints.formats.gguf_header import ALIGNMENT, MAGIC, VERSIONS
from generator.checkpoints.formats.quantised.ggml import BY_NAME as GGML_TYPES
from generator.checkpoints.formats.quantised.ggml import PLAIN

Array = NDArray[Any]


class EncodedTensor(NamedTuple):
    """The bytes of a tensor in row-major order, with its dtype and shape."""

    data: bytes
    dtype: str
    shape: tuple[int, ...]


def encode_array(array: Array, dtype: str = "") -> EncodedTensor:
    """An array in its own dtype, or rounded to `dtype` (to nearest, ties to even)."""
    if dtype == "bfloat16":
        bits = np.ascontiguousarray(array, "<f4").view("<u4").astype(np.uint64)
        # Add half of the discarded part, minus one if the last kept bit is even.
        rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
        return EncodedTensor(rounded.astype("<u2").tobytes(), dtype, array.shape)
    name = dtype or array.dtype.name
    return EncodedTensor(array.astype(BY_NAME[name].raw).tobytes(), name, array.shape)


def encode_q8_0(array: Array) -> EncodedTensor:
    """A float32 array as ggml's `quantize_row_q8_0` rounds it: blocks of 32 codes, whose scale is a
    127th of the largest size. The last side must hold whole blocks."""
    blocks = array.astype("<f4").reshape(-1, GGML_TYPES["Q8_0"].values)
    scales = np.abs(blocks).max(axis=1, keepdims=True) / np.float32(127)
    inverse = np.divide(np.float32(1), scales, out=np.zeros_like(scales), where=scales > 0)
    scaled = blocks * inverse
    # Half is rounded away from zero, as C's `roundf` does.
    whole = np.trunc(scaled)
    codes = whole + np.trunc(2 * (scaled - whole))
    packed = [scales.astype("<f2").view(np.uint8), codes.astype(np.int8).view(np.uint8)]
    return EncodedTensor(np.hstack(packed).tobytes(), "Q8_0", array.shape)


def encode_scaled_float8(array: Array) -> tuple[EncodedTensor, EncodedTensor]:
    """A float32 array in float8 (e4m3fn), and the scale that makes its largest value the largest
    code; to nearest, ties to even."""
    values = FLOAT8_VALUES["float8_e4m3fn"][:127]
    scale = np.float32(np.abs(array).max() / values[-1]) or np.float32(1)
    sizes = np.abs(array.astype("<f4") / scale)
    between = (values[1:] + values[:-1]) / 2
    codes = np.searchsorted(between, sizes)
    tie = sizes == between[np.minimum(codes, len(between) - 1)]
    codes = (codes + (tie & (codes % 2 == 1))) | np.where(np.signbit(array), 128, 0)
    weight = EncodedTensor(codes.astype(np.uint8).tobytes(), "float8_e4m3fn", array.shape)
    return weight, encode_array(np.asarray(scale, np.float32))


def write_gguf(tensors: Mapping[str, EncodedTensor], fields: Mapping[str, str]) -> bytes:
    """A GGUF file of the last version; its tensors are sorted by name."""
    numbers = {name: number for number, name in PLAIN.items()}
    numbers |= {name: each.number for name, each in GGML_TYPES.items()}
    head = [MAGIC, struct.pack("<IQQ", VERSIONS[-1], len(tensors), len(fields))]
    for name, value in fields.items():
        head += [_counted(name), struct.pack("<I", TEXT), _counted(value)]
    data: list[bytes] = []
    offset = 0
    for name, tensor in sorted(tensors.items()):
        sides = tensor.shape[::-1]
        head += [_counted(name), struct.pack(f"<I{len(sides)}Q", len(sides), *sides)]
        head += [struct.pack("<IQ", numbers[tensor.dtype], offset)]
        data.append(tensor.data + bytes(-len(tensor.data) % ALIGNMENT))
        offset += len(data[-1])
    start = b"".join(head)
    return b"".join([start, bytes(-len(start) % ALIGNMENT), *data])


def _counted(value: str) -> bytes:
    encoded = value.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def write_safetensors(
    tensors: Mapping[str, EncodedTensor], metadata: Mapping[str, str] | None = None
) -> bytes:
    """A safetensors file; its tensors are sorted by name."""
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    offset = 0
    for name, tensor in sorted(tensors.items()):
        header[name] = {
            "dtype": BY_NAME[tensor.dtype].safetensors,
            "shape": tensor.shape,
            "data_offsets": [offset, offset + len(tensor.data)],
        }
        offset += len(tensor.data)
    text = msgspec.json.encode(header)
    # Align the tensors to eight bytes.
    text += b" " * (-len(text) % 8)
    data = [tensor.data for _, tensor in sorted(tensors.items())]
    return b"".join([struct.pack("<Q", len(text)), text, *data])


def write_torch_archive(tensors: Mapping[str, EncodedTensor], training: Mapping[str, int]) -> bytes:
    """A zip archive as `torch.save({"state_dict": ..., **training})` writes it, without torch."""
    items = [
        _text(name) + _tensor(str(number), tensor)
        for number, (name, tensor) in enumerate(sorted(tensors.items()))
    ]
    state_dict = _text("state_dict") + b"}(" + b"".join(items) + b"u"
    rest = [_text(name) + b"J" + struct.pack("<i", value) for name, value in training.items()]
    pickled = b"\x80\x02}(" + state_dict + b"".join(rest) + b"u."
    members = {"data.pkl": pickled, "byteorder": b"little", "version": b"3\n"}
    for number, (_, tensor) in enumerate(sorted(tensors.items())):
        members[f"data/{number}"] = tensor.data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            # Fixed date: same tensors, same bytes.
            archive.writestr(zipfile.ZipInfo(f"archive/{name}"), content)
    return buffer.getvalue()


def _text(value: str) -> bytes:
    encoded = value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def _tensor(key: str, tensor: EncodedTensor) -> bytes:
    """Opcodes for `_rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())`."""
    storage = BY_NAME[tensor.dtype].storage
    size = len(tensor.data) * 8 // BY_NAME[tensor.dtype].bits
    strides = [1]
    for length in tensor.shape[:0:-1]:
        strides.insert(0, strides[0] * length)
    identity = _text("storage") + f"ctorch\n{storage}\n".encode() + _text(key) + _text("cpu")
    return b"".join(
        [
            b"ctorch._utils\n_rebuild_tensor_v2\n((",
            identity,
            _number(size),
            b"tQ",
            _number(0),
            b"(" + b"".join(map(_number, tensor.shape)) + b"t",
            b"(" + b"".join(map(_number, strides[: len(tensor.shape)])) + b"t",
            b"\x89ccollections\nOrderedDict\n)RtR",
        ]
    )


def _number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)
