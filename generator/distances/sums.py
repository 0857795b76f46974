"""Sums over tensors, tile by tile -> sums of every pair of checkpoints.

Floating-point sums are pairs of float64; the second holds the rounding error of the first (Knuth's
two-sum, as in Dekker 1971). They carry 106 bits, so the 53 bits of the result depend neither on how
the tensors are split into tasks nor on which checkpoints were added later.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.distances.products import Rows
from generator.records.arrays import Booleans, Counts, Floats
from generator.records.pairwise_sums import Group, names_of

Pairs = tuple[NDArray[np.intp], ...]


class TensorSums(NamedTuple):
    """Sums over one tensor, or a range of it: R x R for R checkpoints.

    `different` counts chunks with different bytes. Only `wanted` pairs are added.
    """

    wanted: Booleans
    floats: dict[str, Floats]
    counts: dict[str, Counts]


class Sums:
    """Sums by group (component, block, kind) for N checkpoints: arrays of G x N x N."""

    def __init__(self, groups: Sequence[Group], n_members: int, *, pairwise: bool) -> None:
        self.groups = tuple(groups)
        self._places = {group: place for place, group in enumerate(self.groups)}
        shape = (len(self.groups), n_members, n_members)
        floats, counts = names_of(pairwise)
        self.high: dict[str, Floats] = {name: np.zeros(shape) for name in floats}
        self.low: dict[str, Floats] = {name: np.zeros(shape) for name in floats}
        self.counts: dict[str, Counts] = {name: np.zeros(shape, np.int64) for name in counts}

    def add(self, group: Group, members: Rows, part: TensorSums) -> None:
        """Add sums over one tensor of `group`, whose rows are `members`."""
        place, pairs = self._places[group], np.ix_(members, members)
        for name, values in part.floats.items():
            terms = np.where(part.wanted, values, 0.0)
            _add(self.high[name][place], self.low[name][place], pairs, terms, 0 * terms)
        for name, numbers in part.counts.items():
            self.counts[name][place][pairs] += np.where(part.wanted, numbers, 0)

    def merge(self, other: "Sums", members: Rows) -> None:
        """Add sums in which checkpoint number i is `members[i]` of these."""
        pairs = np.ix_(members, members)
        for number, group in enumerate(other.groups):
            place = self._places[group]
            for name in other.high:
                terms = other.high[name][number], other.low[name][number]
                _add(self.high[name][place], self.low[name][place], pairs, *terms)
            for name in other.counts:
                self.counts[name][place][pairs] += other.counts[name][number]


def _add(high: Floats, low: Floats, pairs: Pairs, more: Floats, more_low: Floats) -> None:
    """Add `more + more_low` to the `pairs` of `high + low`, in place."""
    old = high[pairs]
    total = old + more
    bounce = total - old
    lost = (old - (total - bounce)) + (more - bounce) + low[pairs] + more_low
    high[pairs] = total + lost
    low[pairs] = lost - (high[pairs] - total)
