"""A head and named arrays <-> a safetensors file; same content, same bytes."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

Head = TypeVar("Head")
# The only metadata key: safetensors writes several in arbitrary order.
HEAD = "diffusion-atlas"
# What `unpack_arrays` raises.
DAMAGED = (ValueError, KeyError, TypeError, safetensors.SafetensorError)


def pack_arrays(head: object, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The file; arrays are contiguous."""
    text = msgspec.json.encode(head, order="deterministic").decode()
    return safetensors.numpy.save(dict(arrays), metadata={HEAD: text})


def unpack_arrays(content: bytes, kind: type[Head]) -> tuple[Head, dict[str, NDArray[Any]]]:
    """The head and the arrays in a file; raises one of `DAMAGED` if it is another file."""
    length = int.from_bytes(content[:8], "little")
    header = msgspec.json.decode(content[8 : 8 + length])
    head = msgspec.json.decode(header["__metadata__"][HEAD], type=kind)
    return head, safetensors.numpy.load(content)
