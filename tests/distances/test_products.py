"""The numerical core, tile by tile, against float64."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.distances.differences import differences
from generator.distances.products import BLOCK, CHUNK, SPARE, squared_distances, whole

GATE = 1e-6
TILE = 2**15


def decoder(rows_of_values):
    """`products.Decode` over an array."""
    values = torch.from_numpy(np.asarray(rows_of_values))

    def decode(rows, dtype):
        count = whole(len(rows), BLOCK) + SPARE
        for first in range(0, values.shape[1], TILE):
            part = values[torch.from_numpy(np.asarray(rows)), first : first + TILE]
            tile = torch.full((count, whole(part.shape[1], CHUNK)), torch.nan, dtype=dtype)
            tile[: len(rows)] = 0
            tile[: len(rows), : part.shape[1]] = part
            yield tile

    return decode


def measure(values, wanted=None):
    count = len(values)
    wanted = np.ones((count, count), dtype=bool) if wanted is None else wanted
    dtype = torch.float64 if values.dtype == np.float64 or values.shape[1] < 8192 else torch.float32
    return squared_distances(decoder(values), np.arange(count), wanted, dtype)


def check(values):
    got = measure(values)
    wide = values.astype(np.float64)
    distances = np.array([[np.sqrt(np.sum((a - b) ** 2)) for b in wide] for a in wide])
    np.testing.assert_allclose(np.sqrt(got.between), distances, rtol=GATE, atol=0)
    np.testing.assert_allclose(np.sqrt(got.norms), np.sqrt(np.sum(wide**2, 1)), rtol=GATE, atol=0)
    np.testing.assert_array_equal(got.between, got.between.T)
    np.testing.assert_array_equal(got.between == 0, distances == 0)


SIZES = [(2, 1), (3, 300), (5, 9000), (7, 65536), (12, 20000)]


@pytest.mark.parametrize(("count", "columns"), SIZES)
class TestFamilies:
    def test_around_an_ancestor(self, count, columns):
        random = np.random.default_rng(0)
        base = random.standard_normal(columns)
        check((base + 0.1 * random.standard_normal((count, columns))).astype(np.float16))

    @pytest.mark.parametrize("relative", [1e-2, 1e-4, 1e-6])
    def test_near_identical_and_identical(self, count, columns, relative):
        random = np.random.default_rng(1)
        base = random.standard_normal(columns) + 3
        values = base * (1 + relative * random.standard_normal((count, columns)))
        values = values.astype(np.float32)
        values[count // 2] = values[0]
        check(values)

    def test_tight_clusters_far_from_the_reference(self, count, columns):
        random = np.random.default_rng(2)
        centres = random.standard_normal((3, columns))
        values = centres[np.arange(count) % 3] + 1e-3 * random.standard_normal((count, columns))
        values[-1] = values[1]
        check(values.astype(np.float32))

    def test_zero_row_among_others(self, count, columns):
        values = np.random.default_rng(3).standard_normal((count, columns)).astype(np.float32)
        values[1] = 0
        check(values)

    @pytest.mark.parametrize("scale", [1e-30, 1e30])
    def test_beyond_the_range_of_float32_squares(self, count, columns, scale):
        values = np.random.default_rng(4).standard_normal((count, columns)) * scale
        values[-1] = values[0]
        check(values.astype(np.float32))

    def test_float64(self, count, columns):
        random = np.random.default_rng(5)
        check(1 + 1e-9 * random.standard_normal((count, columns)))


def test_rows_that_follow_do_not_change_a_bit():
    random = np.random.default_rng(6)
    base = random.standard_normal(30000)
    values = (base + 0.1 * random.standard_normal((13, 30000))).astype(np.float32)
    values[3:9] = values[3] + 1e-3 * values[3:9]
    everything = measure(values)
    for count in (2, 4, 5, 6, 11):
        fewer = measure(values[:count])
        np.testing.assert_array_equal(fewer.between, everything.between[:count, :count])
        np.testing.assert_array_equal(fewer.norms, everything.norms[:count])


def test_only_wanted_pairs_have_to_be_right():
    values = np.random.default_rng(7).standard_normal((12, 9000)).astype(np.float32)
    wanted = np.zeros((12, 12), dtype=bool)
    wanted[:, 11] = wanted[11, :] = True
    everything = measure(values)
    fewer = measure(values, wanted)
    np.testing.assert_array_equal(fewer.between[wanted], everything.between[wanted])


@given(st.integers(2, 9), st.integers(1, 400), st.integers(0, 2**32 - 1), st.floats(1e-6, 1.0))
@settings(max_examples=60, deadline=None)
def test_any_family(count, columns, seed, spread):
    random = np.random.default_rng(seed)
    base = random.standard_normal(columns)
    check((base + spread * random.standard_normal((count, columns))).astype(np.float32))


@pytest.mark.parametrize("scale", [1e-30, 1, 5e37])
def test_l1_and_l0(scale):
    values = np.random.default_rng(8).standard_normal((4, 40000)) * scale
    values[2, :39990] = values[0, :39990]
    values = values.astype(np.float32)
    got = differences(decoder(values), np.arange(4), np.ones((4, 4), dtype=bool))
    wide = values.astype(np.float64)
    l1 = np.array([[np.abs(a - b).sum() for b in wide] for a in wide])
    np.testing.assert_allclose(got.l1, l1, rtol=GATE, atol=0)
    np.testing.assert_array_equal(got.l0, [[np.sum(a != b) for b in wide] for a in wide])
