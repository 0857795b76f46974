"""The form by which memory grows, against arithmetic."""

import itertools

import pytest

from generator.records.memory import MemoryGrowth

TERMS = (
    "base_mib",
    "shared_mib_per_unit",
    "shared_mib_per_unit2",
    "mib_per_sample",
    "mib_per_area",
    "mib_per_frame",
    "mib_per_unit",
    "mib_per_unit2",
)


@pytest.mark.parametrize("place", range(8))
def test_each_term_grows_by_its_own_product(place):
    growth = MemoryGrowth(**{TERMS[place]: 7.0})
    for n, area, frames in itertools.product((1, 3), (0.25, 2.0), (1, 5)):
        unit = area * frames
        terms = (1, unit, unit**2, n, n * area, n * frames, n * unit, n * unit**2)
        assert growth.mib(n, area, frames) == pytest.approx(7 * terms[place], rel=1e-12)


def test_terms_are_added():
    growth = MemoryGrowth(
        base_mib=1,
        shared_mib_per_unit=20,
        mib_per_sample=300,
        mib_per_area=4000,
        mib_per_unit=5e4,
        mib_per_unit2=6e5,
    )
    assert growth.mib(2, 3, 4) == 1 + 20 * 12 + 2 * (300 + 4000 * 3 + 5e4 * 12 + 6e5 * 144)
    assert growth.mib(1, 3) == 1 + 20 * 3 + 300 + 4000 * 3 + 5e4 * 3 + 6e5 * 9


def test_the_largest_moment_counts():
    """A floor of 5 MiB per sample under a line of 2 MiB and 4 MiB per unit."""
    growth = MemoryGrowth(
        mib_per_sample=2, mib_per_unit=4, moments=(MemoryGrowth(mib_per_sample=5),)
    )
    assert growth.mib(3, 0.5) == 3 * 5
    assert growth.mib(3, 2) == 3 * (2 + 4 * 2)


def test_the_dtype_doubles_a_size_and_leaves_scores():
    growth = MemoryGrowth(mib_per_unit=4, mib_per_unit2=3, shared_mib_per_unit2=1)
    assert growth.mib(2, 10, scale=2, square=1) == 2 * 2 * 40 + (1 + 2 * 3) * 100
