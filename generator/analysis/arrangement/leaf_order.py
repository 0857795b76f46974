"""A tree of clusters and distances -> the optimal order of its leaves.

After Bar-Joseph, Gifford and Jaakkola, "Fast optimal leaf ordering for hierarchical clustering"
(2001). SciPy's function of that name often returns orders that are not optimal.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from generator.records.arrays import Floats


class Cluster(NamedTuple):
    """A cluster of two sub-clusters, `left` and `right`, by number; its `leaves`, left first; and
    `costs[i, j]`: the smallest sum of distances between neighbours in an order that begins with
    leaf i of the left part and ends with leaf j of the right part."""

    left: int
    right: int
    leaves: list[int]
    costs: Floats


def best_order(merges: Sequence[tuple[int, int]], distances: Floats) -> list[int]:
    """The leaves 0 to N-1 in the order with the smallest sum of distances between neighbours, among
    all orders that the tree allows.

    Merge number i creates cluster N+i from two clusters. `distances` is N x N, float64.
    """
    count = len(distances)
    clusters = [Cluster(-1, -1, [leaf], np.zeros((1, 1))) for leaf in range(count)]
    for left, right in merges:
        one, other = clusters[left], clusters[right]
        between = distances[np.ix_(one.leaves, other.leaves)]
        costs = _least_sums(
            _least_sums(_from_end_to_end(one, clusters), between), _from_end_to_end(other, clusters)
        )
        clusters.append(Cluster(left, right, one.leaves + other.leaves, costs))
    top = clusters[-1]
    if top.left < 0:
        return top.leaves
    first, last = divmod(int(top.costs.argmin()), top.costs.shape[1])
    ends = (top.leaves[first], top.leaves[len(clusters[top.left].leaves) + last])
    return list(_unfold(len(clusters) - 1, *ends, clusters, distances))


def _unfold(
    number: int, first: int, last: int, clusters: Sequence[Cluster], distances: Floats
) -> Iterator[int]:
    """The best order of a cluster that begins with the leaf `first` and ends with `last`."""
    waiting = [(number, first, last)]
    while waiting:
        number, first, last = waiting.pop()
        cluster = clusters[number]
        if cluster.left < 0:
            yield first
            continue
        one, other = cluster.left, cluster.right
        if first not in clusters[one].leaves:
            one, other = other, one
        starts, ends = clusters[one], clusters[other]
        from_first = _from_end_to_end(starts, clusters)[starts.leaves.index(first)]
        to_last = _from_end_to_end(ends, clusters)[:, ends.leaves.index(last)]
        between = distances[np.ix_(starts.leaves, ends.leaves)]
        sums = from_first[:, None] + between + to_last
        inner, outer = divmod(int(sums.argmin()), len(ends.leaves))
        waiting.append((other, ends.leaves[outer], last))
        waiting.append((one, first, starts.leaves[inner]))


def _from_end_to_end(cluster: Cluster, clusters: Sequence[Cluster]) -> Floats:
    """The costs between all pairs of leaves as ends, symmetric; infinite if both leaves are in the
    same part."""
    if cluster.left < 0:
        return cluster.costs
    size, half = len(cluster.leaves), len(clusters[cluster.left].leaves)
    square = np.full((size, size), np.inf)
    square[:half, half:] = cluster.costs
    square[half:, :half] = cluster.costs.T
    return square


def _least_sums(a: Floats, b: Floats) -> Floats:
    """min over k of a[i, k] + b[k, j]: L x M and M x R give L x R."""
    least = np.full((len(a), b.shape[1]), np.inf)
    for column, row in zip(a.T, b, strict=True):
        np.minimum(least, column[:, None] + row, out=least)
    return least
