"""Rounding that removes differences between linear algebra libraries, and equal distances."""

import numpy as np

from generator.records.arrays import Booleans, Floats

DIGITS = 9


def significant(values: Floats, digits: int = DIGITS) -> Floats:
    """Every value rounded to that many significant decimal digits; same shape, float64."""
    rounded = [float(f"{value:.{digits - 1}e}") for value in values.ravel().tolist()]
    return np.array(rounded).reshape(values.shape)


def first_alike(same: Booleans) -> list[int]:
    """For each of N members, the first one that is the same, possibly itself; `same` is N x N.

    If "same" is not transitive, no two of the returned members are the same.
    """
    firsts: list[int] = []
    found: list[int] = []
    for member, row in enumerate(same.tolist()):
        first = next((one for one in firsts if row[one]), member)
        if first == member:
            firsts.append(member)
        found.append(first)
    return found


def first_largest(values: Floats) -> int:
    """Index of the first value that equals the largest one up to noise."""
    return int(np.argmax(values >= values.max() * (1 - 1e-6)))
