"""Rows of values, one per checkpoint -> squared distances of all rows, and of each to zero.

From |a-b|^2 = |a-r|^2 + |b-r|^2 - 2 (a-r)(b-r): one matrix product gives all pairs, at the price of
cancellation. Three things keep the relative error of a distance below 1e-6 (measured: 3e-8):

* The reference row r is subtracted first, so that what cancels is a difference, not a weight.
* Products are float32 over `CHUNK` columns and float64 beyond. A float32 product over a whole tile
  of 2^16 columns is off by 5e-7; in chunks of 256 it is 5e-9, for a fifth more time.
* Rows much nearer to one another than to the reference (`NEAR`) are done again by themselves, the
  first of them as their reference. So equal rows come out exactly 0, whatever lies around them.

Products are of `BLOCK` rows by `BLOCK` rows, the last block filled up with zeros: the bits of a
pair depend on the two rows, their places and the rows before them, never on what rows follow.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from generator.arrays import Booleans, Floats

Rows = NDArray[np.intp]
# Values of the given rows in the given dtype, float32 or float64, tile by tile: tensors of whole
# blocks of rows and `SPARE` more, and of whole chunks of columns, filled up with zeros; rows beyond
# the given ones hold anything. Each may be overwritten, and is valid until the next is asked for.
Decode = Callable[[Rows, torch.dtype], Iterator[torch.Tensor]]

# Measured with AVX-512: a product of 5 rows costs 0.6 ns a column, of 8 rows 1.4, of 10 rows 2.4.
BLOCK = 5
CHUNK = 256
# A row that is multiplied for nothing.
SPARE = 1
# Below this share of the two squared distances to the reference, a squared distance is done again:
# the error of a Gram entry, at most 3e-8 in float32, is magnified by its inverse.
NEAR = 1 / 16
# Fewer columns have too few chunks for the errors of float32 to even out. They are done in float64,
# which costs little: they are biases and norms.
FEWEST_COLUMNS_FLOAT32 = 2**13
# Of a sum above this, float32 loses less than 1e-7 to underflow: 2^18 products of at most 1e-38.
SMALLEST_FLOAT32 = 1e-25


class Squares(NamedTuple):
    """Squared distances `between` rows (R x R, symmetric) and squared `norms` (R), in float64.

    Not finite where a row is not; wherever the first row is not.
    """

    between: Floats
    norms: Floats


def whole(count: int, unit: int) -> int:
    """`count` rounded up to a multiple of `unit`."""
    return -(-count // unit) * unit


def squared_distances(
    decode: Decode, rows: Rows, wanted: Booleans, dtype: torch.dtype = torch.float32
) -> Squares:
    """Squared distances of one or more rows, of the pairs in `wanted` (R x R, symmetric) at least.

    The products are of `dtype`, or of float64 where the range of float32 does not suffice.
    Differences below 1e-154 are lost in float64, too.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        gram = _centred_gram(decode, rows, wanted, dtype)
    lengths = gram.diagonal()
    if dtype == torch.float32 and _out_of_range(lengths, decode, rows):
        return squared_distances(decode, rows, wanted, torch.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        scale = lengths[:, None] + lengths
        apart = scale - 2 * gram
    # Row 0 of the Gram matrix is the point zero; the reference is where lengths are measured from.
    between = apart.copy()
    between[0] = between[:, 0] = lengths
    norms = apart[0].copy()
    norms[0] = lengths[0]
    close = apart < NEAR * scale
    diagonal = np.s_[:: len(rows) + 1]
    close.flat[diagonal] = between.flat[diagonal] = False
    if close.any():
        # A row may be much nearer to zero than to the reference.
        for row in np.flatnonzero(close[0]):
            norms[row] = _square(decode, rows[row])
        close[0] = close[:, 0] = False
        for cluster in _clusters(close & wanted):
            pairs = np.ix_(cluster, cluster)
            again = squared_distances(decode, rows[cluster], wanted[pairs], dtype).between
            between[pairs] = np.where(close[pairs], again, between[pairs])
    return Squares(between, norms)


def _centred_gram(decode: Decode, rows: Rows, wanted: Booleans, dtype: torch.dtype) -> Floats:
    """Products of all rows less row 0, in the blocks where a pair is wanted, zero elsewhere.

    Row 0 itself, less itself, would be zeros: in its place stands the point zero, less row 0.
    """
    size = whole(len(rows), BLOCK)
    gram = np.zeros((size, size))
    blocks = [
        (a, b, np.s_[a : a + BLOCK, b : b + BLOCK])
        for a in range(0, size, BLOCK)
        for b in range(a, size, BLOCK)
        # The first row of blocks gives the norms, the diagonal the distances to the reference.
        if a in (0, b) or wanted[a : a + BLOCK, b : b + BLOCK].any()
    ]
    for values in decode(rows, dtype):
        values[1 : len(rows)] -= values[0]
        values[0].neg_()
        chunks = _chunks(values)
        for a, b, place in blocks:
            # NumPy turns a matrix times itself into a symmetric update, for which OpenBLAS has no
            # kernel for small matrices: the right side then has a row more.
            more = SPARE if a == b else 0
            product = _product(chunks, slice(a, a + BLOCK), slice(b, b + BLOCK + more))
            gram[place] += product[:, :BLOCK]
    for a, b, place in blocks:
        # BLAS does not promise that the product of a block with itself is symmetric.
        gram[place] = (gram[place] + gram[place].T) / 2 if a == b else gram[place]
        gram.T[place] = gram[place]
    return gram[: len(rows), : len(rows)]


def _chunks(values: torch.Tensor) -> torch.Tensor | NDArray[Any]:
    """Columns in chunks, rows within each; on a CPU for NumPy.

    Its OpenBLAS is two to three times as fast as torch's MKL at matrices this small on AMD's
    processors, and no slower on Intel's.
    """
    chunks = values.view(len(values), -1, CHUNK).transpose(0, 1)
    return chunks.numpy() if values.device.type == "cpu" else chunks


def _product(chunks: torch.Tensor | NDArray[Any], left: slice, right: slice) -> Floats:
    """Sum over the chunks of the rows `left` times the rows `right`, transposed, in float64."""
    total: Floats
    if isinstance(chunks, torch.Tensor):
        products = torch.bmm(chunks[:, left], chunks[:, right].transpose(1, 2))
        total = products.sum(0, dtype=torch.float64).cpu().numpy()
    else:
        matrices = np.matmul(chunks[:, left], chunks[:, right].transpose(0, 2, 1))
        total = np.add.reduce(matrices, axis=0, dtype=np.float64)
    return total


def _out_of_range(lengths: Floats, decode: Decode, rows: Rows) -> bool:
    """Whether float32 may have lost some of these sums to overflow or underflow."""
    if not np.isfinite(lengths).all():
        return True
    # Row 0 is there in any case; that its own length is small matters only if it is not zero.
    small = [0, *np.flatnonzero(lengths[1:] < SMALLEST_FLOAT32) + 1]
    if len(small) == 1 and lengths[0] >= SMALLEST_FLOAT32:
        return False
    for values in decode(rows[small], torch.float32):
        differ = bool((values[1 : len(small)] != values[0]).any())
        if differ or (lengths[0] < SMALLEST_FLOAT32 and bool(values[0].any())):
            return True
    return False


def _square(decode: Decode, row: np.intp) -> float:
    tiles = (values[0] for values in decode(np.array([row]), torch.float64))
    return sum(float(torch.dot(values, values)) for values in tiles)


def _clusters(close: Booleans) -> Iterator[Rows]:
    """Sets of rows, ascending, that together hold every close pair.

    A row joins the cluster of the first row before it that it is close to, so that no row added
    behind changes those before. A close pair in two clusters becomes one of its own.
    """
    first: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    strays: list[list[int]] = []
    for row in np.flatnonzero(close.any(1)).tolist():
        before = np.flatnonzero(close[row, :row]).tolist()
        first[row] = first[before[0]] if before else row
        members.setdefault(first[row], []).append(row)
        strays += [[other, row] for other in before if first[other] != first[row]]
    for cluster in [*members.values(), *strays]:
        yield np.array(cluster)
