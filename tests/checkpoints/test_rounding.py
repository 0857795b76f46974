"""Digests of rounded values, against torch's rounding."""

import math

import numpy as np
import pytest
import torch
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from generator.checkpoints.formats.writing import encode_array, write_safetensors
from generator.checkpoints.identify.components import Weight
from generator.checkpoints.inventory.measuring import measure_checkpoint
from generator.checkpoints.inventory.rounding import TILE, RoundedHash, to_bfloat16

FLOATS = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1)
NAMES = ("encoder.conv_in.weight", "decoder.conv_in.bias")


def weight(values):
    return Weight(
        component="vae",
        name="w",
        block="REST",
        kind="conv",
        is_weight=True,
        dtype=str(values.dtype),
        shape=values.shape,
        tensor=0,
        start=0,
        nbytes=values.nbytes,
    )


def expected(values, dtype):
    rounded = torch.from_numpy(values).to(dtype)
    return blake3(rounded.view(torch.uint8).numpy().tobytes()).hexdigest()


@given(FLOATS)
def test_rounds_to_bfloat16_as_torch_does(numbers):
    values = np.array(numbers, np.float32)
    ours = torch.from_numpy(to_bfloat16(values).view(np.int16)).view(torch.bfloat16)
    assert torch.equal(ours, torch.from_numpy(values).to(torch.bfloat16))


@pytest.mark.parametrize(
    ("number", "bits"),
    [
        # Halfway between two numbers of 8 bits: to the even one, which is below and above.
        (0x3F808000, 0x3F80),
        (0x3F818000, 0x3F82),
        (0xBF808000, 0xBF80),
        (0x3F808001, 0x3F81),
        (0x3F817FFF, 0x3F81),
    ],
)
def test_ties_go_to_even(number, bits):
    values = np.array([number], np.uint32).view(np.float32)
    assert to_bfloat16(values).tolist() == [bits]
    rounded = torch.from_numpy(values).to(torch.bfloat16)
    assert rounded.view(torch.uint16).tolist() == [bits]


@pytest.mark.parametrize("piece", [1001, 4 * TILE, 5 * TILE + 3, 10**7])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_digests_do_not_depend_on_the_pieces(piece, dtype):
    values = np.random.default_rng(0).normal(0, 0.05, 3 * TILE // 2).astype(dtype)
    rounded = RoundedHash(weight(values))
    data = memoryview(values.tobytes())
    for start in range(0, len(data), piece):
        rounded.feed(data[start : start + piece])
    assert rounded.digests() == {
        "float16": expected(values, torch.float16),
        "bfloat16": expected(values, torch.bfloat16),
    }


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_has_none(value):
    values = np.array([1, value], np.float32)
    rounded = RoundedHash(weight(values))
    rounded.feed(memoryview(values.tobytes()))
    assert rounded.digests() == {}


def components(folder, name, dtype, values):
    tensors = {key: encode_array(array, dtype) for key, array in values.items()}
    path = folder / f"{name}.safetensors"
    path.write_bytes(write_safetensors(tensors, {}))
    return measure_checkpoint(path, name).record.components[0]


def test_a_copy_in_half_precision_has_the_digest_of_its_source(tmp_path):
    random = np.random.default_rng(0)
    values = {name: random.normal(0, 1, (8, 4)).astype(np.float32) for name in NAMES}
    full = components(tmp_path, "full", "float32", values)
    half = components(tmp_path, "half", "float16", values)
    brain = components(tmp_path, "brain", "bfloat16", values)
    assert full.blake3_float16 == half.blake3_float16
    assert full.blake3_bfloat16 == brain.blake3_bfloat16
    assert half.blake3_bfloat16 is None
    assert brain.blake3_float16 is None
    assert len({full.blake3, half.blake3, brain.blake3}) == 3
    values[NAMES[0]][0, 0] *= 1.01
    other = components(tmp_path, "other", "float32", values)
    assert other.blake3_float16 != full.blake3_float16
