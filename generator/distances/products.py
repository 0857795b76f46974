"""Products of rows of values, one per checkpoint -> squared distances of all rows, and to zero.

|a-b|^2 = |a-r|^2 + |b-r|^2 - 2 (a-r)(b-r): every value is read, widened and centred once, and a
pair costs one product, with some cancellation. Two measures keep the relative error of a distance
below 1e-6 for all values (measured: 1e-14, at worst 1e-8):

* Everything is float64, and the reference row r is subtracted first, so that differences cancel,
  not weights.
* Rows much nearer to each other than to the reference (`NEAR`) are computed again, with the first
  of them as the reference. Equal rows therefore give exactly 0.

On a CPU, the bits of a pair depend on the two rows, their positions and the rows before them, never
on the rows that follow.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.records.arrays import Booleans, Floats

Rows = NDArray[np.intp]
# Gram matrix (R x R, symmetric) of the given rows minus the first row, with the point zero in place
# of the first row: its diagonal, its first row and column, and the wanted pairs.
CentredGram = Callable[[Rows, Booleans], Floats]

# A squared distance below this share of the two squared distances to the reference is computed
# again: the relative error of a product, about 1e-14, is magnified by the inverse of the share.
NEAR = 1e-6


class Squares(NamedTuple):
    """Squared distances `between` rows (R x R, symmetric) and squared `norms` (R), in float64.

    Not finite where a row is not; wherever the first row is not.
    """

    between: Floats
    norms: Floats


def squared_distances(centred_gram: CentredGram, rows: Rows, wanted: Booleans) -> Squares:
    """Squared distances of rows, at least of the pairs in `wanted` (R x R, symmetric).

    Their bits do not depend on the other wanted pairs. Differences below 1e-154 are lost; squares
    above 1e308 are infinite.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        gram = centred_gram(rows, wanted)
        lengths = gram.diagonal()
        scale = lengths[:, None] + lengths
        apart = scale - 2 * gram
    # Row 0 of the Gram matrix is the point zero; lengths are distances to the reference.
    between = apart.copy()
    between[0] = between[:, 0] = lengths
    norms = apart[0].copy()
    norms[0] = lengths[0]
    with np.errstate(invalid="ignore"):
        close = apart < NEAR * scale
    diagonal = np.s_[:: len(rows) + 1]
    close.flat[diagonal] = between.flat[diagonal] = False
    if (close & wanted).any() and not wanted.all():
        # The clusters are only known once all pairs are.
        return squared_distances(centred_gram, rows, np.ones_like(wanted))
    if close.any():
        # A row may be much nearer to zero than to the reference.
        for row in np.flatnonzero(close[0]):
            norms[row] = centred_gram(rows[[row]], wanted[:1, :1])[0, 0]
        close[0] = close[:, 0] = False
        for cluster in _clusters(close & wanted):
            pairs = np.ix_(cluster, cluster)
            again = squared_distances(centred_gram, rows[cluster], wanted[pairs]).between
            between[pairs] = np.where(close[pairs], again, between[pairs])
    return Squares(between, norms)


def _clusters(close: Booleans) -> Iterator[Rows]:
    """Sets of rows, ascending, that together contain every close pair.

    A row joins the cluster of the first earlier row that it is close to, so that later rows do not
    change earlier clusters. A close pair across two clusters becomes its own cluster.
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
