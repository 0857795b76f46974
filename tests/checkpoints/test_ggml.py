"""Against the gguf package: the values of every type, and the numbers of its table."""

import numpy as np
import pytest
from gguf import quants
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

from generator.checkpoints.formats.quantised import ggml
from generator.checkpoints.formats.quantised.ggml_kernels import KERNELS, unpack

READ = [each for each in ggml.TYPES if each.factor >= 0]


def test_every_type_with_a_factor_has_a_kernel():
    assert {each.name for each in READ} == set(KERNELS)


@pytest.mark.parametrize("each", READ, ids=lambda each: each.name)
def test_values_are_those_of_gguf_bit_for_bit(each):
    rng = np.random.default_rng(each.number)
    blocks = rng.integers(0, 256, (400, each.size), dtype=np.uint8)
    # Any code under any factor, infinite and NaN ones too; half of the factors are sane.
    for place in {each.factor, each.minimum} - {-1}:
        factors = rng.normal(0, 0.01, 200).astype("<f2")
        blocks[:200, place : place + 2] = factors.view(np.uint8).reshape(-1, 2)
    with np.errstate(all="ignore"):
        expected = quants.dequantize(blocks, GGMLQuantizationType[each.name])
    values = unpack(each, blocks.reshape(-1))
    assert values.dtype == np.float32
    assert np.array_equal(values, expected.reshape(-1), equal_nan=True)
    finite = np.isfinite(values)
    assert np.array_equal(np.signbit(values[finite]), np.signbit(expected.reshape(-1)[finite]))


@pytest.mark.parametrize("each", ggml.TYPES, ids=lambda each: each.name)
def test_blocks_have_the_sizes_of_gguf(each):
    kind = GGMLQuantizationType(each.number)
    assert kind.name == each.name
    assert GGML_QUANT_SIZES[kind] == (each.values, each.size)
