"""Distances that may be missing -> the largest set of members that all can be compared."""

import networkx as nx
import numpy as np

from generator.analysis.arrangement.numerics import first_alike
from generator.records.arrays import Floats


def comparable_members(l2: Floats) -> list[int]:
    """Indices of the largest set of members without a missing distance between them, ascending.

    Of several sets of this size, the one with the earliest members. `l2` is N x N, float64.

    This is a maximum clique. Members that can be compared with the same others, as in one
    architecture, are one node, so few nodes are searched.
    """
    known = np.isfinite(l2)
    np.fill_diagonal(known, True)
    classes = first_alike((known[:, None] == known[None]).all(axis=2))
    firsts = sorted(set(classes))
    # Weights count members first; of equal counts, they prefer early members.
    size = 1 << len(firsts)
    graph = nx.Graph()
    for place, first in enumerate(firsts):
        graph.add_node(first, weight=classes.count(first) * size + (size >> (place + 1)))
    graph.add_edges_from(
        (a, b) for n, a in enumerate(firsts) for b in firsts[n + 1 :] if known[a, b]
    )
    chosen, _ = nx.max_weight_clique(graph)
    return [place for place, first in enumerate(classes) if first in chosen]
