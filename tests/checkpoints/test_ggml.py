"""Against the gguf package: the values of every type, and the numbers of its table."""

import numpy as np
import pytest
from gguf import GGUFReader, GGUFWriter, quants
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

from generator.checkpoints.formats.opening import open_checkpoint
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


def write(path, fields):
    """A file of two tensors by the package, with `fields` added by a function."""
    writer = GGUFWriter(path, "sd1")
    fields(writer)
    for name, side in (("a", 8), ("b", 6)):
        writer.add_tensor(name, np.arange(side * 4, dtype=np.float32).reshape(side, 4))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_vocabularies_are_passed_over(tmp_path):
    random = np.random.default_rng(3)
    words = ["x" * int(length) for length in random.integers(0, 60, 60_000)]
    # Longer than what is read at a time, and as long.
    words[7], words[9_000] = "y" * 3_000_000, "z" * 2**20
    write(tmp_path / "a.gguf", lambda writer: writer.add_token_list(words))
    index = open_checkpoint(tmp_path / "a.gguf")
    expected = {each.name: each.data_offset for each in GGUFReader(tmp_path / "a.gguf").tensors}
    assert {each.name: each.offset for each in index.tensors} == expected
    assert index.metadata["tokenizer.ggml.tokens"] == "60000 items"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((2, 4, 4), (2, 4, 4)), ((-2, -4, 4), (8, 4)), ((2, 4, 5), (8, 4)), ((-32, -1), (8, 4))],
)
def test_a_shape_in_a_field_counts_if_it_can_be_one(tmp_path, shape, expected):
    write(
        tmp_path / "a.gguf", lambda writer: writer.add_array("comfy.gguf.orig_shape.a", list(shape))
    )
    found = {each.name: each.shape for each in open_checkpoint(tmp_path / "a.gguf").tensors}
    assert found == {"a": expected, "b": (6, 4)}
