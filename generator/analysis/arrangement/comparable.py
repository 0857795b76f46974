"""Distances that may be missing -> the largest set of members that all can be compared."""

import networkx as nx
import numpy as np

from generator.analysis.arrangement.numerics import first_alike
from generator.records.arrays import Floats


def comparable_members(l2: Floats) -> list[int]:
    """Places of the largest set of members without a missing distance among them, ascending.

    Of several sets as large, the one that has the earliest members. `l2` is N x N, float64.

    It is a largest clique. Members that can be compared with the same others, as those of one
    architecture can, are counted as one node: few nodes are left to search.
    """
    known = np.isfinite(l2)
    np.fill_diagonal(known, True)
    classes = first_alike((known[:, None] == known[None]).all(axis=2))
    firsts = sorted(set(classes))
    # Weights that count members before all else, and between equal counts prefer early ones.
    size = 1 << len(firsts)
    graph = nx.Graph()
    for place, first in enumerate(firsts):
        graph.add_node(first, weight=classes.count(first) * size + (size >> (place + 1)))
    graph.add_edges_from(
        (a, b) for n, a in enumerate(firsts) for b in firsts[n + 1 :] if known[a, b]
    )
    chosen, _ = nx.max_weight_clique(graph)
    return [place for place, first in enumerate(classes) if first in chosen]
