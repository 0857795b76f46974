"""The noise that a format of quantised weights is said to cause, beside what quantisers cause."""

import numpy as np
import pytest

from generator.analysis.lineage.rounding import rounding_noise

SIDES = (256, 1024)


def said(values, formats):
    """Squared distance that rounding `values` to the formats is expected to cause."""
    norm = float(np.square(values).sum())
    grid = np.full((1, 1, 1), norm)
    return float(rounding_noise(grid, np.full((1, 1, 1), values.size), grid, [formats])[0, 0])


def rows_in_int8(values):
    """As bitsandbytes rounds rows: a 127th of the largest size is one step."""
    step = np.abs(values).max(axis=1, keepdims=True) / 127
    return np.round(values / step) * step


def quantised(name, values):
    if name == "int8":
        return rows_in_int8(values)
    gguf = pytest.importorskip("gguf")
    kind = gguf.GGMLQuantizationType[name]
    return gguf.quants.dequantize(gguf.quants.quantize(values, kind), kind)


@pytest.mark.parametrize("name", ["Q8_0", "Q5_0", "Q5_1", "Q4_0", "Q4_1", "int8"])
def test_the_noise_of_quantisers_is_within_what_is_said(name):
    values = np.random.default_rng(5).standard_normal(SIDES).astype(np.float32)
    error = quantised(name, values).astype(np.float64) - values
    true = float(np.square(error).sum())
    assert true <= said(values, {name: 1}) <= 4 * true


def test_the_noise_of_several_formats_is_their_mean():
    values = np.ones(SIDES)
    parts = [said(values, {name: 1}) for name in ("Q4_0", "float16")]
    mixed = said(values, {"Q4_0": 1, "float16": 3})
    np.testing.assert_allclose(mixed, (parts[0] + 3 * parts[1]) / 4)
