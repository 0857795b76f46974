"""Values of quantised weights, against the float64 values of the shared writers."""

import json
import math

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from shared_cases import writers

from generator.analysis.findings.verdicts import is_identical, judge
from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.formats.opening import open_checkpoint
from generator.checkpoints.identify.contents import identify
from generator.checkpoints.identify.reading import Reader, locate
from generator.checkpoints.inventory.measuring import measure_checkpoint
from generator.checkpoints.inventory.record import inspect
from generator.distances.pair import compare
from generator.errors import CheckpointError

writers()
import kit  # noqa: E402 -- it lies beside the repository

NAME = "double_blocks.0.img_mlp.0.weight"
ARRAYS = {
    NAME: np.random.default_rng(1).normal(0, 0.02, (256, 192)).astype(np.float32),
    "double_blocks.0.img_mlp.0.bias": np.random.default_rng(2).normal(0, 1, 256).astype("f4"),
}
METADATA = {"_quantization_metadata": json.dumps({"format_version": "1.0", "layers": {}})}
SCALED = {
    "scale_weight": {"scale_key": "scale_weight", "input_key": "scale_input"},
    "marker": {"scale_key": "scale_weight", "marker": "scaled_fp8"},
    "weight_scale": {"scale_key": "weight_scale", "input_key": "input_scale"},
    "weight_scale and output": {"scale_key": "weight_scale", "input_key": "output_scale"},
    "channel": {"scale_key": "weight_scale", "per_channel": True},
    "comfy_quant": {"scale_key": "weight_scale", "comfy": True},
    "e5m2": {"scale_key": "scale_weight", "e5m2": True},
}


def values(path):
    """Every weight's values as they are read for a comparison, in two uneven ranges."""
    index = open_checkpoint(path)
    found = {}
    with WeightFile(path) as file:
        reader = Reader([file])
        for weight in identify(index).weights:
            source = locate(weight, index.tensors[weight.tensor])
            data = bytearray(weight.nbytes)
            cut = weight.elements // 3 * source.itemsize
            reader.read(source, 0, memoryview(data)[:cut])
            reader.read(source, weight.elements // 3, memoryview(data)[cut:])
            dtype = {"float32": "<f4", "bfloat16": "<u2"}[weight.dtype]
            found[weight.name] = np.frombuffer(data, dtype).reshape(weight.shape)
    return index, found


def check(path, true, quantisation):
    """That the values, their norm, and nothing but the weights are found."""
    index, found = values(path)
    assert {tensor.name for tensor in index.tensors} == set(ARRAYS)
    (read,) = (each for name, each in found.items() if name.endswith("weight"))
    assert read.shape == ARRAYS[NAME].shape
    assert np.abs(read - true[NAME]).max() <= 2e-7 * np.abs(true[NAME]).max()
    measured = measure_checkpoint(path, "")
    (row,) = (row for row in measured.rows if row.name.endswith("weight"))
    assert row.figures.norm == pytest.approx(float(np.linalg.norm(true[NAME])), rel=1e-6)
    (weight,) = (each for each in identify(index).weights if each.name.endswith("weight"))
    assert (weight.quantisation, weight.is_readable) == (quantisation, True)


def nvfp4_file(path, rows, columns, note):
    """A matrix in NVFP4 with random codes and scales, and its values in float64, one by one."""
    random = np.random.default_rng([rows, columns])
    codes = random.integers(0, 256, (rows, columns // 2), dtype=np.uint8)
    scales = random.integers(1, 127, (-(-rows // 128) * 128, -(-columns // 64) * 4), dtype=np.uint8)
    factor = np.float32(0.0123)
    stored = np.zeros(scales.size, np.uint8)
    for row, column in np.ndindex(scales.shape):
        tile = row // 128 * (scales.shape[1] // 4) + column // 4
        stored[512 * tile + 16 * (row % 32) + 4 * (row % 128 // 32) + column % 4] = scales[
            row, column
        ]
    sizes = (0, 0.5, 1, 1.5, 2, 3, 4, 6)
    read = torch.from_numpy(scales).view(torch.float8_e4m3fn).double().numpy() * float(factor)
    true = np.empty((rows, columns))
    for row, column in np.ndindex(true.shape):
        code = int(codes[row, column // 2]) >> (0 if column % 2 else 4) & 15
        size = sizes[code % 8] * read[row, column // 16]
        true[row, column] = -size if code > 7 else size
    stem = NAME.removesuffix(".weight")
    tensors = {
        NAME: torch.from_numpy(codes),
        f"{stem}.weight_scale": torch.from_numpy(stored.reshape(scales.shape)).view(
            torch.float8_e4m3fn
        ),
        f"{stem}.weight_scale_2": torch.tensor(factor),
        f"{stem}.bias": torch.from_numpy(ARRAYS["double_blocks.0.img_mlp.0.bias"]),
    }
    if note:
        text = json.dumps({"format": "nvfp4"}).encode()
        tensors[f"{stem}.comfy_quant"] = torch.frombuffer(bytearray(text), dtype=torch.uint8)
    save_file(tensors, path)
    return true


@pytest.mark.parametrize("sides", [(256, 192), (130, 48), (16, 16)])
def test_nvfp4_values_equal_those_of_the_published_format(tmp_path, sides):
    true = nvfp4_file(tmp_path / "a.safetensors", *sides, note=True)
    _, found = values(tmp_path / "a.safetensors")
    (read,) = (each for name, each in found.items() if name.endswith("weight"))
    assert read.shape == sides
    np.testing.assert_allclose(read, true, rtol=3e-7, atol=0)


def test_nvfp4_of_other_programs_is_counted_and_not_read(tmp_path):
    nvfp4_file(tmp_path / "a.safetensors", 256, 192, note=False)
    index = open_checkpoint(tmp_path / "a.safetensors")
    (weight,) = (each for each in identify(index).weights if each.name.endswith("weight"))
    assert (weight.quantisation, weight.is_readable, weight.shape) == ("nvfp4", False, (256, 192))


@pytest.mark.parametrize("how", SCALED)
def test_scaled_float8(how, tmp_path):
    tensors, true = kit.scaled_fp8(ARRAYS, **SCALED[how])
    check(kit.dense(tmp_path / "a.safetensors", tensors, METADATA), true, "fp8_scaled")


def test_a_scale_for_squares_of_128(tmp_path):
    scales = np.array([[0.5, 2.0], [3.0, 0.25]], np.float32)
    raw, codes = kit.fp8(ARRAYS[NAME] * 1000)
    wide = scales.repeat(128, 0).repeat(128, 1)[:, :192]
    tensors = ARRAYS | {NAME: raw, NAME.replace("weight", "weight_scale_inv"): scales}
    check(kit.dense(tmp_path / "a.safetensors", tensors), {NAME: codes * wide}, "fp8_scaled")


@pytest.mark.parametrize("kind", ["nf4", "fp4"])
@pytest.mark.parametrize("nested", [False, True])
def test_bitsandbytes_of_4_bits(kind, nested, tmp_path):
    tensors, true = kit.bnb4(NAME, ARRAYS[NAME], kind, 64, nested)
    path = kit.dense(tmp_path / "a.safetensors", ARRAYS | tensors)
    check(path, {NAME: true}, kind)


def test_bitsandbytes_of_8_bits(tmp_path):
    tensors, true = kit.bnb8(NAME, ARRAYS[NAME])
    check(kit.dense(tmp_path / "a.safetensors", ARRAYS | tensors), {NAME: true}, "int8")


@pytest.mark.parametrize("kind", [k for k in kit.GGML if k not in ("F32", "F16", "BF16")])
def test_gguf(kind, tmp_path):
    data = kit.random_blocks(kind, 256 * 256, np.random.default_rng(3))
    true = kit.dequantise(kind, data, 256 * 256).reshape(256, 256)
    path = kit.gguf(tmp_path / "a.gguf", "flux", {NAME: (kind, (256, 256), data)})
    _, found = values(path)
    (read,) = found.values()
    assert np.abs(read - true).max() <= 3e-7 * np.abs(true).max()
    (row,) = measure_checkpoint(path, "").rows
    assert row.figures.norm == pytest.approx(float(np.linalg.norm(true)), rel=1e-6)


def test_the_distance_from_the_source_is_the_error_of_quantisation(tmp_path):
    tensors, true = kit.scaled_fp8(ARRAYS, "scale_weight")
    plain = kit.dense(tmp_path / "plain.safetensors", ARRAYS)
    scaled = kit.dense(tmp_path / "scaled.safetensors", tensors)
    distance = compare(plain, scaled).summary.components["denoiser"].total.l2
    expected = math.sqrt(sum(float(np.sum((ARRAYS[n] - true[n]) ** 2)) for n in ARRAYS))
    assert distance == pytest.approx(expected, rel=1e-6)


UNREAD = {
    "scales of scales": {"weight_scale": np.ones((256, 12), np.uint8)},
    "a rotation": {
        "weight_scale": np.float32(1),
        "comfy_quant": np.frombuffer(b'{"format":"int8_tensorwise","convrot":true}', np.uint8),
    },
}


@pytest.mark.parametrize("beside", UNREAD)
def test_what_is_not_understood_is_not_compared(beside, tmp_path):
    codes = np.random.default_rng(4).integers(-9, 9, (256, 192)).astype(np.int8)
    more = {NAME.replace("weight", end): each for end, each in UNREAD[beside].items()}
    path = kit.dense(tmp_path / "a.safetensors", ARRAYS | {NAME: codes} | more)
    other = kit.dense(tmp_path / "b.safetensors", ARRAYS)
    comparison = compare(path, other)
    assert [each.reason.code for each in comparison.summary.excluded] == ["not_unpacked"]
    assert comparison.summary.components["denoiser"].total.l2 == 0
    (row,) = (row for row in measure_checkpoint(path, "").rows if row.name.endswith("weight"))
    assert row.is_weight
    assert (row.blake3, row.figures) == (None, None)


@pytest.mark.parametrize("beside", UNREAD)
def test_what_is_not_read_is_never_called_the_same(beside, tmp_path):
    more = {NAME.replace("weight", end): each for end, each in UNREAD[beside].items()}
    paths = [
        kit.dense(tmp_path / name, ARRAYS | {NAME: np.full((256, 192), code, np.int8)} | more)
        for name, code in (("a.safetensors", 1), ("b.safetensors", 2))
    ]
    comparison = compare(*paths)
    assert not comparison.summary.components["denoiser"].total.identical
    (found,) = (each for each in judge(comparison, {}, {}) if each.component == "denoiser")
    assert not is_identical(found)
    assert found.not_comparable == 1


def test_a_shape_of_another_size_is_refused(tmp_path):
    tensors, _ = kit.bnb4(NAME, ARRAYS[NAME])
    state = next(name for name in tensors if "quant_state" in name)
    text = json.loads(tensors[state].tobytes()) | {"shape": [256, 193]}
    tensors[state] = np.frombuffer(json.dumps(text).encode(), np.uint8)
    path = kit.dense(tmp_path / "a.safetensors", ARRAYS | tensors)
    with pytest.raises(CheckpointError, match="quant_shape"):
        open_checkpoint(path)


LAYER = "double_blocks.0.img_mlp.0"
CODES = np.random.default_rng(3).integers(-127, 128, (256, 192)).astype(np.int8)
STEPS = np.random.default_rng(4).uniform(0.001, 0.01, (256, 1)).astype(np.float32)


@pytest.mark.parametrize(
    ("weight", "scale"),
    [("._weight_qdata", "._weight_scale"), (".weight:qdata", ".weight:scale")],
)
def test_torchao_tensors_without_zero_points_are_codes_times_scales(weight, scale, tmp_path):
    tensors = {LAYER + weight: CODES, LAYER + scale: STEPS}
    bias = {f"{LAYER}.bias": ARRAYS[f"{LAYER}.bias"]}
    path = kit.dense(tmp_path / "a.safetensors", tensors | bias)
    check(path, {NAME: CODES.astype(np.float64) * STEPS}, "int8")


# A layer as programs write it whose values are not unpacked: what holds the codes, the rest, and
# how the record names it.
HALVES = CODES.view(np.uint8)
SIDES = np.arange(2)
ARRAYS_BESIDE = {f"{LAYER}.bias": ARRAYS[f"{LAYER}.bias"]}
NOTES = {
    name: np.frombuffer(json.dumps({"format": name}).encode(), np.uint8)
    for name in ("svdquant_w4a4", "awq_w4a16", "convrot_w4a4")
}
OTHER_LAYOUTS = {
    "compressed-tensors with zero points": (
        {".weight": CODES, ".weight_scale": STEPS, ".weight_zero_point": CODES[:, :1]},
        "int8",
    ),
    "compressed-tensors of 4 bits": (
        {
            ".weight_packed": CODES.view("<i4"),
            ".weight_scale": STEPS,
            ".weight_shape": np.arange(2),
        },
        "compressed",
    ),
    "torchao with zero points": (
        {"._weight_qdata": CODES, "._weight_scale": STEPS, "._weight_zero_point": CODES[:, :1]},
        "int8",
    ),
    "torchao of 4 bits": (
        {"._weight_qdata": HALVES, "._weight_scale": STEPS, "._weight_zero_point": STEPS},
        "torchao_int4",
    ),
    "quanto of 4 bits": (
        {".weight._data._data": HALVES, ".weight._scale": STEPS, ".weight._shift": STEPS},
        "quanto",
    ),
    "HQQ": ({".W_q": HALVES, ".scale": STEPS, ".zero": STEPS}, "hqq"),
    "bitsandbytes without its state": (
        {".weight": HALVES, ".weight.absmax": STEPS, ".weight.quant_map": STEPS[:16]},
        "bnb_4bit",
    ),
    "SDNQ": ({".weight": CODES, ".scale": STEPS, ".svd_up": STEPS}, "int8"),
    "SVDQuant of ComfyUI": (
        {
            ".weight": CODES,
            ".weight_scale": STEPS.reshape(1, -1),
            ".weight_proj_down": np.ones((192, 8), np.float32),
            ".weight_proj_up": np.ones((256, 8), np.float32),
            ".weight_smooth_factor": np.ones(192, np.float32),
            ".comfy_quant": NOTES["svdquant_w4a4"],
        },
        "svdquant_w4a4",
    ),
    "AWQ of ComfyUI": (
        {
            ".weight": CODES,
            ".weight_scale": STEPS.reshape(1, -1),
            ".weight_zeros": STEPS.reshape(1, -1),
            ".comfy_quant": NOTES["awq_w4a16"],
        },
        "awq_w4a16",
    ),
    "rotated codes of 4 bits": (
        {".weight": CODES, ".weight_scale": STEPS, ".comfy_quant": NOTES["convrot_w4a4"]},
        "convrot_w4a4",
    ),
    "codes of weights that the inputs' scales belong to": (
        {".weight": CODES, ".weight_scale": STEPS, ".pre_quant_scale": STEPS[:192, 0]},
        "int8",
    ),
    "MXFP4": ({".weight": HALVES, ".weight_scale": HALVES[:, :6]}, "mxfp4"),
}


@pytest.mark.parametrize(
    ("codes", "more"),
    [((64 // 8, 96), (".g_idx",)), ((64, 96 // 8), ())],
    ids=["GPTQ", "AWQ"],
)
def test_a_transposed_matrix_has_the_sides_of_the_layer(codes, more, tmp_path):
    """Of 64 inputs and 96 outputs, in two groups; AutoGPTQ packs inputs, AutoAWQ outputs."""
    tensors = {
        ".qweight": np.zeros(codes, np.int32),
        ".scales": np.ones((2, 96), np.float16),
        ".qzeros": np.zeros((2, 96 // 8), np.int32),
        **{end: np.zeros(64, np.int32) for end in more},
    }
    path = kit.dense(tmp_path / "a.safetensors", {LAYER + end: t for end, t in tensors.items()})
    found = inspect(path)
    assert found.record.quantisation == ("gptq",)
    assert [row.shape for row in found.rows] == [(96, 64)]
    for scales in (np.float16(1), np.ones(96, np.float16)):
        single = tensors | {".scales": scales}
        path = kit.dense(tmp_path / "b.safetensors", {LAYER + end: t for end, t in single.items()})
        assert inspect(path).record.quantisation == ("gptq",)


@pytest.mark.parametrize("case", OTHER_LAYOUTS)
def test_a_layout_that_is_not_read_is_not_compared(case, tmp_path):
    parts, format_ = OTHER_LAYOUTS[case]
    tensors = {LAYER + end: part for end, part in parts.items()}
    path = kit.dense(tmp_path / "a.safetensors", ARRAYS_BESIDE | tensors)
    record = measure_checkpoint(path, "").record
    assert (record.tensors, record.quantisation) == (2, (format_,))
    assert "unmeasured_dtype" in {anomaly.code for anomaly in record.anomalies}
    comparison = compare(path, kit.dense(tmp_path / "b.safetensors", ARRAYS))
    whole = {each.reason.code for each in comparison.summary.excluded}
    # Packed codes do not tell the true sides.
    assert whole == {"not_unpacked"} or len(comparison.shape_mismatch) == 1
    assert comparison.summary.components["denoiser"].total.l2 == 0
