"""Raw bytes of a stretch of elements, a row per checkpoint -> tiles of numbers, on CPU or GPU."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from generator.distances.products import BLOCK, CHUNK, FEWEST_COLUMNS_FLOAT32, SPARE, Rows, whole

# Read and judged at once: long enough that Python's part is small, short enough that two hundred
# checkpoints' float16 rows take 100 MB.
STRETCH_COLUMNS = 2**18
# Decoded and multiplied at once: fewer columns, and Python takes longer than the arithmetic.
TILE_COLUMNS = 2**16


class Stretch:
    """Buffers for up to `n_rows` rows, used again for one stretch after another.

    Memory of a row: `STRETCH_COLUMNS` elements of `itemsize` bytes, and `TILE_COLUMNS` of 4 bytes,
    or of 8 where float64 is asked for.
    """

    def __init__(self, n_rows: int, itemsize: int, device: str) -> None:
        self._raw = torch.empty((n_rows, STRETCH_COLUMNS * itemsize), dtype=torch.uint8)
        self._bytes: NDArray[np.uint8] = self._raw.numpy()
        rows = whole(n_rows, BLOCK) + SPARE
        self._tile = torch.zeros(rows * TILE_COLUMNS, dtype=torch.float64, device=device)
        self._dtypes: list[torch.dtype] = []
        self._columns = 0

    def start(self, dtypes: Sequence[str], columns: int) -> list[memoryview]:
        """Begin a stretch of `columns` elements; the buffers to be filled, one per row."""
        self._dtypes = [getattr(torch, dtype) for dtype in dtypes]
        self._columns = columns
        return [
            memoryview(self._bytes[row])[: columns * dtype.itemsize]
            for row, dtype in enumerate(self._dtypes)
        ]

    def same_bytes(self, one: int, other: int) -> bool:
        """Whether two rows are of one dtype and hold the same bytes."""
        size = self._columns * self._dtypes[one].itemsize
        return self._dtypes[one] == self._dtypes[other] and np.array_equal(
            self._bytes[one, :size], self._bytes[other, :size]
        )

    def working_dtype(self) -> torch.dtype:
        """float64 if a row is of that or the columns are too few for float32, which else will do.

        float32 holds all values of the narrower formats.
        """
        few = self._columns < FEWEST_COLUMNS_FLOAT32
        return torch.float64 if few or torch.float64 in self._dtypes else torch.float32

    def decode(self, rows: Rows, dtype: torch.dtype) -> Iterator[torch.Tensor]:
        """The values of `rows`, tile by tile; see `products.Decode`."""
        count = whole(len(rows), BLOCK) + SPARE
        for first in range(0, self._columns, TILE_COLUMNS):
            columns = min(TILE_COLUMNS, self._columns - first)
            width = whole(columns, CHUNK)
            tile = self._tile.view(dtype)[: count * width].view(count, width)
            if width > columns:
                tile[: len(rows), columns:] = 0
            for some, stored in self._stored(rows, first, columns):
                tile[some, :columns] = stored
            yield tile

    def _stored(
        self, rows: Rows, first: int, columns: int
    ) -> Iterator[tuple[int | slice, torch.Tensor]]:
        """The given columns as they are stored; all rows at once, where they are of one dtype."""
        if len(rows) == len(self._dtypes) and len(set(self._dtypes)) == 1:
            yield slice(0, len(rows)), self._columns_of(slice(0, len(rows)), 0, first, columns)
        else:
            for place, row in enumerate(rows.tolist()):
                yield place, self._columns_of(row, row, first, columns)

    def _columns_of(self, rows: int | slice, one: int, first: int, columns: int) -> torch.Tensor:
        dtype = self._dtypes[one]
        size = dtype.itemsize
        return self._raw[rows, ..., first * size : (first + columns) * size].view(dtype)
