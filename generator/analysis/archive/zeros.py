"""A published matrix -> which of its zeros mean "identical", and which "never compared".

Both a pair without shared tensors and a pair with equal tensors have distance zero there. But equal
checkpoints are equally far from every third one. So a zero means

* identical, if both are equally far from all others and not at zero from all of them;
* never compared, or not as a whole, if they are not equally far: tensors of one are missing in the
  other, or have other names;
* unknown, if neither has a distance to any other.
"""

from typing import NamedTuple

import numpy as np

from generator.records.arrays import Booleans, Floats

# Tolerance of equality in float32, relative to the largest distance of a part.
EQUAL = 1e-6


class Zeros(NamedTuple):
    """N x N: the meaning of zeros off the diagonal."""

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
