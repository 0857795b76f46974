"""Squared distances by part -> whether two steps stand at right angles.

Trainings that know nothing of one another change weights in independent directions. In n
dimensions the cosine of two such directions is 0 with a standard deviation of 1 / sqrt(n). One
cosine near 0 may be a coincidence: seen from the merge of A with a checkpoint that is missing, A
and the base are at a right angle if both parents changed as much. Not so in a hundred parts (kinds
within blocks), each of which changed by an amount of its own. So two steps count as independent
only if their inner products are within chance in the whole and in the parts. Nor may they be much
smaller: steps that are at right angles by construction are not independent, such as a change that
was pruned or cut to a lower rank, and what was left out of it.

2<x - a, y - b> = |x - b|^2 + |y - a|^2 - |x - y|^2 - |a - b|^2.
"""

from typing import NamedTuple

import numpy as np

from generator.records.arrays import Booleans, Counts, Floats

# Largest inner product by chance, in standard deviations.
SURE = 4.0
# Squared deviations in a part count up to this much: the tails are heavy if few values dominate.
TRIM = 9.0
# The mean of squared deviations over P parts is 1 by chance, in networks, whose dimensions do not
# count alike, somewhat more; with a standard deviation of sqrt(2 / P) and a long tail.
UNEVEN, TAIL = 1.5, 6.0
# The mean is less than this by construction only, if there are enough parts.
EXACTLY_RIGHT, FEWEST_PARTS = 0.05, 4
# A part says something about a step if it changed by more than rounding.
CHANGED = 4.0
# Share of the parts that an adapter leaves as they were.
LEFT_ALONE = 0.2


class Parts(NamedTuple):
    """P parts of N members: squared distances (P x N x N), numbers of dimensions (P) and the
    squared distances that rounding causes (P x N)."""

    squared: Floats
    dimensions: Floats
    noise: Floats


class Angle(NamedTuple):
    """Between one step and M others: the cosine, the inner product and its standard deviation by
    chance; the inner product and the mean over parts of squared inner products, both in standard
    deviations of chance; and the number of parts that changed. M each."""

    cosine: Floats
    inner: Floats
    chance: Floats
    sure: Floats
    spread: Floats
    parts: Counts

    @property
    def right(self) -> Booleans:
        """Whether the steps are independent."""
        with np.errstate(divide="ignore"):
            chance = np.sqrt(2 / self.parts)
        least = np.maximum(1 - SURE * chance, EXACTLY_RIGHT)
        least = np.where(self.parts >= FEWEST_PARTS, least, 0.0)
        found: Booleans = (
            (np.abs(self.sure) <= SURE)
            & (self.spread <= UNEVEN + TAIL * chance)
            & (self.spread >= least)
        )
        return found

    @property
    def acute(self) -> Booleans:
        """Whether the steps have a part in common."""
        found: Booleans = self.sure > SURE
        return found


def is_partial(parts: Parts, one: int, other: int) -> bool:
    """Whether two members that differ are equal, but for rounding, in many parts: as those are
    that differ by most adapters."""
    rounding = parts.noise[:, one] + parts.noise[:, other]
    changed = parts.squared[:, one, other] > CHANGED * rounding
    return bool(changed.any() and (~changed).mean() > LEFT_ALONE)


def is_surely_partial(parts: Parts, one: int, other: int) -> bool:
    """The same of those parts alone in which a change as large as that of the others would show: in
    bfloat16, a fine-tune leaves most values of norms, which are near 1, as they were."""
    squared, floor = (
        parts.squared[:, one, other],
        CHANGED * (parts.noise[:, one] + parts.noise[:, other]),
    )
    changed = squared > floor
    if not changed.any():
        return False
    usual = squared[changed].sum() / parts.dimensions[changed].sum()
    alone = ~changed & (usual * parts.dimensions > floor)
    return bool(alone.sum() > LEFT_ALONE * (alone.sum() + changed.sum()))


def angles(parts: Parts, start: int, end: int, origin: int) -> Angle:
    """Angles of the step from `start` to `end` with the steps from `origin` to all N members."""
    squared, noise = parts.squared, parts.noise
    inner = (
        squared[:, end, origin][:, None]
        + squared[:, start, :]
        - squared[:, end, :]
        - squared[:, start, origin][:, None]
    ) / 2
    # The rounding of a point in both steps is in their inner product.
    slack = np.zeros_like(inner)
    if origin in (start, end):
        slack += noise[:, [origin]]
    for each in (start, end):
        slack[:, each] += noise[:, each]
    inner = np.sign(inner) * np.maximum(np.abs(inner) - slack, 0)
    own, others = squared[:, start, end][:, None], squared[:, origin, :]
    floor = CHANGED * noise
    told = (own > floor[:, [start]] + floor[:, [end]]) & (others > floor[:, [origin]] + floor)
    product = np.where(told, own * others, 0.0)
    inner = np.where(told, inner, 0.0)
    chance = product / parts.dimensions[:, None]
    count = told.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        by_part = np.where(told, inner**2 / chance, 0.0)
        spread = np.minimum(by_part, TRIM).sum(0) / count
        return Angle(
            cosine=inner.sum(0) / np.sqrt((own * told).sum(0) * (others * told).sum(0)),
            inner=inner.sum(0),
            chance=np.sqrt(chance.sum(0)),
            sure=inner.sum(0) / np.sqrt(chance.sum(0)),
            spread=spread,
            parts=count,
        )
