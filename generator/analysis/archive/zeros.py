"""A published matrix -> which of its zeros mean "identical", and which "never compared".

A pair that shares no tensor has the distance zero there, as has one that shares equal tensors. What
tells them apart is that equal checkpoints are equally far from every third. So a zero means

* identical, if both are equally far from all others, and from one of them not at zero;
* never compared, or not as a whole, if they are not equally far: tensors of one are missing in the
  other, or have other names there;
* nothing that could be known, where neither has a distance from anybody.
"""

from typing import NamedTuple

import numpy as np

from generator.records.arrays import Booleans, Floats

# Of the largest distance of a part: what float32 leaves of equality.
EQUAL = 1e-6


class Zeros(NamedTuple):
    """N x N: which zeros, off the diagonal, mean what."""

    identical: Booleans
    not_compared: Booleans
    unknown: Booleans


def read_zeros(matrix: Floats) -> Zeros:
    """The meaning of the zeros of one part, N x N."""
    zero = matrix == 0
    np.fill_diagonal(zero, False)
    apart = np.abs(matrix[:, None, :] - matrix[None, :, :]).max(axis=2)
    alike = apart <= EQUAL * matrix.max(initial=0)
    seen = matrix.max(axis=1, initial=0) > 0
    return Zeros(
        identical=zero & alike & (seen[:, None] & seen[None, :]),
        not_compared=zero & ~alike,
        unknown=zero & alike & ~(seen[:, None] & seen[None, :]),
    )
