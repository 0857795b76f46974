"""The bytes of one weight, in pieces of any size -> BLAKE3 of its values rounded to 16 bits.

A half-precision copy of a checkpoint shares these digests with its source. Rounding is to nearest,
ties to even; float64 is rounded to float32 first, as in PyTorch.
"""

from collections.abc import Mapping

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from generator.checkpoints.formats.dtypes import BY_NAME, Numbers, decode
from generator.checkpoints.identify.components import Weight

TILE = 2**16
FORMATS = ("float16", "bfloat16")
# Formats that are rounded.
WIDE = ("float32", "float64")


class RoundedHash:
    """Digests of one weight of a wide dtype, fed with its bytes from first to last."""

    def __init__(self, weight: Weight) -> None:
        self._dtype = weight.dtype
        self._tile_bytes = TILE * BY_NAME[weight.dtype].bits // 8
        self._missing = weight.nbytes
        self._rest = bytearray()
        self._finite = True
        self._hashes = {name: blake3() for name in FORMATS}

    def feed(self, data: memoryview) -> None:
        """Add the next bytes in canonical order, any number of them."""
        self._rest += data
        self._missing -= len(data)
        whole = len(self._rest) // self._tile_bytes * self._tile_bytes
        if not self._missing:
            whole = len(self._rest)
        ready = np.frombuffer(bytes(self._rest[:whole]), np.uint8)
        for start in range(0, whole, self._tile_bytes):
            self._take(decode(ready[start : start + self._tile_bytes], self._dtype))
        del self._rest[:whole]

    def digests(self) -> dict[str, str]:
        """The digests by format; empty if a value is not finite."""
        if not self._finite:
            return {}
        return {name: each.hexdigest() for name, each in self._hashes.items()}

    def _take(self, numbers: Numbers) -> None:
        narrow = to_float32(numbers)
        self._finite = self._finite and bool(np.isfinite(narrow).all())
        self._hashes["float16"].update(to_float16(narrow).tobytes())
        self._hashes["bfloat16"].update(to_bfloat16(narrow).tobytes())


def to_float32(numbers: Numbers) -> NDArray[np.float32]:
    """`numbers` in float32; infinite beyond its range."""
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32, copy=False)


def to_float16(numbers: NDArray[np.float32]) -> NDArray[np.float16]:
    """`numbers` in float16; infinite beyond its range."""
    with np.errstate(over="ignore"):
        return numbers.astype("<f2")


def to_bfloat16(numbers: NDArray[np.float32]) -> NDArray[np.uint16]:
    """The bits of finite `numbers` in bfloat16: the upper half of a float32, rounded."""
    bits = numbers.view(np.uint32)
    half = ((bits >> 16) & 1) + np.uint32(0x7FFF)
    return ((bits + half) >> 16).astype("<u2")


def digests_of(
    weight: Weight, blake3_digest: str | None, rounded: Mapping[str, str]
) -> dict[str, str]:
    """The digests by format of a weight whose own digest is `blake3_digest`.

    A 16-bit weight has a digest in its own format only: rounding it to the other format would not
    equal the rounded original.
    """
    if weight.dtype in FORMATS and blake3_digest:
        return {weight.dtype: blake3_digest}
    return dict(rounded)
