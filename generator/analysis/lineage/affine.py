"""Squared distances -> the mix of given points that is nearest to a target, in closed form.

Points are checkpoints, known only by their distances, all float64. Inner products follow:
2<x, y> = |x|^2 + |y|^2 - |x - y|^2, for x and y seen from any point.

A remaining squared distance can be negative: slightly by rounding, more if distances are not those
of points (published ones are over whatever tensors two checkpoints share). Its absolute value
counts.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from generator.records.arrays import Counts, Floats

# Squared sine of the angle below which three points count as collinear: the accuracy of squared
# distances of float32 weights.
COLLINEAR = 2e-6


def nearest_mix(squared: Floats, target: int, parents: Sequence[int]) -> tuple[Floats, float]:
    """Weights (sum 1) of the mix of `parents` nearest to `target`, and its squared distance.

    `squared` is N x N. Weights are NaN if all parents are equal. If several mixes are equally near,
    the weights have the smallest sum of squares; the order of the parents does not matter.

    With weights w that sum to 1, the squared distance is <w, d> - <w, D w> / 2, for the squared
    distances d from the target and D between the parents. w is 1/k plus a vector that sums to zero.
    """
    places = list(parents)
    between, start = squared[np.ix_(places, places)], squared[target, places]
    if not between.any():
        return np.full(len(places), np.nan), float(start[0])
    zero_sum = _zero_sum(len(places))
    mean = np.full(len(places), 1 / len(places))
    gram = -zero_sum.T @ between @ zero_sum
    onto = zero_sum.T @ (between @ mean - start)
    weights = mean + zero_sum @ np.linalg.lstsq(gram, onto, rcond=COLLINEAR)[0]
    left = weights @ start - weights @ between @ weights / 2
    return weights, float(left)


def are_independent(squared: Floats) -> bool:
    """Whether the weights of a mix of all N points are unique: no point is a mix of the others."""
    zero_sum = _zero_sum(len(squared))
    sizes = np.linalg.eigvalsh(-zero_sum.T @ squared @ zero_sum)
    return bool(sizes[0] > COLLINEAR * sizes[-1])


def _zero_sum(count: int) -> Floats:
    """Orthonormal columns that span the vectors whose elements sum to zero, k x (k - 1)."""
    basis: Floats = np.linalg.qr(np.eye(count) - 1 / count)[0][:, : count - 1]
    return basis


def nearest_difference(
    squared: Floats, target: int, parents: Sequence[int]
) -> tuple[Floats, float]:
    """Weights 1, w, -w of the A + w(B - C) nearest to `target`, and its squared distance.

    `squared` is N x N, `parents` are A, B, C. w is NaN if B equals C.
    """
    a, b, c = parents
    # 2<T - A, B - C>
    along = squared[target, c] + squared[a, b] - squared[target, b] - squared[a, c]
    if not squared[b, c]:
        return np.array([1, np.nan, np.nan]), float(squared[target, a])
    weight = along / 2 / squared[b, c]
    return np.array([1, weight, -weight]), float(squared[target, a] - weight * along / 2)


def to_segment(squared: Floats, target: int, one: int, other: int) -> Floats:
    """Squared distances from `target` to the mixes of two, weights within 0 and 1.

    `squared` is B x N x N, a matrix per block; each block has its own weight.
    """
    start, apart, onto = _along(squared, target, one, other)
    share = np.clip(_divide(onto, apart), 0, 1)
    return np.abs(start - share * (2 * onto - share * apart))


def to_line(squared: Floats, target: int, one: int, other: int) -> Floats:
    """The same to the whole line through two."""
    start, apart, onto = _along(squared, target, one, other)
    return np.abs(start - _divide(onto * onto, apart))


def to_triangle(squared: Floats, target: int, one: int, other: int, third: int) -> Floats:
    """The same to the mixes of three, weights within 0 and 1."""
    pairs = ((one, other), (one, third), (other, third))
    u, v, between = (squared[:, a, b] for a, b in pairs)
    to_one, to_other, to_third = (squared[:, target, each] for each in (one, other, third))
    x, y, inside = shares_of_three(u, v, between, to_one, to_other, to_third)
    edges = np.min([to_segment(squared, target, *pair) for pair in pairs], axis=0)
    # The nearest point of a triangle is inside or on an edge.
    with np.errstate(invalid="ignore"):
        within = (x >= 0) & (y >= 0) & (x + y <= 1)
    return np.where(within, np.abs(inside), edges)


def to_difference(squared: Floats, target: int, parents: Sequence[int], largest: float) -> Floats:
    """The same to A + w(B - C), w within 0 and `largest`."""
    a, b, c = parents
    along = squared[:, target, c] + squared[:, a, b] - squared[:, target, b] - squared[:, a, c]
    apart = squared[:, b, c]
    weight = np.clip(_divide(along / 2, apart), 0, largest)
    return np.abs(squared[:, target, a] - weight * (along - weight * apart))


class Space(NamedTuple):
    """N members and their squared distances by block (B x N x N) and in total (N x N).

    `parts` are those of the finest known parts (kinds within blocks), shaped like `blocks`. `one`
    and `other` are the members of all P pairs; `apart` (B x P) and `span` (P) are their distances
    by block and in total.
    """

    blocks: Floats
    parts: Floats
    total: Floats
    one: Counts
    other: Counts
    apart: Floats
    span: Floats


def space_of(blocks: Floats, parts: Floats | None = None) -> Space:
    """The members whose squared distances by block are `blocks`, B x N x N."""
    one, other = np.triu_indices(blocks.shape[1], 1)
    apart = blocks[:, one, other]
    finest = blocks if parts is None else parts
    return Space(blocks, finest, blocks.sum(0), one, other, apart, apart.sum(0))


class Pairs(NamedTuple):
    """For every mix (1 - w) `one` + w `other`: the best w over all blocks, and squared distances.

    `left` is to the mix with the best weight within [0, 1] for each block: an extrapolation is not
    a merge. `simpler` is to the nearer of the two, chosen per block.
    """

    weight: Floats
    left: Floats
    simpler: Floats


def all_pairs(space: Space, target: int) -> Pairs:
    """All mixes of two."""
    left, along, simpler = np.zeros((3, len(space.one)))
    for squared, apart in zip(space.blocks, space.apart, strict=True):
        row = squared[target]
        start, end = row[space.one], row[space.other]
        onto = (start + apart - end) / 2
        along += onto
        share = np.clip(_divide(onto, apart), 0, 1)
        left += start - share * (2 * onto - share * apart)
        simpler += np.minimum(start, end)
    return Pairs(_divide(along, space.span), np.abs(left), simpler)


def all_triples(
    space: Space, target: int, one: Counts, other: Counts, third: Counts
) -> tuple[Floats, Floats]:
    """For P mixes of three: the best weights over all blocks (P x 3), and squared distances (P).

    Squared distances as in `all_pairs`, without bounds on weights. For three collinear members,
    whose weights are undetermined, they are infinite and weights are NaN.
    """

    def shares(squared: Floats) -> tuple[Floats, Floats, Floats]:
        row = squared[target]
        u, v, between = squared[one, other], squared[one, third], squared[other, third]
        return shares_of_three(u, v, between, row[one], row[other], row[third])

    x, y, _ = shares(space.total)
    left = np.zeros(len(one))
    for squared in space.blocks:
        left += np.abs(shares(squared)[2])
    return np.stack([1 - x - y, x, y], axis=1), np.where(np.isfinite(x), left, np.inf)


def all_differences(space: Space, target: int, base: int) -> tuple[Floats, Floats]:
    """For every `base` + w (`one` - `other`): the best w, and the squared distance to the target.

    A negative w means that `one` and `other` are exchanged.
    """
    towards = space.total[base] - space.total[target]
    onto = (towards[space.one] - towards[space.other]) / 2
    weight = _divide(onto, space.span)
    return weight, np.abs(space.total[target, base] - weight * onto)


def shares_of_three(
    u: Floats, v: Floats, between: Floats, to_one: Floats, to_other: Floats, to_third: Floats
) -> tuple[Floats, Floats, Floats]:
    """Weights of `other` and `third` in a mix of three, and the squared distance to it.

    Arguments are squared distances: `u` and `v` from `one` to `other` and `third`, `between` these
    two, and from each to the target.
    """
    across = (u + v - between) / 2
    onto_u = (to_one + u - to_other) / 2
    onto_v = (to_one + v - to_third) / 2
    area = u * v - across * across
    flat = area <= COLLINEAR * u * v
    area = np.where(flat, np.nan, area)
    x = (onto_u * v - onto_v * across) / area
    y = (onto_v * u - onto_u * across) / area
    # Collinear in this block: the better of the two directions.
    along = np.maximum(_divide(onto_u * onto_u, u), _divide(onto_v * onto_v, v))
    return x, y, to_one - np.where(flat, along, x * onto_u + y * onto_v)


def _along(squared: Floats, target: int, one: int, other: int) -> tuple[Floats, Floats, Floats]:
    """|T - A|^2, |B - A|^2 and <T - A, B - A>, by block."""
    start, apart = squared[:, target, one], squared[:, one, other]
    return start, apart, (start + apart - squared[:, target, other]) / 2


def _divide(above: Floats, below: Floats) -> Floats:
    """Zero where `below` is zero."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
