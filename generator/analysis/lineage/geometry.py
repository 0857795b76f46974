"""Squared distances -> whether they can be those of points, and of which members.

Distances of two checkpoints are over what both hold. Where members hold different tensors, those of
three pairs are over three different sets, and one side of a triangle may be longer than the two
others together. Nothing can be said of mixes there.
"""

from collections.abc import Sequence

import numpy as np

from generator.records.arrays import Counts, Floats

# A sum of two sides may be this much shorter than the third by rounding.
SLACK = 1e-3


def triangles_broken(squared: Floats) -> Counts:
    """In how many triangles of N members each is in whose longest side is longer than the others.

    `squared` is N x N, infinite where it is not known.
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
    """`members` without those, the worst first, that break triangles of the others."""
    left = list(members)
    while True:
        counts = triangles_broken(squared[np.ix_(left, left)])
        if not counts.any():
            return left
        left.pop(int(counts.argmax()))
