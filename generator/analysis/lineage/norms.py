"""Norms and distances of two members -> whether the norm dips between them, or grows."""

from typing import Protocol

import numpy as np

from generator.records.arrays import Counts, Floats

# Squared norms of the two ends differ by at most this part of their squared distance: then the
# smallest norm is in the middle half between them.
LARGEST_GROWTH = 0.5
# Required certainty, in standard deviations of the inner product of independent directions.
SURE = 3.0


class PairTotals(Protocol):
    """N x N sums over the shared tensors of pairs of members."""

    @property
    def squared(self) -> Floats:
        """Squared distances."""

    @property
    def norms(self) -> Floats:
        """Squared norms, row by row; NaN if unknown."""

    @property
    def elements(self) -> Counts:
        """Numbers of elements."""


def norm_dips(sums: PairTotals, one: int, other: int) -> bool:
    """Whether the smallest norm on the line through two points is in the middle half between them.

    |A + w(B - A)|^2 is least at w = (1 + (|A|^2 - |B|^2) / |A - B|^2) / 2.
    """
    growth, chance = _growth(sums, one, other)
    return growth + SURE * chance <= LARGEST_GROWTH


def norm_grows(sums: PairTotals, one: int, other: int) -> bool:
    """Whether the squared norm grows from one to the other by their squared distance."""
    growth, chance = _growth(sums, one, other)
    return abs(growth - 1) + SURE * chance <= LARGEST_GROWTH


def _growth(sums: PairTotals, one: int, other: int) -> tuple[float, float]:
    """The difference of two squared norms divided by their squared distance, and its standard
    deviation by chance.

    In n dimensions, the inner product of independent directions has a standard deviation of the
    product of their norms divided by sqrt(n). Both are infinite if norms are unknown.
    """
    apart = sums.squared[one, other]
    norms = sums.norms[one, other], sums.norms[other, one]
    if not np.isfinite(norms).all():
        return np.inf, np.inf
    chance = 2 * np.sqrt(max(norms) / apart / max(int(sums.elements[one, other]), 1))
    return float(abs(norms[1] - norms[0]) / apart), float(chance)
