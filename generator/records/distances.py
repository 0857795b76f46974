"""Pairwise sums -> distances for other programs; None for pairs that were not compared."""

from collections.abc import Sequence

import numpy as np

from generator.records import BlockDistances, ComponentDistances, Matrix, Square
from generator.records.arrays import Booleans, Counts, Floats
from generator.records.pairwise_sums import PairwiseSums, Totals

METRICS = ("l2", "l1", "l0", "cosine")


def distance_matrix(sums: PairwiseSums, metrics: Sequence[str] = METRICS) -> Matrix:
    """The given metrics by component, and L2 by block.

    A component in only one checkpoint has zeros on the diagonal and None elsewhere.
    """
    return Matrix(
        members=sums.head.members,
        components={name: _component(sums, name, metrics) for name in sums.components},
        blocks={
            name: {
                block: BlockDistances(l2=_square(l2(totals), totals.elements > 0))
                for block in sums.blocks(name)
                for totals in [sums.add_up(name, block)]
            }
            for name in sums.components
        },
        excluded=sums.head.excluded,
    )


def distances(sums: PairwiseSums, component: str) -> Floats:
    """L2 over a component: N x N, NaN for pairs that cannot be compared."""
    totals = sums.add_up(component)
    return np.where(totals.elements > 0, l2(totals), np.nan)


def l2(totals: Totals) -> Floats:
    """|a-b|."""
    return np.sqrt(totals.squared)


def cosine(totals: Totals) -> Floats:
    """<a,b> / (|a||b|), between -1 and 1; NaN if one of the two is zero.

    Computed from the distance, not the product, so that it is exactly 1 for equal vectors.
    """
    lengths = np.sqrt(totals.norms)
    scale = lengths * lengths.T
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = totals.squared - (lengths - lengths.T) ** 2
        near_one: Floats = np.clip(1 - apart / (2 * scale), -1, 1)
    return np.where(scale > 0, near_one, np.nan)


def _component(sums: PairwiseSums, name: str, metrics: Sequence[str]) -> ComponentDistances:
    totals = sums.add_up(name)
    held = [sums.head.held.get(name, {}).get(member) for member in sums.head.members]
    elements = np.array([each.elements if each else 0 for each in held])
    alike = np.array([[one is not None and one == other for other in held] for one in held])
    if sums.head.origin == "imported":
        # The values are unknown; only that they were compared is known.
        elements, alike = np.diagonal(totals.elements), totals.elements > 0
    compared = totals.elements > 0
    np.fill_diagonal(compared, elements > 0)
    values: dict[str, Floats | Counts] = {
        "l2": l2(totals),
        "l1": totals.l1,
        "l0": totals.l0,
        "cosine": cosine(totals),
    }
    squares = {metric: _square(values[metric], compared) for metric in metrics}
    return ComponentDistances(**squares, identical=_identical(totals, alike, elements, compared))


def _identical(
    totals: Totals, alike: Booleans, elements: Counts, compared: Booleans
) -> tuple[tuple[bool | None, ...], ...]:
    """None also if everything comparable is identical, but something could not be compared."""
    same = alike & (totals.different == 0)
    np.fill_diagonal(same, True)
    unsure = same & (totals.elements < elements)
    np.fill_diagonal(unsure, False)
    return tuple(
        tuple(value if there else None for value, there in zip(row, mask, strict=True))
        for row, mask in zip(same.tolist(), (compared & ~unsure).tolist(), strict=True)
    )


def _square(values: Floats | Counts, known: Booleans) -> Square:
    return tuple(
        tuple(
            value if there and value == value else None
            for value, there in zip(row, mask, strict=True)
        )
        for row, mask in zip(values.tolist(), known.tolist(), strict=True)
    )
