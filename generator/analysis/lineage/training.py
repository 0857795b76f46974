"""Whole distances alone -> whether they are those of one training, saved again and again.

Without parts, a right angle proves little: seen from the mix of A with a checkpoint that is
missing, A and the root stand at one if both parents changed as much. So published distances tell
the order of a whole training at best. Its checkpoints, sorted by their distance from the root, go
on from one to the next: seen from any of them, a later one never lies back towards an earlier one,
nor straight beyond it, as the parents of a mix do.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from generator.records.arrays import Floats

# Fewer could look like a training by chance.
FEWEST = 4
# Cosine, seen from the middle one of three: at most as much of a way back, and above that of two
# parents of three in an equal mix.
BACK, STRAIGHT = 0.1, -0.5


def training_order(squared: Floats, root: int, pool: Sequence[int]) -> list[int]:
    """The `pool` in the order of its training from `root`; empty if it is not one.

    `squared` are the distances (N x N) of all members.
    """
    order = [root, *sorted(pool, key=lambda each: squared[root, each])]
    if len(pool) < FEWEST:
        return []
    for first, middle, last in combinations(order, 3):
        sides = squared[middle, first], squared[middle, last]
        if not all(np.isfinite(side) and side > 0 for side in sides):
            return []
        cosine = (sum(sides) - squared[first, last]) / (2 * np.sqrt(sides[0] * sides[1]))
        if not STRAIGHT < cosine <= BACK:
            return []
    return order[1:]
