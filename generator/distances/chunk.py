"""Raw bytes of a chunk of elements, one row per checkpoint -> products and differences of rows."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.checkpoints.formats.dtypes import BY_NAME, FLOAT8_VALUES, Numbers, decode
from generator.distances.kernels import (
    FORMATS,
    FOUR,
    IN_TWOS,
    TILE,
    TWO,
    Stored,
    add_differences,
    add_products,
)
from generator.distances.products import Rows
from generator.records.arrays import Booleans, Floats

# Large enough that Python's overhead is small, small enough that the float16 rows of 200
# checkpoints take 100 MB.
CHUNK_COLUMNS = 2**18
# Elements between the rows of a tile, so that they do not compete for the same cache lines.
GAP = 8
# Bytes of a cache line. A load across two lines takes twice as long.
CACHE_LINE = 64
# Bytes of a float64.
WIDEST = 8
FLOAT8_TABLES = np.stack([table.astype(np.float64) for table in FLOAT8_VALUES.values()])
PLACES = {dtype: place for place, dtype in enumerate(FORMATS)}
# Rows of other dtypes are only compared byte by byte.
NO_FLOAT = -1


def padded(count: int) -> int:
    """`count` rounded up to complete the last two, or four, rows: so the order of a sum, and its
    bits, do not depend on the rows that follow."""
    return count + -count % (TWO if count <= IN_TWOS else FOUR)


def new_tile(n_rows: int) -> Floats:
    """Memory for a tile of up to `n_rows` rows with padding, and a row of zeros after them; each
    row is aligned to a cache line."""
    shape = padded(n_rows) + 1, TILE + GAP
    size = WIDEST * shape[0] * shape[1]
    room = np.zeros(size + CACHE_LINE, np.uint8)
    first = -room.ctypes.data % CACHE_LINE
    return room[first : first + size].view(np.float64).reshape(shape)


class Differences(NamedTuple):
    """Sums of absolute differences, and counts of differing elements: R x R, symmetric."""

    l1: Floats
    l0: NDArray[np.int64]


class Chunk:
    """Buffers for up to `n_rows` rows, reused for each chunk.

    Memory per row: `CHUNK_COLUMNS` elements of `itemsize` bytes. On `device` "cpu", rows are
    multiplied by compiled loops, on others by torch.
    """

    def __init__(self, n_rows: int, itemsize: int = WIDEST, device: str = "cpu") -> None:
        doubles = np.zeros((n_rows, -(-CHUNK_COLUMNS * itemsize // WIDEST)))
        self._stored = Stored(
            doubles.view(np.uint8),
            doubles.view(np.uint16),
            doubles.view(np.float32),
            doubles,
            np.zeros(n_rows, np.int64),
            FLOAT8_TABLES,
        )
        self._tile = new_tile(n_rows)
        self._dtypes: list[str] = []
        self._columns = 0
        self._device = device

    def start(self, dtypes: Sequence[str], columns: int) -> list[memoryview]:
        """Start a chunk of `columns` elements; return the buffers to fill, one per row."""
        self._dtypes = list(dtypes)
        self._columns = columns
        self._stored.formats[: len(dtypes)] = [PLACES.get(dtype, NO_FLOAT) for dtype in dtypes]
        return [self._row(row).data for row in range(len(dtypes))]

    def same_bytes(self, one: int, other: int) -> bool:
        """Whether two rows have the same dtype and bytes."""
        same_dtype = self._dtypes[one] == self._dtypes[other]
        return same_dtype and np.array_equal(self._row(one), self._row(other))

    def numbers(self, row: int) -> Numbers:
        """The numbers of a row, in float32 if that is exact for its dtype, else in float64."""
        return decode(self._row(row), self._dtypes[row])

    def centred_gram(self, rows: Rows, wanted: Booleans) -> Floats:
        """Products of rows; see `products.CentredGram`."""
        if self._device != "cpu":
            from generator.distances.gpu import centred_gram

            numbers = ((self._row(row), self._dtypes[row]) for row in rows.tolist())
            return centred_gram(numbers, self._columns, self._device)
        gram = np.zeros((padded(len(rows)), padded(len(rows))))
        blocks = _blocks(wanted.tobytes(), len(rows))
        add_products(self._stored, rows, self._columns, blocks, self._tile, gram)
        return gram[: len(rows), : len(rows)]

    def differences(self, rows: Rows, wanted: Booleans) -> Differences:
        """L1 and L0 of the `wanted` pairs (R x R, symmetric) of `rows`, in float64; else zero."""
        shape = (len(rows), len(rows))
        l1, l0 = np.zeros(shape), np.zeros(shape, np.int64)
        pairs = np.argwhere(np.tril(wanted, -1))
        add_differences(self._stored, rows, self._columns, pairs, self._tile, l1, l0)
        return Differences(l1 + l1.T, l0 + l0.T)

    def _row(self, row: int) -> NDArray[np.uint8]:
        size = self._columns * BY_NAME[self._dtypes[row]].bits // 8
        return self._stored.bytes[row, :size]


# Equal for all chunks of a weight, and mostly for all weights.
@lru_cache(maxsize=16)
def _blocks(wanted: bytes, count: int) -> NDArray[np.int64]:
    """Blocks of the Gram matrix to compute, as row, column and number of rows: B x 3, ascending.

    A block is two columns wide and holds a wanted pair, a part of the diagonal, or a part of the
    first column. `wanted` are the bytes of `count` x `count` booleans.
    """
    half = padded(count) // TWO
    every = np.zeros((TWO * half, TWO * half), dtype=bool)
    every[:count, :count] = np.frombuffer(wanted, bool).reshape(count, count)
    met = every.reshape(half, TWO, half, TWO).any((1, 3)) | np.eye(half, dtype=bool)
    met[:, 0] = True
    row, other = (TWO * places for places in np.nonzero(np.tril(met)))
    band = row - row % FOUR
    tall = (band >= IN_TWOS) & (other < band)
    blocks = np.where(tall, band, row), other, np.where(tall, FOUR, TWO)
    # `np.unique` would import masked arrays.
    return np.array(sorted({*zip(*(part.tolist() for part in blocks), strict=True)}))
