"""Squared distances -> the mix of some points that is nearest to another, in closed form.

Points are checkpoints; only their distances to one another are known, all of it float64. Inner
products follow from them: 2<x, y> = |x|^2 + |y|^2 - |x - y|^2, for x and y seen from any point.

What is left of a squared distance comes out negative by rounding, and by more where the distances
are none of points: published ones are of whatever tensors two checkpoints share. So what is left
counts by its size, and a mix that leaves much less than nothing is no better than one that leaves
as much.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from generator.arrays import Counts, Floats

# Points whose directions from another differ by less (sine squared) stand on one line with it.
COLLINEAR = 1e-9


def nearest_mix(squared: Floats, target: int, parents: Sequence[int]) -> tuple[Floats, float]:
    """Weights (summing to 1) of the mix of `parents` nearest to `target`, and its squared distance.

    `squared` is N x N. Weights are NaN for parents that do not differ from one another, and the
    smallest possible for more of them than it takes.
    """
    first, *others = parents
    from_first = squared[others, first]
    if not from_first.any():
        return np.full(len(parents), np.nan), float(squared[target, first])
    gram = (from_first[:, None] + from_first[None, :] - squared[np.ix_(others, others)]) / 2
    onto = (squared[target, first] + from_first - squared[target, others]) / 2
    rest = np.linalg.lstsq(gram, onto, rcond=COLLINEAR)[0]
    left = squared[target, first] - 2 * rest @ onto + rest @ gram @ rest
    return np.array([1 - rest.sum(), *rest]), float(left)


def nearest_difference(
    squared: Floats, target: int, parents: Sequence[int]
) -> tuple[Floats, float]:
    """Weights 1, w, -w of the A + w(B - C) nearest to `target`, and its squared distance.

    `squared` is N x N, `parents` are A, B, C. w is NaN if B does not differ from C.
    """
    a, b, c = parents
    # 2<T - A, B - C>
    along = squared[target, c] + squared[a, b] - squared[target, b] - squared[a, c]
    if not squared[b, c]:
        return np.array([1, np.nan, np.nan]), float(squared[target, a])
    weight = along / 2 / squared[b, c]
    return np.array([1, weight, -weight]), float(squared[target, a] - weight * along / 2)


class Pairs(NamedTuple):
    """All P pairs of N members: their numbers, and their squared distances by block, B x P.

    `total` is the sum of these.
    """

    one: Counts
    other: Counts
    apart: Floats
    total: Floats


def pair_up(blocks: Floats) -> Pairs:
    """Every pair once; `blocks` is B x N x N."""
    one, other = np.triu_indices(blocks.shape[1], 1)
    apart = blocks[:, one, other]
    return Pairs(one, other, apart, apart.sum(0))


def all_pairs(blocks: Floats, target: int, pairs: Pairs) -> tuple[Floats, Floats]:
    """For every mix (1 - w) `one` + w `other`: the best w over all blocks, and what is left.

    What is left is the sum over `blocks` of the squared distances, each block with the best weight
    of its own within [0, 1]: an extrapolation is no merge.
    """
    left = np.zeros(len(pairs.one))
    along = np.zeros(len(pairs.one))
    for squared, apart in zip(blocks, pairs.apart, strict=True):
        row = squared[target]
        start = row[pairs.one]
        onto = (start + apart - row[pairs.other]) / 2
        along += onto
        share = np.clip(_divide(onto, apart), 0, 1)
        left += start - share * (2 * onto - share * apart)
    return _divide(along, pairs.total), np.abs(left)


def all_triples(
    blocks: Floats, target: int, one: Counts, other: Counts, third: Counts
) -> tuple[Floats, Floats]:
    """For P mixes of three: the best weights over all blocks (P x 3), and what is left (P).

    What is left is as in `all_pairs`, without bounds. It is infinite, and weights are NaN, for
    three on one line, whose weights cannot be told.
    """
    x, y, _ = _shares(blocks.sum(0), target, one, other, third)
    left = np.zeros(len(one))
    for squared in blocks:
        left += np.abs(_shares(squared, target, one, other, third)[2])
    return np.stack([1 - x - y, x, y], axis=1), np.where(np.isfinite(x), left, np.inf)


def all_differences(squared: Floats, target: int, base: int, pairs: Pairs) -> tuple[Floats, Floats]:
    """For every `base` + w (`one` - `other`): the best w, and the squared distance to the target.

    `squared` is N x N. A negative w means that `one` and `other` change places.
    """
    towards = squared[base] - squared[target]
    onto = (towards[pairs.one] - towards[pairs.other]) / 2
    weight = _divide(onto, pairs.total)
    return weight, np.abs(squared[target, base] - weight * onto)


def _shares(
    squared: Floats, target: int, one: Counts, other: Counts, third: Counts
) -> tuple[Floats, Floats, Floats]:
    """Weights of `other` and `third`, and the squared distance to the mix."""
    u, v = squared[one, other], squared[one, third]
    across = (u + v - squared[other, third]) / 2
    start = squared[target, one]
    onto_u = (start + u - squared[target, other]) / 2
    onto_v = (start + v - squared[target, third]) / 2
    area = u * v - across * across
    flat = area <= COLLINEAR * u * v
    area = np.where(flat, np.nan, area)
    x = (onto_u * v - onto_v * across) / area
    y = (onto_v * u - onto_u * across) / area
    # On one line in this block: as far as either of the two leads.
    along = np.maximum(_divide(onto_u * onto_u, u), _divide(onto_v * onto_v, v))
    return x, y, start - np.where(flat, along, x * onto_u + y * onto_v)


def _divide(above: Floats, below: Floats) -> Floats:
    """Zero where `below` is zero."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
