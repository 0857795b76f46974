"""The bytes of one weight, in pieces of any size -> norm, mean, deviation, extremes, precision.

Sums are over tiles of 2^16 elements from the start of the weight, so the figures depend on neither
the size of the pieces nor the layout of the file. Within a tile, sums are pairwise in float32
(float64 for float64, integers and values whose squares exceed float32's range); tiles are added in
float64. The first tile's mean is subtracted from all values, so that a mean far from zero does not
cancel the deviation. Relative error of norm and deviation: below 1e-6.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.checkpoints.formats.dtypes import BY_NAME, Bytes, Numbers, decode
from generator.records import Figures

TILE = 2**16
# Outside these bounds, float32 cannot hold the sum of a tile's squares to full precision.
LARGEST_NARROW, SMALLEST_NARROW = 1e15, 1e-15


class Statistics:
    """Figures of one weight of dtype `dtype`, fed with its bytes from first to last."""

    def __init__(self, dtype: str) -> None:
        self._dtype = BY_NAME[dtype]
        self._tile_bytes = TILE * self._dtype.bits // 8
        self._rest = bytearray()
        self._count = self._nans = self._infinities = 0
        self._shift: float | None = None
        self._sum = self._squares = 0.0
        self._minimum, self._maximum = math.inf, -math.inf
        self._bits = 0

    def feed(self, data: memoryview) -> None:
        """Add the next bytes of the weight, any number of them."""
        if self._rest:
            missing = self._tile_bytes - len(self._rest)
            self._rest += data[:missing]
            data = data[missing:]
            if len(self._rest) == self._tile_bytes:
                self._take(np.frombuffer(bytes(self._rest), np.uint8))
                self._rest.clear()
        whole = len(data) // self._tile_bytes * self._tile_bytes
        for start in range(0, whole, self._tile_bytes):
            self._take(np.frombuffer(data[start : start + self._tile_bytes], np.uint8))
        self._rest += data[whole:]

    def figures(self) -> Figures:
        """The figures of all bytes so far; the deviation is the population's.

        Moments and extremes are None for an empty weight or one with a value that is not finite.
        """
        if self._rest:
            self._take(np.frombuffer(bytes(self._rest), np.uint8))
            self._rest.clear()
        if self._nans or self._infinities or not self._count:
            return Figures(
                norm=None,
                mean=None,
                std=None,
                minimum=None,
                maximum=None,
                nans=self._nans,
                infinities=self._infinities,
                fraction_bits=None,
            )
        count, shift = self._count, self._shift or 0.0
        squares = self._squares + shift * (2 * self._sum + count * shift)
        deviations = self._squares - self._sum * self._sum / count
        return Figures(
            norm=math.sqrt(max(squares, 0.0)),
            mean=shift + self._sum / count,
            std=math.sqrt(max(deviations, 0.0) / count),
            minimum=self._minimum,
            maximum=self._maximum,
            nans=0,
            infinities=0,
            fraction_bits=self._fraction_bits(),
        )

    def _take(self, raw: Bytes) -> None:
        numbers = decode(raw, self._dtype.name)
        self._count += numbers.size
        low, high = float(numbers.min()), float(numbers.max())
        if not (math.isfinite(low) and math.isfinite(high)):
            self._nans += int(np.isnan(numbers).sum())
            self._infinities += int(np.isinf(numbers).sum())
            return
        self._minimum = min(self._minimum, low)
        self._maximum = max(self._maximum, high)
        if self._dtype.fraction is not None:
            self._bits |= int(np.bitwise_or.reduce(_as_integers(raw, self._dtype.bits)))
        largest = max(-low, high)
        if largest > LARGEST_NARROW or 0 < largest < SMALLEST_NARROW:
            numbers = numbers.astype(np.float64)
        self._add(numbers)

    def _add(self, numbers: Numbers) -> None:
        if self._shift is None:
            # In float32, so that each difference is rounded once.
            self._shift = float(np.float32(numbers.mean(dtype=np.float64)))
        numbers = np.subtract(numbers, numbers.dtype.type(self._shift), out=numbers)
        self._sum += float(numbers.sum())
        self._squares += float(np.square(numbers, out=numbers).sum())

    def _fraction_bits(self) -> int | None:
        """Number of stored significand bits that at least one value uses; None for integers."""
        fraction = self._dtype.fraction
        if fraction is None:
            return None
        used = self._bits & ((1 << fraction) - 1)
        return fraction - ((used & -used).bit_length() - 1) if used else 0


def _as_integers(raw: Bytes, bits: int) -> NDArray[Any]:
    return raw.view(f"<u{bits // 8}")
