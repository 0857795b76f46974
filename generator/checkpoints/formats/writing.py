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

from generator.checkpoints.formats.dtypes import BY_NAME

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
