"""The inner loops: rows of stored numbers -> their products, their differences. Compiled by Numba.

Every weight comes here once for every pair of checkpoints. What a chunk of columns needs stays in a
core's nearest cache: it is widened to float64, centred and multiplied before the next is looked at.
float32 would not do: a sum of equal terms is soon off by 1e-5, and equal terms are no rare thing.

A value that is not finite makes every sum that it is part of not finite.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from generator.arrays import Counts, Floats
from generator.checkpoints.dtypes import FLOAT8_VALUES

FORMATS = ("float64", "float32", "float16", "bfloat16", *FLOAT8_VALUES)
FLOAT64, FLOAT32, FLOAT16, BFLOAT16, FLOAT8 = range(5)
FLOAT8_TABLES = np.stack([table.astype(np.float64) for table in FLOAT8_VALUES.values()])

# Columns at once: so few that a dozen rows of float64 (8 KB each) stay near a core, so many that
# what is done once for all of them takes no time.
CHUNK = 1024
# Between the rows of a chunk, so that they do not compete for the same places of the cache.
GAP = 8
# Sums may be made in several places at once. NaN and infinity stay what they are.
REORDER = {"reassoc", "contract", "nsz"}
FUSE = {"contract"}
# From the exponent of a float16 to that of a float32, whose biases are 15 and 127.
BIAS = np.float32(2.0**112)


Bytes = NDArray[np.uint8]
Words = NDArray[np.uint16]
Singles = NDArray[np.float32]


class Stored(NamedTuple):
    """Rows of stored numbers, one per checkpoint: the same bytes, seen as numbers of every width.

    What a row holds is told by a place in `FORMATS`.
    """

    bytes: Bytes
    words: Words
    singles: Singles
    doubles: Floats
    formats: Counts


@njit(fastmath=REORDER, cache=True)
def add_products(stored: Stored, rows: Counts, columns: int, blocks: Counts, gram: Floats) -> None:
    """Add products of `rows` less the first of them to `gram`, which is E x E and symmetric, for R
    rows E = R rounded up to an even number.

    The first row itself, less itself, would be zeros: in its place stands the point zero, less it.
    `blocks` (B x 2) are places in `gram`, row and column, at or below its diagonal: where two rows
    meet two.
    """
    tile = np.zeros((len(gram), CHUNK + GAP))
    zero, first = np.zeros(CHUNK), tile[0]
    scratch = np.empty(CHUNK, np.float32)
    bits = scratch.view(np.uint32)
    for start in range(0, columns, CHUNK):
        stop = min(start + CHUNK, columns)
        _widen(stored, rows, start, stop, zero, first, bits, scratch, tile)
        width = stop - start
        _negate(first[:width])
        for block in range(len(blocks)):
            row, other = blocks[block]
            ac, ad, bc, bd = _multiply(
                tile[row, :width],
                tile[row + 1, :width],
                tile[other, :width],
                tile[other + 1, :width],
            )
            gram[row, other] += ac
            gram[row, other + 1] += ad
            gram[row + 1, other] += bc
            gram[row + 1, other + 1] += bd
    for row in range(len(gram)):
        for other in range(row):
            gram[other, row] = gram[row, other]


@njit(fastmath=REORDER, cache=True)
def add_differences(
    stored: Stored, rows: Counts, columns: int, pairs: Counts, l1: Floats, l0: Counts
) -> None:
    """Add to `l1` and `l0` the sums of absolute differences of `pairs` (P x 2) of `rows`, and how
    many elements differ. -0 and 0 do not differ."""
    tile = np.zeros((len(rows), CHUNK + GAP))
    zero = np.zeros(CHUNK)
    scratch = np.empty(CHUNK, np.float32)
    bits = scratch.view(np.uint32)
    for start in range(0, columns, CHUNK):
        stop = min(start + CHUNK, columns)
        _widen(stored, rows, start, stop, zero, zero, bits, scratch, tile)
        for pair in range(len(pairs)):
            one, other = pairs[pair]
            apart, different = _differ(tile[one, : stop - start], tile[other, : stop - start])
            l1[one, other] += apart
            l0[one, other] += different


# Inlined: a call costs as much as the widening of a row.
@njit(inline="always")
def _widen(
    stored: Stored,
    rows: Counts,
    start: int,
    stop: int,
    before_first: Floats,
    before_others: Floats,
    bits: NDArray[np.uint32],
    scratch: Singles,
    tile: Floats,
) -> None:
    """Fill `tile` with the numbers of columns `start` to `stop`, less a row of numbers: one for the
    first of `rows`, one for the others, which may be what has become of the first."""
    bytes_, words, singles, doubles, formats = stored
    width = stop - start
    reference = before_first[:width]
    for row in range(len(rows)):
        place = rows[row]
        values = tile[row, :width]
        if formats[place] == FLOAT16:
            _widen_float16(words[place, start:stop], reference, bits, scratch, values)
        elif formats[place] == BFLOAT16:
            _widen_bfloat16(words[place, start:stop], reference, bits, scratch, values)
        elif formats[place] == FLOAT32:
            _take(singles[place, start:stop], reference, values)
        elif formats[place] == FLOAT64:
            _take(doubles[place, start:stop], reference, values)
        else:
            table = FLOAT8_TABLES[formats[place] - FLOAT8]
            _look_up(bytes_[place, start:stop], table, reference, values)
        reference = before_others[:width]


@njit(fastmath=FUSE, cache=True)
def _widen_float16(
    halves: Words, reference: Floats, bits: NDArray[np.uint32], scratch: Singles, values: Floats
) -> None:
    """The bits go to their places in a float32, whose exponent is then too small by `BIAS`: exact
    for subnormal numbers, too. Twice that makes infinity of infinity and NaN, and of nothing else.
    """
    for k in range(len(values)):
        half = np.uint32(halves[k])
        sign, size = half & np.uint32(0x8000), half & np.uint32(0x7FFF)
        bits[k] = sign << np.uint32(16) | size << np.uint32(13)
    for k in range(len(values)):
        values[k] = np.float64(scratch[k] * BIAS * BIAS) * 2.0**-112 - reference[k]


@njit(fastmath=FUSE, cache=True)
def _widen_bfloat16(
    upper: Words, reference: Floats, bits: NDArray[np.uint32], scratch: Singles, values: Floats
) -> None:
    """A bfloat16 is the upper half of a float32."""
    for k in range(len(values)):
        bits[k] = np.uint32(upper[k]) << np.uint32(16)
    for k in range(len(values)):
        values[k] = scratch[k] - reference[k]


@njit(fastmath=FUSE, cache=True)
def _take(numbers: Singles | Floats, reference: Floats, values: Floats) -> None:
    for k in range(len(values)):
        values[k] = numbers[k] - reference[k]


@njit(fastmath=FUSE, cache=True)
def _look_up(codes: Bytes, table: Floats, reference: Floats, values: Floats) -> None:
    for k in range(len(values)):
        values[k] = table[codes[k]] - reference[k]


@njit(cache=True)
def _negate(values: Floats) -> None:
    for k in range(len(values)):
        values[k] = -values[k]


@njit(fastmath=REORDER, cache=True)
def _multiply(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[float, float, float, float]:
    """<a, c>, <a, d>, <b, c> and <b, d>: four sums under way hide how long each step takes."""
    ac = ad = bc = bd = 0.0
    for k in range(len(a)):
        ac += a[k] * c[k]
        ad += a[k] * d[k]
        bc += b[k] * c[k]
        bd += b[k] * d[k]
    return ac, ad, bc, bd


@njit(fastmath=REORDER, cache=True)
def _differ(a: Floats, b: Floats) -> tuple[float, int]:
    apart, different = 0.0, 0
    for k in range(len(a)):
        apart += abs(a[k] - b[k])
        different += a[k] != b[k]
    return apart, different
