"""Distances -> clusters in dendrogram order, the minimum spanning tree, nearest neighbours."""

import networkx as nx
import numpy as np

from generator.analysis.arrangement.leaf_order import best_order
from generator.analysis.arrangement.linkage import average_linkage
from generator.analysis.arrangement.numerics import significant
from generator.records import Edge, Merge
from generator.records.arrays import Floats


def clusters(distances: Floats) -> tuple[tuple[int, ...], tuple[Merge, ...]]:
    """Order of the leaves, and the merges, of average-linkage clustering.

    `distances` is N x N, zero on the diagonal. The order is optimal; of the two directions, it is
    the one that begins with the earlier member.
    """
    pairs, heights = average_linkage(distances)
    order = best_order(pairs, distances)
    if order[0] > order[-1]:
        order.reverse()
    # Position of a cluster in the order: that of any of its members.
    places = [order.index(member) for member in range(len(order))]
    merges = []
    for pair, height in zip(pairs, significant(heights).tolist(), strict=True):
        left, right = sorted(pair, key=places.__getitem__)
        merges.append(Merge(left=left, right=right, height=height))
        places.append(places[left])
    return tuple(order), tuple(merges)


def minimum_spanning_tree(distances: Floats) -> tuple[Edge, ...]:
    """The N-1 edges of smallest total length that connect all members, the shortest first.

    Of edges of equal length, those of earlier members are used. `distances` is N x N.
    """
    graph = nx.Graph()
    rows, columns = np.triu_indices(len(distances), 1)
    lengths = distances[rows, columns].tolist()
    graph.add_weighted_edges_from(zip(rows.tolist(), columns.tolist(), lengths, strict=True))
    found = nx.minimum_spanning_edges(graph, algorithm="kruskal", data=True)
    edges = (Edge(a=min(a, b), b=max(a, b), length=data["weight"]) for a, b, data in found)
    return tuple(sorted(edges, key=lambda edge: (edge.length, edge.a, edge.b)))


def nearest_neighbours(distances: Floats) -> tuple[Edge, ...]:
    """An edge from each member to its nearest neighbour; of several, to the first."""
    others = distances.copy()
    np.fill_diagonal(others, np.inf)
    nearest = others.argmin(axis=1).tolist()
    return tuple(
        Edge(a=member, b=other, length=float(distances[member, other]))
        for member, other in enumerate(nearest)
    )
