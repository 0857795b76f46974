"""The noise that a format of quantised weights is said to cause, beside what quantisers cause."""

import numpy as np
import pytest
import torch
from simulated import alone, grams_of

from generator.analysis.lineage.descent import descent
from generator.analysis.lineage.rounding import SMALLEST_NORMAL, rounding_noise

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


@pytest.mark.parametrize(
    "dtype", ["float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"]
)
def test_the_smallest_normal_number_is_that_of_torch(dtype):
    assert 2.0 ** SMALLEST_NORMAL[dtype] == torch.finfo(getattr(torch, dtype)).tiny


def in_float8(values, dtype=torch.float8_e4m3fn, scale=1.0):
    return torch.from_numpy(values / scale).to(dtype).double().numpy() * scale


def with_one_scale(values):
    step = np.abs(values).max() / 127
    return np.round(values / step) * step


COPIES = {
    # Columns that are far larger than the others take the steps of their rows.
    "int8 with outliers": ("int8", rows_in_int8, 0.03, 30),
    "int8, one scale": ("int8", with_one_scale, 0.03, 30),
    # A scale of 1, as some files have it, leaves small weights below the least normal number.
    "float8, scale of 1": ("fp8_scaled", in_float8, 0.004, 1),
    "float8 of two bits": (
        "fp8_scaled",
        lambda values: in_float8(values, torch.float8_e5m2, 1e-3),
        0.03,
        1,
    ),
}


@pytest.mark.parametrize("reference", [0, -1])
@pytest.mark.parametrize("case", COPIES)
def test_a_quantised_copy_is_no_child_and_no_parent(case, reference):
    """Where its errors are far larger than those of weights of a normal distribution."""
    name, quantise, spread, outliers = COPIES[case]
    random = np.random.default_rng(1)
    base = spread * random.standard_normal((6, 12288))
    base[:, ::1024] *= outliers
    tuned = [base + 0.08 * spread * random.standard_normal(base.shape) for _ in range(3)]
    kept = [each.astype(np.float16).astype(np.float64) for each in (base, *tuned)]
    coarse = [
        np.stack([quantise(block.reshape(-1, 1024)).ravel() for block in each]) for each in kept[:3]
    ]
    dtypes = [{"float16": 1}] * len(kept) + [{name: 1}] * len(coarse)
    found = descent(grams_of([*kept, *coarse]), "denoiser", alone(7), reference, dtypes)
    relations = {node.name: node.relation for node in found.lineage.nodes}
    assert {relations.pop(f"m{n}") for n in (4, 5, 6)} <= {"near", "related"}
    assert relations == {"m0": "root"} | dict.fromkeys(("m1", "m2", "m3"), "descends")
    assert all(node.parents == ("m0",) for node in found.lineage.nodes if node.name in "m1m2m3")
    assert not [each for each in found.recipes if each.verdict != "none"]


QUANTISERS = {"int8": rows_in_int8, "fp8_scaled": lambda values: in_float8(values, scale=1e-3)}


@pytest.mark.parametrize("reference", [0, -1])
@pytest.mark.parametrize("change", [0.005, 0.02, 0.08])
@pytest.mark.parametrize("name", QUANTISERS)
def test_nothing_is_claimed_of_a_training_that_is_saved_in_eight_bits_alone(
    name, change, reference
):
    """Its change may be as small as its rounding, whose size is not known."""
    random = np.random.default_rng(2)
    base = 0.03 * random.standard_normal((6, 12288))
    models = [base + 0.03 * change * random.standard_normal(base.shape) for _ in range(3)]
    models.append((models[0] + models[1]) / 2)
    kept = [each.astype(np.float16).astype(np.float64) for each in (base, *models)]
    for place in (1, 4):
        kept[place] = QUANTISERS[name](kept[place].reshape(-1, 1024)).reshape(base.shape)
    dtypes = [{name if place in (1, 4) else "float16": 1} for place in range(5)]
    found = descent(grams_of(kept), "denoiser", alone(5), reference, dtypes)
    told = {node.name: node for node in found.lineage.nodes}
    assert {told[each].relation for each in ("m1", "m4")} <= {"near", "related"}
    claimed = {parent for node in told.values() for parent in (*node.parents, *node.involves)}
    claimed |= {
        each for recipe in found.recipes if recipe.verdict != "none" for each in recipe.parents
    }
    assert claimed <= {"m0"}
