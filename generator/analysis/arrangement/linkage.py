"""Distances -> clusters of average linkage, the nearest first.

Chains of nearest neighbours, after Murtagh, "A survey of recent advances in hierarchical clustering
algorithms" (1983): time grows with the square of the number of members.
"""

import numpy as np

from generator.records.arrays import Floats


def average_linkage(distances: Floats) -> tuple[list[tuple[int, int]], Floats]:
    """The N-1 merges of N members, ascending, and their heights (N-1,).

    Merge number i creates cluster N+i from two clusters, the earlier first; its height is the mean
    distance of their members. `distances` is N x N, float64, symmetric.
    """
    count = len(distances)
    between = distances.astype(np.float64)
    np.fill_diagonal(between, np.inf)
    sizes = np.ones(count)
    merged: list[tuple[int, int, float]] = []
    chain: list[int] = []
    while len(merged) < count - 1:
        if not chain:
            chain.append(int(np.flatnonzero(sizes)[0]))
        here = chain[-1]
        there = int(between[here].argmin())
        # Of several nearest, the one before in the chain: else the chain could go in a circle.
        if len(chain) > 1 and between[here, chain[-2]] <= between[here, there]:
            there = chain[-2]
            del chain[-2:]
            merged.append((here, there, float(between[here, there])))
            _join(between, sizes, *sorted((here, there)))
        else:
            chain.append(there)
    merged.sort(key=lambda merge: merge[2])
    return _numbered(merged, count), np.array([height for _, _, height in merged])


def _join(between: Floats, sizes: Floats, gone: int, kept: int) -> None:
    """Join two clusters; a cluster that is gone is infinitely far from all."""
    joined = (sizes[gone] * between[gone] + sizes[kept] * between[kept]) / (
        sizes[gone] + sizes[kept]
    )
    joined[[gone, kept]] = np.inf
    between[kept] = between[:, kept] = joined
    between[gone] = between[:, gone] = np.inf
    sizes[kept] += sizes[gone]
    sizes[gone] = 0


def _numbered(merged: list[tuple[int, int, float]], count: int) -> list[tuple[int, int]]:
    """The merges with the numbers of clusters in place of one member of each."""
    cluster_of = list(range(count))
    members = [[member] for member in range(count)]
    pairs = []
    for one, other, _ in merged:
        left, right = sorted((cluster_of[one], cluster_of[other]))
        pairs.append((left, right))
        members.append(members[left] + members[right])
        for member in members[-1]:
            cluster_of[member] = len(members) - 1
    return pairs
