"""Squared distances -> the members whose distances can be those of points.

The distance of two checkpoints is over their shared tensors. If members have different tensors, the
three distances of a triangle are over three different sets, and one side can be longer than the
other two together. Mixes cannot be found there.
"""

from collections.abc import Sequence

import numpy as np

from generator.records.arrays import Counts, Floats

# Rounding tolerance of the triangle inequality.
SLACK = 1e-3


def triangles_broken(squared: Floats) -> Counts:
    """For each of N members, the number of its triangles that violate the triangle inequality.

    `squared` is N x N, infinite if unknown.
    """
    lengths = np.where(np.isfinite(squared), np.sqrt(squared), np.nan)
    counts = np.zeros(len(lengths), np.int64)
    for member, row in enumerate(lengths):
        # Row and column: the sides that meet in `member`.
        broken = lengths > (row[:, None] + row[None, :]) * (1 + SLACK)
        counts += broken.sum(axis=0)
        counts[member] += int(broken.sum()) // 2
    return counts


def without_broken_triangles(squared: Floats, members: Sequence[int]) -> list[int]:
    """`members` without those that violate triangle inequalities, removed worst first."""
    left = list(members)
    while True:
        counts = triangles_broken(squared[np.ix_(left, left)])
        if not counts.any():
            return left
        left.pop(int(counts.argmax()))
