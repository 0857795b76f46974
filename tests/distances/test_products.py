"""The numerical core, chunk by chunk, against float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.distances import gpu
from generator.distances.chunk import CHUNK_COLUMNS, Chunk
from generator.distances.kernels import TILE
from generator.distances.products import squared_distances

GATE = 1e-6


def chunk_of(values, device="cpu"):
    """A chunk that holds `values`, rows of one or of several dtypes."""
    chunk = Chunk(len(values), device=device)
    dtypes = [row.dtype.name for row in values]
    for buffer, row in zip(chunk.start(dtypes, len(values[0])), values, strict=True):
        buffer[:] = row.tobytes()
    return chunk


def measure(values, wanted=None, device="cpu"):
    count = len(values)
    wanted = np.ones((count, count), dtype=bool) if wanted is None else wanted
    return squared_distances(chunk_of(values, device).centred_gram, np.arange(count), wanted)


def check(values):
    """On compiled loops, and as a GPU is asked to do it, by torch's CPU."""
    for device in ("cpu", "cpu:0"):
        check_on(device, values)


def check_on(device, values):
    got = measure(values, device=device)
    wide = [row.astype(np.float64) for row in values]
    distances = np.array([[np.sqrt(np.sum((a - b) ** 2)) for b in wide] for a in wide])
    norms = [np.sqrt(np.sum(row**2)) for row in wide]
    np.testing.assert_allclose(np.sqrt(got.between), distances, rtol=GATE, atol=0)
    np.testing.assert_allclose(np.sqrt(got.norms), norms, rtol=GATE, atol=0)
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

    @pytest.mark.parametrize("spread", [1e-3, 1e-5, 1e-7])
    def test_tight_clusters_far_from_the_reference(self, count, columns, spread):
        random = np.random.default_rng(2)
        centres = random.standard_normal((3, columns))
        values = centres[np.arange(count) % 3] + spread * random.standard_normal((count, columns))
        values[-1] = values[1]
        check(values.astype(np.float32))

    @pytest.mark.parametrize("size", [0, 1e-6])
    def test_a_row_at_or_near_zero_among_others(self, count, columns, size):
        values = np.random.default_rng(3).standard_normal((count, columns)).astype(np.float32)
        values[1] *= size
        check(values)

    @pytest.mark.parametrize("scale", [1e-30, 1e30])
    def test_beyond_the_range_of_float32_squares(self, count, columns, scale):
        values = np.random.default_rng(4).standard_normal((count, columns)) * scale
        values[-1] = values[0]
        check(values.astype(np.float32))

    def test_float64(self, count, columns):
        random = np.random.default_rng(5)
        check(1 + 1e-9 * random.standard_normal((count, columns)))

    def test_equal_terms(self, count, columns):
        """Sums of equal terms are where narrow sums go wrong: each step is rounded the same way."""
        steps = np.random.default_rng(6).lognormal(sigma=3, size=(count, 1))
        check((0.1 + np.zeros(columns) + steps).astype(np.float32))
        check(np.round(steps + np.arange(columns) % 2).astype(np.float16))

    def test_torch_multiplies_as_well(self, count, columns):
        """What a GPU is asked to do, done by torch's CPU."""
        random = np.random.default_rng(7)
        values = random.standard_normal((count, columns)).astype(np.float16)
        rows = [(row.view(np.uint8), "float16") for row in values]
        wide = values.astype(np.float64)
        centred = np.concatenate([-wide[:1], wide[1:] - wide[0]])
        gram = gpu.centred_gram(rows, columns, "cpu")
        np.testing.assert_allclose(gram, centred @ centred.T, rtol=1e-9, atol=1e-9)
        np.testing.assert_array_equal(gram, gram.T)


def test_every_value_of_float16():
    """Subnormal numbers, both zeros, the largest, against a row of zeros."""
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    for value in finite[::97]:
        check(np.array([[0], [value]], np.float16))
    check(np.stack([np.zeros_like(finite), finite]))


# Bits of what is not finite: infinities, and NaN with the first and the last bit of its fraction.
NOT_FINITE = {
    "float64": (0x7FF0 << 48, 0xFFF0 << 48, 0x7FF8 << 48, (0x7FF0 << 48) + 1),
    "float32": (0x7F80 << 16, 0xFF80 << 16, 0x7FC0 << 16, (0x7F80 << 16) + 1),
    "float16": (0x7C00, 0xFC00, 0x7E00, 0x7C01, 0xFFFF),
    "bfloat16": (0x7F80, 0xFF80, 0x7FC0, 0x7F81, 0xFFFF),
    "float8_e4m3fn": (0x7F, 0xFF),
    "float8_e5m2": (0x7C, 0xFC, 0x7D, 0xFF),
}
WIDTHS = {"float64": np.uint64, "float32": np.uint32, "float16": np.uint16, "bfloat16": np.uint16}


@pytest.mark.parametrize("place", [0, 511, 512, 699])
@pytest.mark.parametrize(
    ("dtype", "bits"), [(dtype, each) for dtype, all_ in NOT_FINITE.items() for each in all_]
)
def test_what_is_not_finite_stays_so(dtype, bits, place):
    codes = np.ones((3, 700), WIDTHS.get(dtype, np.uint8))
    codes[1, place] = bits
    chunk = Chunk(3)
    for buffer, row in zip(chunk.start([dtype] * 3, 700), codes, strict=True):
        buffer[:] = row.tobytes()
    got = squared_distances(chunk.centred_gram, np.arange(3), np.ones((3, 3), dtype=bool))
    rows = [[True, False, True], [False, True, False], [True, False, True]]
    assert np.isfinite(got.between).tolist() == rows
    assert np.isfinite(got.norms).tolist() == [True, False, True]


def test_rows_of_several_dtypes():
    random = np.random.default_rng(8)
    wide = random.standard_normal((4, 5000))
    check([row.astype(dtype) for row, dtype in zip(wide, ("f8", "f4", "f2", "f4"), strict=True)])


def test_rows_that_follow_do_not_change_a_bit():
    random = np.random.default_rng(6)
    base = random.standard_normal(30000)
    values = (base + 0.1 * random.standard_normal((27, 30000))).astype(np.float32)
    values[3:9] = values[3] + 1e-5 * values[3:9]
    everything = measure(values)
    # Rows are multiplied in twos, those behind the sixteenth in fours.
    for count in (2, 4, 5, 6, 11, 15, 16, 17, 18, 19, 20, 25):
        fewer = measure(values[:count])
        np.testing.assert_array_equal(fewer.between, everything.between[:count, :count])
        np.testing.assert_array_equal(fewer.norms, everything.norms[:count])


@given(st.integers(2, 23), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_what_else_is_wanted_does_not_change_a_bit(count, seed):
    """Some rows are near to one another, some equal."""
    random = np.random.default_rng(seed)
    values = random.standard_normal((3, 2000))[random.integers(3, size=count)]
    values += random.choice([0, 1e-5, 1.0], count)[:, None] * random.standard_normal((count, 2000))
    values = values.astype(np.float32)
    known = random.random(count) < 0.7
    wanted = ~np.logical_and.outer(known, known)
    everything = measure(values)
    fewer = measure(values, wanted)
    np.testing.assert_array_equal(fewer.between[wanted], everything.between[wanted])
    np.testing.assert_array_equal(fewer.norms, everything.norms)


@given(st.integers(2, 23), st.integers(1, 1600), st.integers(0, 2**32 - 1), st.floats(1e-6, 1.0))
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
    got = chunk_of(values).differences(np.arange(4), np.ones((4, 4), dtype=bool))
    wide = values.astype(np.float64)
    l1 = np.array([[np.abs(a - b).sum() for b in wide] for a in wide])
    np.testing.assert_allclose(got.l1, l1, rtol=GATE, atol=0)
    np.testing.assert_array_equal(got.l0, [[np.sum(a != b) for b in wide] for a in wide])


def test_tiny_numbers_differ_behind_large_ones():
    """By less than a float64 at the size of what the same memory held before."""
    values = np.ones((2, 3 * TILE), np.float32)
    values[:, TILE:] = 1e-30
    values[1, TILE:] *= 2
    got = chunk_of(values).differences(np.arange(2), np.ones((2, 2), dtype=bool))
    assert got.l0[0, 1] == 2 * TILE
    wide = values.astype(np.float64)
    np.testing.assert_allclose(got.l1[0, 1], np.abs(wide[0] - wide[1]).sum(), rtol=GATE, atol=0)


def test_equal_bytes_of_two_dtypes_are_not_the_same():
    chunk = Chunk(2)
    for buffer in chunk.start(["float16", "bfloat16"], 8):
        buffer[:] = bytes(16)
    assert not chunk.same_bytes(0, 1)
    assert chunk.same_bytes(0, 0)


def test_minus_zero_does_not_differ():
    values = np.zeros((2, CHUNK_COLUMNS), np.float16)
    values[1] *= -1
    chunk = chunk_of(values)
    got = chunk.differences(np.arange(2), np.ones((2, 2), dtype=bool))
    assert got.l0.tolist() == [[0, 0], [0, 0]]
    assert not chunk.same_bytes(0, 1)


def test_rows_of_two_dtypes_are_not_the_same_bytes():
    chunk = Chunk(3)
    for buffer in chunk.start(["float16", "bfloat16", "float16"], 100):
        buffer[:] = bytes(200)
    assert chunk.same_bytes(0, 2)
    assert not chunk.same_bytes(0, 1)
