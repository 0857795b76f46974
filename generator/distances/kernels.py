"""The inner loops: rows of stored numbers -> their products and differences. Compiled by Numba.

Every weight passes here once per pair of checkpoints. A tile of columns stays in a core's nearest
cache: it is widened to float64, centred and multiplied before the next one. float32 is not
accurate enough: a sum of equal terms, which are common, is soon off by 1e-5.

A value that is not finite makes all its sums not finite.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.checkpoints.formats.compiled import compiled, inlined
from generator.checkpoints.formats.dtypes import FLOAT8_VALUES
from generator.records.arrays import Counts, Floats

FORMATS = ("float64", "float32", "float16", "bfloat16", *FLOAT8_VALUES)
FLOAT64, FLOAT32, FLOAT16, BFLOAT16, FLOAT8 = range(5)

# Columns of a tile: few enough that ten rows of float64 (4 KB each) stay in the cache, enough that
# the overhead per tile is small.
TILE = 512
# Rows are multiplied with two others at a time: two rows at once among the first `IN_TWOS`, four at
# once after those, where up to three rows of padding do not matter.
TWO, FOUR = 2, 4
IN_TWOS = 16
# Sums may be reordered. NaN and infinity are kept.
REORDER = {"reassoc", "contract", "nsz"}
FUSE = {"contract"}
# Position of the bits of a float16 in a float64, with the sign at the top; and the factor between
# the exponent biases, 15 and 1023.
FLOAT16_SHIFT = np.int64(52 - 10)
FLOAT16_BITS = np.int64(-(2**63) | (2**15 - 1) << 42)
BIAS = 2.0**1008


Bytes = NDArray[np.uint8]
Words = NDArray[np.uint16]
Singles = NDArray[np.float32]
# A row, and the columns to start and stop at.
Here = tuple[int, int, int]


class Stored(NamedTuple):
    """Rows of stored numbers, one per checkpoint: views of the same bytes with every width.

    `formats` holds the index of each row's dtype in `FORMATS`; `tables`, by float8 format, the
    value of every byte: an argument, because compiled code would keep an old global.
    """

    bytes: Bytes
    words: Words
    singles: Singles
    doubles: Floats
    formats: Counts
    tables: Floats


@compiled(fastmath=REORDER)
def add_products(
    stored: Stored, rows: Counts, columns: int, blocks: Counts, tile: Floats, gram: Floats
) -> None:
    """Add the products of `rows` (R) minus the first row to `gram`, which is symmetric and
    `chunk.padded(R)` wide; entries beyond R are undefined.

    The first row minus itself would be zero, so its entry is the point zero minus the first row.
    `blocks` (B x 3) are the blocks of `gram` to compute, as row, column and number of rows (two or
    four, by two columns), at or below the diagonal. `tile` is from `chunk.new_tile`.
    """
    zero, first = tile[-1], tile[0]
    for start in range(0, columns, TILE):
        stop = min(start + TILE, columns)
        _widen(stored, rows, start, stop, zero, first, tile)
        width = stop - start
        _negate(first[:width])
        for block in range(len(blocks)):
            row, other, height = blocks[block]
            if row == other:
                _add_triangle(tile, row, width, gram)
            elif height == FOUR:
                _add_four_by_two(tile, row, other, width, gram)
            else:
                _add_two_by_two(tile, row, other, width, gram)
    for row in range(len(gram)):
        for other in range(row):
            gram[other, row] = gram[row, other]


@compiled(fastmath=REORDER)
def add_differences(
    stored: Stored,
    rows: Counts,
    columns: int,
    pairs: Counts,
    tile: Floats,
    l1: Floats,
    l0: Counts,
) -> None:
    """Add the sums of absolute differences of `pairs` (P x 2) of `rows` to `l1`, and their counts
    of differing elements to `l0`. -0 equals 0. `tile` is from `chunk.new_tile`."""
    zero = tile[-1]
    for start in range(0, columns, TILE):
        stop = min(start + TILE, columns)
        _widen(stored, rows, start, stop, zero, zero, tile)
        for pair in range(len(pairs)):
            one, other = pairs[pair]
            apart, different = _differ(tile[one, : stop - start], tile[other, : stop - start])
            l1[one, other] += apart
            l0[one, other] += different


@inlined()
def _widen(
    stored: Stored,
    rows: Counts,
    start: int,
    stop: int,
    before_first: Floats,
    before_others: Floats,
    tile: Floats,
) -> None:
    """Fill `tile` with columns `start` to `stop` minus a reference: `before_first` for the first of
    `rows`, another one for the others, possibly the first row itself."""
    bytes_, words, singles, doubles, formats, tables = stored
    reference = before_first
    for row in range(len(rows)):
        place = rows[row]
        here = place, start, stop
        if formats[place] == FLOAT16:
            _widen_float16(words, here, reference, tile[row])
        elif formats[place] == BFLOAT16:
            _widen_bfloat16(words, here, reference, tile[row])
        elif formats[place] == FLOAT32:
            _take(singles, here, reference, tile[row])
        elif formats[place] == FLOAT64:
            _take(doubles, here, reference, tile[row])
        else:
            table = tables[formats[place] - FLOAT8]
            _look_up(bytes_, here, table, reference, tile[row])
        reference = before_others


@inlined(fastmath=FUSE)
def _widen_float16(words: Words, here: Here, reference: Floats, values: Floats) -> None:
    """Move the bits to their positions in a float64, whose exponent is then too small by `BIAS`;
    exact for subnormal numbers. Twice this factor turns infinity and NaN, and only these, into
    values that are not finite.
    """
    row, start, stop = here
    halves = words[row, start:stop]
    for k in range(len(halves)):
        bits = np.int64(np.int16(halves[k])) << FLOAT16_SHIFT & FLOAT16_BITS
        values[k] = np.int64(bits).view(np.float64) * BIAS * BIAS * (1 / BIAS) - reference[k]


@inlined(fastmath=FUSE)
def _widen_bfloat16(words: Words, here: Here, reference: Floats, values: Floats) -> None:
    """A bfloat16 is the upper half of a float32."""
    row, start, stop = here
    upper = words[row, start:stop]
    for k in range(len(upper)):
        bits = np.uint32(np.uint32(upper[k]) << np.uint32(16))
        values[k] = bits.view(np.float32) - reference[k]


@inlined(fastmath=FUSE)
def _take(rows: Singles | Floats, here: Here, reference: Floats, values: Floats) -> None:
    row, start, stop = here
    numbers = rows[row, start:stop]
    for k in range(len(numbers)):
        values[k] = numbers[k] - reference[k]


@inlined(fastmath=FUSE)
def _look_up(rows: Bytes, here: Here, table: Floats, reference: Floats, values: Floats) -> None:
    row, start, stop = here
    codes = rows[row, start:stop]
    for k in range(len(codes)):
        values[k] = table[codes[k]] - reference[k]


@inlined()
def _negate(values: Floats) -> None:
    for k in range(len(values)):
        values[k] = -values[k]


@inlined(fastmath=REORDER)
def _add_two_by_two(tile: Floats, row: int, other: int, width: int, gram: Floats) -> None:
    a, b = tile[row, :width], tile[row + 1, :width]
    c, d = tile[other, :width], tile[other + 1, :width]
    ac = ad = bc = bd = 0.0
    for k in range(width):
        ac += a[k] * c[k]
        ad += a[k] * d[k]
        bc += b[k] * c[k]
        bd += b[k] * d[k]
    gram[row, other] += ac
    gram[row, other + 1] += ad
    gram[row + 1, other] += bc
    gram[row + 1, other + 1] += bd


# Of many rows most lie farther from the core: there, the more products of a number, the better.
@inlined(fastmath=REORDER)
def _add_four_by_two(tile: Floats, row: int, other: int, width: int, gram: Floats) -> None:
    a, b = tile[row, :width], tile[row + 1, :width]
    c, d = tile[row + 2, :width], tile[row + 3, :width]
    e, f = tile[other, :width], tile[other + 1, :width]
    ae = af = be = bf = ce = cf = de = df = 0.0
    for k in range(width):
        ae += a[k] * e[k]
        af += a[k] * f[k]
        be += b[k] * e[k]
        bf += b[k] * f[k]
        ce += c[k] * e[k]
        cf += c[k] * f[k]
        de += d[k] * e[k]
        df += d[k] * f[k]
    gram[row, other] += ae
    gram[row, other + 1] += af
    gram[row + 1, other] += be
    gram[row + 1, other + 1] += bf
    gram[row + 2, other] += ce
    gram[row + 2, other + 1] += cf
    gram[row + 3, other] += de
    gram[row + 3, other + 1] += df


@inlined(fastmath=REORDER)
def _add_triangle(tile: Floats, row: int, width: int, gram: Floats) -> None:
    """The products of two rows with each other and themselves."""
    a, b = tile[row, :width], tile[row + 1, :width]
    aa = ab = bb = 0.0
    for k in range(width):
        aa += a[k] * a[k]
        ab += a[k] * b[k]
        bb += b[k] * b[k]
    gram[row, row] += aa
    gram[row + 1, row] += ab
    gram[row + 1, row + 1] += bb


@inlined(fastmath=REORDER)
def _differ(a: Floats, b: Floats) -> tuple[float, int]:
    apart, different = 0.0, 0
    for k in range(len(a)):
        apart += abs(a[k] - b[k])
        different += a[k] != b[k]
    return apart, different
