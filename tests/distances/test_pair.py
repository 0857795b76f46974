"""Comparisons of two checkpoints, against float64 and against published ones."""

import json
import math
import os

import msgspec
import pytest
import torch
from refusing import says
from weight_files import UNET, expected, family, vector, write

from generator.checkpoints.identify.components import Weight
from generator.checkpoints.keys.sections import section_of
from generator.distances.chunk import CHUNK_COLUMNS
from generator.distances.pair import compare
from generator.distances.pair_sums import TensorPair, add_up, group_by
from generator.errors import CheckpointError, UsageError
from generator.networks.kinds import kind_of
from generator.records.reasons import NonFinite, NotAWeight, OneSided

GATE = 1e-6
LARGE = f"{UNET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
LARGE_NAME = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight"


def compare_two(folder, a, b):
    return compare(write(folder / "a.safetensors", a), write(folder / "b.safetensors", b))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (torch.float16, torch.float16),
        (torch.float32, torch.bfloat16),
        (torch.float64, torch.float8_e4m3fn),
        (torch.float8_e5m2, torch.float16),
    ],
)
def test_every_metric(tmp_path, one, other):
    a, b = (family(2, dtype)[place] for place, dtype in enumerate((one, other)))
    comparison = compare_two(tmp_path, a, b)
    for component in ("denoiser", "vae"):
        want = expected(vector(a, component), vector(b, component))
        total = comparison.summary.components[component].total
        for metric, value in want.items():
            assert getattr(total, metric) == pytest.approx(value, rel=1e-12, abs=1e-12)
    tensor = next(each for each in comparison.tensors if each.name == LARGE_NAME)
    want = expected(a[LARGE].double().flatten().numpy(), b[LARGE].double().flatten().numpy())
    assert tensor.l2 == pytest.approx(want["l2"], rel=1e-12)
    assert (tensor.block, tensor.kind, tensor.shape) == ("IN01", "attn2", (270, 1000))


def test_what_only_one_has(tmp_path):
    a, b = family(2, torch.float16)
    b[LARGE] = b[LARGE][:, :999]
    del a["first_stage_model.decoder.conv_in.bias"]
    b["first_stage_model.decoder.conv_in.weight"] = b[
        "first_stage_model.decoder.conv_in.weight"
    ].float()
    comparison = compare_two(tmp_path, a, b)
    assert comparison.only_a == ()
    assert comparison.only_b == ("vae/decoder.conv_in.bias",)
    [mismatch] = comparison.shape_mismatch
    assert (mismatch.a, mismatch.b) == ((270, 1000), (270, 999))
    [dtypes] = comparison.dtype_difference
    assert (dtypes.name, dtypes.a, dtypes.b) == (
        "vae/decoder.conv_in.weight",
        "float16",
        "float32",
    )
    assert comparison.shared == len(comparison.tensors) + 1
    assert comparison.summary.components["vae"].same_weights is False


def test_identical(tmp_path):
    [a] = family(1, torch.float16)
    total = compare_two(tmp_path, a, a).summary.components["denoiser"].total
    assert (total.l0, total.l1, total.l2, total.cosine, total.identical) == (0, 0, 0, 1, True)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_equal_after_rounding(tmp_path, dtype):
    [a] = family(1, torch.float32)
    b = {name: tensor.to(dtype) for name, tensor in a.items()}
    component = compare_two(tmp_path, a, b).summary.components["denoiser"]
    assert component.equal_in_float16 is (dtype == torch.float16)
    assert component.equal_in_bfloat16 is (dtype == torch.bfloat16)
    assert component.total.identical is False


@pytest.mark.parametrize("place", [(0, 0), (269, 999)])
def test_a_difference_in_one_chunk_of_a_long_tensor(tmp_path, place):
    [a] = family(1, torch.float16)
    assert a[LARGE].numel() > CHUNK_COLUMNS
    b = {**a, LARGE: a[LARGE].clone()}
    b[LARGE][place] += 1
    comparison = compare_two(tmp_path, a, b)
    tensor = next(each for each in comparison.tensors if each.name == LARGE_NAME)
    assert (tensor.l0, tensor.identical) == (1, False)
    assert comparison.summary.components["denoiser"].equal_in_float16 is False


def test_minus_zero_equals_zero_after_rounding(tmp_path):
    [a] = family(1, torch.float32)
    a[LARGE][0, 0] = 0.0
    b = {**a, LARGE: a[LARGE].clone()}
    b[LARGE][0, 0] = -0.0
    component = compare_two(tmp_path, a, b).summary.components["denoiser"]
    assert component.equal_in_float16 is component.equal_in_bfloat16 is True
    assert (component.total.l0, component.total.identical) == (0, False)


@pytest.mark.parametrize("last", [11, 12])
def test_a_buffer_stored_by_columns_is_equal_to_its_copy_by_rows(tmp_path, last):
    [a] = family(1, torch.float16)
    name = f"{UNET}counter"
    torch.save({"state_dict": a | {name: torch.arange(12).view(3, 4).T}}, tmp_path / "a.ckpt")
    rows = [[0, 4, 8], [1, 5, 9], [2, 6, 10], [3, 7, last]]
    b = write(tmp_path / "b.safetensors", a | {name: torch.tensor(rows)})
    (buffer,) = (each for each in compare(tmp_path / "a.ckpt", b).tensors if each.name == "counter")
    assert buffer.identical is (last == 11)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
@pytest.mark.parametrize("place", [0, -1])
def test_a_long_buffer_that_differs_in_one_place(tmp_path, dtype, place):
    [a] = family(1, torch.float16)
    name = "cond_stage_model.transformer.text_model.embeddings.position_ids"
    a[name] = torch.zeros(CHUNK_COLUMNS + 10, dtype=dtype)
    b = {**a, name: a[name].clone()}
    assert compare_two(tmp_path, a, b).tensors[-1].identical
    b[name][place] = 1
    assert compare_two(tmp_path, a, b).tensors[-1].identical is False


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("side", [0, 1])
def test_not_finite_and_no_weight(tmp_path, side, value):
    a, b = family(2, torch.float16)
    (a, b)[side][LARGE][269, 999] = value
    positions = "cond_stage_model.transformer.text_model.embeddings.position_ids"
    a[positions] = b[positions] = torch.arange(77)
    comparison = compare_two(tmp_path, a, b)
    reasons = {entry.tensor: entry.reason for entry in comparison.summary.excluded}
    assert reasons == {
        f"denoiser/{LARGE_NAME}": NonFinite(),
        "text_encoder/text_model.embeddings.position_ids": NotAWeight(dtype="int64"),
    }
    by_name = {each.name: each for each in comparison.tensors}
    assert by_name[LARGE_NAME].l2 is by_name[LARGE_NAME].cosine is None
    buffer = by_name["text_model.embeddings.position_ids"]
    assert buffer.l2 is None
    assert buffer.identical
    rest = [{name: each for name, each in side.items() if name != LARGE} for side in (a, b)]
    want = expected(*(vector(side, "denoiser") for side in rest))
    assert comparison.summary.components["denoiser"].total.l2 == pytest.approx(want["l2"])


@pytest.mark.parametrize("turned", [False, True])
def test_a_weight_on_one_side_alone(tmp_path, turned):
    """Other values in a dtype that is no weight's are no "nothing differs"."""
    [a] = family(1, torch.float16)
    b = {**a, LARGE: a[LARGE].to(torch.int8)}
    sides, dtypes = ((b, a), ("int8", "float16")) if turned else ((a, b), ("float16", "int8"))
    comparison = compare_two(tmp_path, *sides)
    [entry] = comparison.summary.excluded
    assert entry.tensor == f"denoiser/{LARGE_NAME}"
    assert entry.reason == OneSided(a=dtypes[0], b=dtypes[1])
    component = comparison.summary.components["denoiser"]
    assert component.total.identical is False
    assert component.total.l2 == 0


def test_of_nothing_only_the_dtype_can_differ(tmp_path):
    [a] = family(1, torch.float16)
    empty = f"{UNET}output_blocks.11.0.in_layers.2.weight"
    comparison = compare_two(tmp_path, a, {**a, empty: a[empty].float()})
    component = comparison.summary.components["denoiser"]
    assert component.total.identical is False
    assert component.equal_in_float16 is True


def weight_of(component, name, kind):
    return Weight(
        component=component,
        name=name,
        block="",
        kind=kind,
        is_weight=True,
        dtype="float16",
        shape=(1,),
        tensor=0,
        start=0,
        nbytes=2,
    )


@pytest.mark.parametrize("length", [0.1, 1.0, 3.0])
def test_a_cosine_of_opposite_vectors_is_not_below_its_bound(length):
    """Whose squared distance has an error of its last bits."""
    opposite = TensorPair(weight_of("denoiser", "a", "ff"), is_weight=True)
    opposite.norms = [length**2, length**2]
    opposite.squared = (2 * length) ** 2 * (1 + 1e-15)
    assert add_up([opposite]).cosine == -1


def test_json_is_the_record(tmp_path):
    tree = msgspec.json.decode(msgspec.json.encode(compare_two(tmp_path, *family(2, torch.half))))
    top = "a b shared only_a only_b shape_mismatch dtype_difference tensors summary"
    assert list(tree) == top.split()
    fields = "component name block kind shape l0 l1 l2 cosine identical"
    assert list(tree["tensors"][0]) == fields.split()


def test_refusals(tmp_path):
    [a] = family(1, torch.float16)
    (tmp_path / "empty").touch()
    path = write(tmp_path / "a.safetensors", a)
    with pytest.raises(CheckpointError, check=says("is empty")):
        compare(path, tmp_path / "empty")
    other = write(tmp_path / "lora.safetensors", {"lora_unet_x.lora_up.weight": torch.ones(2, 2)})
    with pytest.raises(UsageError, match="no tensor in common"):
        compare(path, other)


def test_a_file_that_changes(tmp_path):
    a, b = family(2, torch.float16)
    paths = write(tmp_path / "a.safetensors", a), write(tmp_path / "b.safetensors", b)

    def touch(_done, _total):
        os.utime(paths[1], ns=(1, 1))

    with pytest.raises(CheckpointError, check=says(r"b\.safetensors: changed while", "changed")):
        compare(*paths, progress=touch)


@pytest.mark.parametrize(
    ("pair", "attn1", "attn2", "other"),
    [
        ("bp_ac_mk0", 23.2504, 26.0299, 96.0301),
        ("bp_mk0_mk3", 16.5754, 13.6055, 51.6394),
        # Printed as 8.6033.
        ("bp_mk3_mk5", 8.0633, 4.6885, 20.2971),
        ("bp_mk5_nman", 7.5967, 5.7737, 22.4227),
        ("bp_ac_nman", 35.8125, 30.5798, 113.7759),
    ],
)
def test_published_distances_add_up_to_the_published_table(published, pair, attn1, attn2, other):
    measured = []
    content = json.loads((published / "pairs" / f"{pair}.json").read_text())
    for key, distance in content["kv"].items():
        component, name = section_of(key)
        kind = kind_of(f".{name}")
        weight = weight_of(component, name, kind if kind in ("attn1", "attn2") else "other")
        each = TensorPair(weight, is_weight=True)
        each.squared = distance**2
        if component == "denoiser":
            measured.append(each)
    kinds = group_by(measured, lambda each: each.weight.kind)
    sums = [round(add_up(kinds[kind]).l2, 4) for kind in ("attn1", "attn2", "other")]
    assert sums == [attn1, attn2, other]
