"""Distances of N checkpoints in one component -> how to draw them."""

import numpy as np
from threadpoolctl import threadpool_limits

from generator.analysis.arrangement.comparable import comparable_members
from generator.analysis.arrangement.layouts import layouts
from generator.analysis.arrangement.numerics import significant
from generator.analysis.arrangement.trees import clusters, minimum_spanning_tree, nearest_neighbours
from generator.records import Arrangement
from generator.records.arrays import Floats


def arrange(l2: Floats) -> Arrangement | None:
    """How to draw the checkpoints whose distances are `l2`.

    `l2` is N x N, float64, symmetric, NaN for pairs that cannot be compared; its diagonal is
    ignored. The result holds the largest set of members in which every pair can be compared (of
    several, the one with the earliest members); None for fewer than two. Distances are first
    rounded to nine significant digits, so that noise decides nothing.
    """
    members = comparable_members(l2)
    if len(members) < 2:
        return None
    distances = significant(l2[np.ix_(members, members)])
    np.fill_diagonal(distances, 0)
    order, merges = clusters(distances)
    # With so few numbers, BLAS threads only cost time.
    with threadpool_limits(1, "blas"):
        drawn = layouts(distances)
    return Arrangement(
        members=tuple(members),
        order=order,
        merges=merges,
        tree=minimum_spanning_tree(distances),
        nearest=nearest_neighbours(distances),
        layouts=drawn,
    )
