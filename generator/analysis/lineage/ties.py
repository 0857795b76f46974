"""Distances -> undirected ties: for each member of a family, the nearest one towards its centre."""

from collections.abc import Sequence

import numpy as np

from generator.records.arrays import Floats


def spanning_ties(squared: Floats, start: int, family: Sequence[int]) -> dict[int, int]:
    """Prim's minimum spanning tree, seen from `start`: the neighbour of every other member.

    `squared` is N x N, infinite if unknown; members without a finite distance are left out.
    """
    found: dict[int, int] = {}
    waiting = {each: start for each in family if each != start}
    while waiting:
        nearest = min(waiting, key=lambda each: (squared[each, waiting[each]], each))
        neighbour = waiting.pop(nearest)
        if not np.isfinite(squared[nearest, neighbour]):
            break
        found[nearest] = neighbour
        for each in waiting:
            if squared[each, nearest] < squared[each, waiting[each]]:
                waiting[each] = nearest
    return found
