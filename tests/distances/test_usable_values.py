"""Values that cannot be compared, and why."""

import numpy as np
import pytest

from generator.distances.work import unusable
from generator.records.reasons import NonFinite, TooLarge

# Sums of squares below the largest float64 (1.797e308), divided by 2^63 (9.22e18): 1.949e289.
FITS, TOO_LARGE = 4.41e144, 4.42e144


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], None),
        ([0.0, -1.0], None),
        ([FITS], None),
        ([-TOO_LARGE], TooLarge()),
        # Of all together.
        ([FITS / 2**0.5, FITS / 2**0.5], None),
        ([TOO_LARGE / 2**0.5, TOO_LARGE / 2**0.5], TooLarge()),
        ([1e200], TooLarge()),
        ([1.0, np.nan], NonFinite()),
        ([np.inf, 1.0], NonFinite()),
        ([-np.inf, 1e200], NonFinite()),
    ],
)
def test_why_values_cannot_be_compared(values, reason):
    assert unusable(np.array(values)) == reason


def test_squares_of_narrow_floats_are_wide():
    assert unusable(np.full(10, 60000, np.float16)) is None
    assert unusable(np.full(10, 1e38, np.float32)) is None
