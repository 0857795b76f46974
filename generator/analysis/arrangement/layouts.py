"""Distances -> positions in the plane: the spectral layout, and one whose lengths mean distance.

Members at distance zero are one point in both. Where the result is not unique (equal eigenvalues),
a fixed perturbation decides. It is far below the shown precision and far above rounding errors, so
that the same distances give the same drawing on every machine.
"""

import math
from typing import NamedTuple

import numpy as np

from generator.analysis.arrangement.minimum import minimum
from generator.analysis.arrangement.numerics import first_alike, first_largest
from generator.records import Layout
from generator.records.arrays import Floats

DISTURBANCE = 1e-7
SEED = 0
# A later start must be better by this factor to be used.
BETTER = 1e-6
# Decimals of positions, relative to the width of a drawing: no text prints them, and further digits
# would differ between machines.
DECIMALS = 6


class DistinctPoints(NamedTuple):
    """The M different points of N members: distances (M x M), members per point, and the point of
    every member."""

    distances: Floats
    counts: Floats
    place_of: list[int]


def layouts(distances: Floats) -> tuple[Layout, ...]:
    """The layouts `spectral` and `stress` of members at `distances`, N x N, float64.

    Positions of `stress` are in the unit of the distances, those of `spectral` between -1 and 1.
    """
    points = _points(distances)
    if len(points.counts) == 1:
        drawn = {"spectral": np.zeros((1, 2)), "stress": np.zeros((1, 2))}
    else:
        drawn = {"spectral": _spectral(points), "stress": _least_stress(points)}
    return tuple(
        _layout(name, positions[points.place_of], distances) for name, positions in drawn.items()
    )


def stress_of(positions: Floats, distances: Floats) -> float:
    """Stress of N x 2 positions, as defined in `Layout`; 0 if all distances are 0."""
    lengths = _lengths(positions[:, 0], positions[:, 1])
    squares = float((lengths**2).sum())
    scale = float((lengths * distances).sum()) / squares if squares else 0.0
    wrong = float(((scale * lengths - distances) ** 2).sum())
    return math.sqrt(wrong / float((distances**2).sum())) if distances.any() else 0.0


def _points(distances: Floats) -> DistinctPoints:
    firsts = first_alike(distances == 0)
    kept, place_of, counts = np.unique(firsts, return_inverse=True, return_counts=True)
    return DistinctPoints(
        distances[np.ix_(kept, kept)], counts.astype(np.float64), place_of.tolist()
    )


def _layout(name: str, positions: Floats, distances: Floats) -> Layout:
    extent = float(np.ptp(positions, axis=0).max())
    decimals = DECIMALS - math.ceil(math.log10(extent)) if extent else DECIMALS
    # Adding zero turns -0.0 into 0.0.
    rounded = np.round(positions, decimals) + 0.0
    return Layout(
        name=name,
        positions=tuple((x, y) for x, y in rounded.tolist()),
        stress=stress_of(rounded, distances),
    )


def _spectral(points: DistinctPoints) -> Floats:
    """Second and third eigenvector of the Laplacian of the graph with the weights 1 / distance, as
    networkx draws it: centred, the farther coordinate 1. Signs: the largest entry is positive.

    Hall, "An r-dimensional quadratic placement algorithm" (1970).
    """
    with np.errstate(divide="ignore"):
        weights = 1 / _disturbed(points.distances)
    np.fill_diagonal(weights, 0)
    weights /= weights.max()
    _, vectors = np.linalg.eigh(np.diag(weights.sum(axis=1)) - weights)
    positions = np.zeros((len(weights), 2))
    found = vectors[:, 1:3]
    positions[:, : found.shape[1]] = found - found.mean(axis=0)
    scaled = positions / np.abs(positions).max()
    return np.column_stack([_upright(scaled[:, 0]), _upright(scaled[:, 1])])


def _least_stress(points: DistinctPoints) -> Floats:
    """Positions with the smallest sum of (length - distance)^2 over all pairs of members, by L-BFGS
    from classical scaling or the spectral layout; the farthest pair is horizontal.

    The measure is Kruskal's (1964). At its minima no two points coincide (de Leeuw, 1984), so the
    gradient exists.
    """
    scale = float(points.distances.max())
    distances = _disturbed(points.distances / scale)
    pairs = np.outer(points.counts, points.counts)
    best, least = np.zeros((len(distances), 2)), math.inf
    for start in (_classical(distances), _spectral(points)):
        found = minimum(lambda flat: _raw_stress(flat, distances, pairs), start.T.ravel())
        if found.value < least * (1 - BETTER):
            best, least = found.place.reshape(2, -1).T, found.value
    return _levelled(best, points.distances) * scale


def _raw_stress(flat: Floats, distances: Floats, pairs: Floats) -> tuple[float, Floats]:
    """Weighted sum of (length - distance)^2 over all pairs, and its gradient; `flat` holds all x
    and then all y."""
    x, y = flat.reshape(2, -1)
    lengths = _lengths(x, y)
    errors = pairs * (lengths - distances)
    pull = errors / np.maximum(lengths, 1e-12)
    total = pull.sum(axis=1)
    pulled = [total * at - (pull * at).sum(axis=1) for at in (x, y)]
    return float((errors * (lengths - distances)).sum()) / 2, 2 * np.concatenate(pulled)


def _classical(distances: Floats) -> Floats:
    """Classical scaling (Torgerson, 1952): M x 2."""
    squares = distances**2
    means = squares.mean(axis=0)
    values, vectors = np.linalg.eigh((means + means[:, None] - squares - means.mean()) / 2)
    positions: Floats = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0))
    return positions


def _disturbed(distances: Floats) -> Floats:
    """The distances with a small perturbation; symmetric, zero on the diagonal."""
    noise = np.random.default_rng(SEED).uniform(-DISTURBANCE, DISTURBANCE, distances.shape)
    changed: Floats = distances * (1 + np.triu(noise, 1) + np.triu(noise, 1).T)
    return changed


def _levelled(positions: Floats, distances: Floats) -> Floats:
    """Centred and rotated: of the farthest pair, the first member is on the left, and the point
    farthest from their line is above it."""
    a, b = divmod(first_largest(distances.ravel()), len(distances))
    across = positions[max(a, b)] - positions[min(a, b)]
    across /= max(float(np.hypot(*across)), 1e-12)
    centred = positions - positions.mean(axis=0)
    turned = np.column_stack([centred @ across, centred @ np.array([-across[1], across[0]])])
    return np.column_stack([turned[:, 0], _upright(turned[:, 1])])


def _upright(values: Floats) -> Floats:
    """`values` with the sign that makes the largest absolute value positive."""
    return values if values[first_largest(np.abs(values))] >= 0 else -values


def _lengths(x: Floats, y: Floats) -> Floats:
    lengths: Floats = np.hypot(x[:, None] - x, y[:, None] - y)
    return lengths
