"""Distances -> clusters in the order of a dendrogram, the minimum spanning tree, neighbours."""

import networkx as nx
import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from generator.analysis.arrangement.leaf_order import best_order
from generator.analysis.arrangement.numerics import significant
from generator.records import Edge, Merge
from generator.records.arrays import Floats


def clusters(distances: Floats) -> tuple[tuple[int, ...], tuple[Merge, ...]]:
    """Order of the leaves, and the merges, of average-linkage clustering.

    `distances` is N x N, zero on the diagonal. Of the best order and its reverse it is the one that
    begins with the member that comes first.
    """
    links = linkage(squareform(distances), method="average")
    pairs = [(left, right) for left, right in links[:, :2].astype(int).tolist()]
    order = best_order(pairs, distances)
    if order[0] > order[-1]:
        order.reverse()
    # The place of a cluster in the order: that of any of its members will do.
    places = [order.index(member) for member in range(len(order))]
    merges = []
    for pair, height in zip(pairs, significant(links[:, 2]).tolist(), strict=True):
        left, right = sorted(pair, key=places.__getitem__)
        merges.append(Merge(left=left, right=right, height=height))
        places.append(places[left])
    return tuple(order), tuple(merges)


def minimum_spanning_tree(distances: Floats) -> tuple[Edge, ...]:
    """The N-1 edges of least total length that join all, the shortest first.

    Between edges of equal length, those of the first members are taken. `distances` is N x N.
    """
    graph = nx.Graph()
    rows, columns = np.triu_indices(len(distances), 1)
    lengths = distances[rows, columns].tolist()
    graph.add_weighted_edges_from(zip(rows.tolist(), columns.tolist(), lengths, strict=True))
    found = nx.minimum_spanning_edges(graph, algorithm="kruskal", data=True)
    edges = (Edge(a=min(a, b), b=max(a, b), length=data["weight"]) for a, b, data in found)
    return tuple(sorted(edges, key=lambda edge: (edge.length, edge.a, edge.b)))


def nearest_neighbours(distances: Floats) -> tuple[Edge, ...]:
    """An edge from each member to the nearest other one, of several the first."""
    others = distances.copy()
    np.fill_diagonal(others, np.inf)
    nearest = others.argmin(axis=1).tolist()
    return tuple(
        Edge(a=member, b=other, length=float(distances[member, other]))
        for member, other in enumerate(nearest)
    )
