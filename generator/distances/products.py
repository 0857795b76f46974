"""Products of rows of values, one per checkpoint -> squared distances of all rows, and to zero.

From |a-b|^2 = |a-r|^2 + |b-r|^2 - 2 (a-r)(b-r): every value is read, widened and centred once, and
one product is all that a pair costs, at the price of cancellation. Two things keep the relative
error of a distance below 1e-6, whatever the values (measured: 1e-14, at worst 1e-8):

* All of it is float64, and the reference row r is subtracted first, so that what cancels is a
  difference, not a weight.
* Rows much nearer to one another than to the reference (`NEAR`) are done again by themselves, the
  first of them as their reference. So equal rows come out exactly 0, whatever lies around them.

On a processor, the bits of a pair depend on the two rows, their places and the rows before them,
never on what rows follow.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.records.arrays import Booleans, Floats

Rows = NDArray[np.intp]
# Products of the given rows (R x R, symmetric) less the first of them, in whose place stands the
# point zero, less the first: of each row with itself and with the first, and of the wanted pairs.
CentredGram = Callable[[Rows, Booleans], Floats]

# Below this share of the two squared distances to the reference, a squared distance is done again:
# the error of a product, 1e-14 of it or so, is magnified by its inverse.
NEAR = 1e-6


class Squares(NamedTuple):
    """Squared distances `between` rows (R x R, symmetric) and squared `norms` (R), in float64.

    Not finite where a row is not; wherever the first row is not.
    """

    between: Floats
    norms: Floats


def squared_distances(centred_gram: CentredGram, rows: Rows, wanted: Booleans) -> Squares:
    """Squared distances of one or more rows, of the pairs in `wanted` (R x R, symmetric) at least.

    Their bits do not depend on what else is wanted.

    Differences below 1e-154 are lost, and squares above 1e308 infinite.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        gram = centred_gram(rows, wanted)
        lengths = gram.diagonal()
        scale = lengths[:, None] + lengths
        apart = scale - 2 * gram
    # Row 0 of the Gram matrix is the point zero; the reference is where lengths are measured from.
    between = apart.copy()
    between[0] = between[:, 0] = lengths
    norms = apart[0].copy()
    norms[0] = lengths[0]
    with np.errstate(invalid="ignore"):
        close = apart < NEAR * scale
    diagonal = np.s_[:: len(rows) + 1]
    close.flat[diagonal] = between.flat[diagonal] = False
    if (close & wanted).any() and not wanted.all():
        # Who is done again with whom is known once all pairs are.
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
