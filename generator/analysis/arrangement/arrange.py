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

    `l2` is N x N, float64, symmetric, NaN where two cannot be compared; its diagonal says nothing.
    Drawn are the largest set
    of members any two of which can be compared, of several the one whose members come first; None
    where that are fewer than two. Distances are rounded to nine significant digits before anything
    is decided by them, so that noise in the last ones decides nothing.
    """
    members = comparable_members(l2)
    if len(members) < 2:
        return None
    distances = significant(l2[np.ix_(members, members)])
    np.fill_diagonal(distances, 0)
    order, merges = clusters(distances)
    # For so few numbers the threads of a BLAS wait more than they work.
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
