"""Figures against NumPy in float64, hashes against hashlib and blake3, one model in many files."""

import hashlib
import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import says
from safetensors.torch import load_file, save_file

from generator.checkpoints.formats.dtypes import BY_NAME, decode
from generator.checkpoints.formats.writing import encode_array, write_safetensors
from generator.checkpoints.inventory import single_pass
from generator.checkpoints.inventory.measuring import measure_checkpoint
from generator.checkpoints.inventory.record import inspect
from generator.checkpoints.inventory.statistics import Statistics
from generator.errors import CheckpointError
from generator.records import Checkpoint, TensorRow
from generator.records.store import read_result, write_result
from generator.records.tables import read_rows

FLOATS = [dtype.name for dtype in BY_NAME.values() if dtype.fraction is not None]
COMMON = ["float32", "float16", "bfloat16"]


def figures_of(tensor):
    statistics = Statistics(str(tensor.dtype).removeprefix("torch."))
    raw = tensor.flatten().view(torch.uint8).numpy() if tensor.numel() else np.empty(0, np.uint8)
    statistics.feed(memoryview(raw))
    return statistics.figures()


def assert_like_numpy(figures, tensor):
    exact = tensor.double().numpy().ravel()
    # A tolerance of zero besides, or a figure of 0 would equal all that is small.
    assert figures.norm == pytest.approx(np.linalg.norm(exact), rel=1e-6, abs=0)
    assert figures.std == pytest.approx(exact.std(), rel=1e-6, abs=0)
    assert figures.mean == pytest.approx(exact.mean(), rel=1e-6, abs=1e-7 * np.abs(exact).max())
    assert (figures.minimum, figures.maximum) == (exact.min(), exact.max())


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("size", [1, 7, 65_536, 200_001])
@pytest.mark.parametrize(("mean", "spread"), [(0, 1), (1, 1e-2), (-3, 5)])
def test_figures_of_floats(dtype, size, mean, spread):
    generator = torch.Generator().manual_seed(size)
    values = mean + spread * torch.randn(size, generator=generator)
    tensor = values.to(getattr(torch, dtype))
    assert_like_numpy(figures_of(tensor), tensor)


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("scale", [1e-36, 1e-20, 1e18, 1e37])
def test_figures_near_the_ends_of_the_range(dtype, scale):
    generator = torch.Generator().manual_seed(0)
    values = scale * torch.randn(1000, dtype=torch.float64, generator=generator)
    tensor = values.to(getattr(torch, dtype))
    assert_like_numpy(figures_of(tensor), tensor)


@pytest.mark.parametrize("dtype", ["int64", "int32", "int8", "uint8", "bool"])
def test_figures_of_integers(dtype):
    tensor = torch.arange(100).to(getattr(torch, dtype))
    figures = figures_of(tensor)
    assert_like_numpy(figures, tensor)
    assert figures.fraction_bits is None


@pytest.mark.parametrize("dtype", FLOATS)
def test_decodes_every_value_as_torch_does(dtype):
    bits = min(BY_NAME[dtype].bits, 16)
    raw = np.arange(2**bits, dtype=f"<u{bits // 8}")
    if BY_NAME[dtype].bits > 16:
        raw = np.random.default_rng(0).integers(0, 2**63, 5000).view(np.uint8)
    ours = decode(raw.view(np.uint8), dtype)
    theirs = torch.from_numpy(raw.view(np.uint8)).view(getattr(torch, dtype)).double().numpy()
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(ours.astype(np.float64), theirs)


@pytest.mark.parametrize("dtype", COMMON)
def test_counts_what_is_not_finite(dtype):
    values = torch.tensor([1.0, math.nan, math.inf, -math.inf, math.nan]).to(getattr(torch, dtype))
    figures = figures_of(values)
    assert (figures.nans, figures.infinities) == (2, 2)
    assert figures.norm is figures.mean is figures.std is figures.minimum is None


def test_an_empty_tensor_has_no_figures():
    assert figures_of(torch.zeros(0)).norm is None


@pytest.mark.parametrize(
    ("through", "bits"), [("float32", 23), ("float16", 10), ("bfloat16", 7), ("float8_e5m2", 2)]
)
def test_finds_the_precision_that_is_used(through, bits):
    values = torch.randn(20_000).to(getattr(torch, through)).float()
    assert figures_of(values).fraction_bits == bits


@given(st.lists(st.integers(0, 300_000), max_size=6))
@settings(max_examples=20, deadline=None)
def test_figures_do_not_depend_on_the_pieces(cuts):
    data = memoryview(torch.randn(150_000).numpy()).cast("B")
    whole, pieces = Statistics("float32"), Statistics("float32")
    whole.feed(data)
    places = [0, *sorted(cuts), len(data)]
    for start, stop in itertools.pairwise(places):
        pieces.feed(data[start:stop])
    assert pieces.figures() == whole.figures()


@pytest.fixture
def checkpoint(tmp_path):
    torch.manual_seed(0)
    prefix = "conditioner.embedders.1.model."
    tensors = {
        "model.diffusion_model.input_blocks.0.0.weight": torch.randn(32, 4, 3, 3),
        "model.diffusion_model.out.2.bias": torch.randn(5),
        f"{prefix}text_projection": torch.randn(24, 40).half(),
        f"{prefix}transformer.resblocks.0.attn.in_proj_weight": torch.randn(24, 8).bfloat16(),
        "alphas_cumprod": torch.rand(1000),
        "step": torch.tensor(12),
    }
    save_file(tensors, tmp_path / "model.safetensors", metadata={"sd_merge_recipe": "{}"})
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize("chunk", [4096, 1000, 7])
def test_hashes_and_rows(checkpoint, monkeypatch, chunk):
    monkeypatch.setattr(single_pass, "CHUNK", chunk)
    content = checkpoint.read_bytes()
    seen = []
    record, rows, files = measure_checkpoint(checkpoint, "id", seen.append)
    assert sum(seen) == len(content)

    (source,) = record.sources
    start = 8 + int.from_bytes(content[:8], "little")
    assert source.sha256 == hashlib.sha256(content).hexdigest()
    assert source.autov1 == hashlib.sha256(content[0x100000:0x110000]).hexdigest()[:8]
    assert source.autov2 == source.sha256[:10]
    assert source.autov3 == hashlib.sha256(content[start:]).hexdigest()[:12]

    tensors = load_file(checkpoint)
    by_name = {row.name: row for row in rows}
    weight = by_name["text_projection.weight"]
    expected = tensors["conditioner.embedders.1.model.text_projection"].T.contiguous()
    assert weight.shape == (40, 24)
    assert weight.blake3 == blake3(expected.numpy().tobytes()).hexdigest()
    fused = tensors["conditioner.embedders.1.model.transformer.resblocks.0.attn.in_proj_weight"]
    for place, name in enumerate("qkv"):
        row = by_name[f"text_model.encoder.layers.0.self_attn.{name}_proj.weight"]
        part = fused[8 * place : 8 * place + 8]
        assert (
            row.blake3 == blake3(part.contiguous().view(torch.uint8).numpy().tobytes()).hexdigest()
        )
        assert_like_numpy(row.figures, part)
    assert read_rows(TensorRow, files["id.tensors.parquet"]) == rows
    assert not by_name["step"].is_weight


@pytest.mark.parametrize("size", [1_000_000, 1_050_000, 2_000_000, 2 * single_pass.CHUNK])
def test_the_window_of_autov1(tmp_path, size):
    """Within a file of one chunk or of several, cut off by its end, or not there."""
    values = torch.from_numpy(np.random.default_rng(0).integers(0, 255, size, np.uint8))
    save_file({"x": values}, tmp_path / "a.safetensors")
    content = (tmp_path / "a.safetensors").read_bytes()
    record = measure_checkpoint(tmp_path / "a.safetensors", "a").record
    expected = hashlib.sha256(content[0x100000 : 0x100000 + 0x10000]).hexdigest()[:8]
    assert record.sources[0].autov1 == expected


def test_the_headers_alone_tell_the_same_but_values(checkpoint):
    light, rows = inspect(checkpoint)
    full = measure_checkpoint(checkpoint, "").record
    assert not light.measured
    assert light.sources[0].sha256 is None
    assert light.components[0].blake3 is None
    assert {row.blake3 for row in rows} == {None}
    assert light.parameters == full.parameters
    assert [each.dtypes for each in light.components] == [each.dtypes for each in full.components]


def test_the_same_input_gives_the_same_bytes(checkpoint, tmp_path):
    written = []
    for folder in ("a", "b"):
        record, _, files = measure_checkpoint(checkpoint, "id")
        write_result(tmp_path / folder, record, files, "digest")
        written.append({each.name: each.read_bytes() for each in (tmp_path / folder).iterdir()})
    assert written[0] == written[1]
    assert read_result(tmp_path / "a" / "id.json", Checkpoint).metadata[0].group == "merge recipe"


def test_a_tensor_that_is_not_in_row_major_order(tmp_path):
    tensor = torch.randn(300, 500).T
    torch.save({"x": tensor, "y": tensor[::3, 5:]}, tmp_path / "a.ckpt")
    _, rows, _ = measure_checkpoint(tmp_path / "a.ckpt", "a")
    expected = {"x": tensor, "y": tensor[::3, 5:]}
    for row in rows:
        values = expected[row.name].contiguous()
        assert row.blake3 == blake3(values.numpy().tobytes()).hexdigest()
        assert_like_numpy(row.figures, values)


def test_too_much_to_put_in_order_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("generator.checkpoints.inventory.weight_sinks.LARGEST_REORDERED", 1000)
    torch.save({"x": torch.randn(30, 50).T}, tmp_path / "a.ckpt")
    with pytest.raises(CheckpointError, check=says("row-major", "not_contiguous")):
        measure_checkpoint(tmp_path / "a.ckpt", "a")


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be cut on Windows")
@pytest.mark.parametrize("left", [0, 5000, 100_000])
def test_a_file_that_shrinks_is_refused(tmp_path, monkeypatch, left):
    path = tmp_path / "a.safetensors"
    save_file({"x": torch.randn(200_000)}, path)
    monkeypatch.setattr(single_pass, "CHUNK", 4096)

    def cut(_):
        with path.open("r+b") as file:
            file.truncate(left)

    with pytest.raises(CheckpointError, check=says(r"ends at byte|changed while")):
        measure_checkpoint(path, "a", cut)


def test_a_file_that_changes_is_refused(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"x": torch.randn(2000)}, path)
    content = path.read_bytes()
    with pytest.raises(CheckpointError, check=says("changed while", "changed")):
        measure_checkpoint(path, "a", lambda _: path.write_bytes(content[:-4] + b"\0\0\0\0"))


def test_a_damaged_storage_is_told(tmp_path):
    torch.save({"x": torch.full((100,), 0.123)}, tmp_path / "a.ckpt")
    content = bytearray((tmp_path / "a.ckpt").read_bytes())
    content[content.index(np.float32(0.123).tobytes())] ^= 1
    (tmp_path / "a.ckpt").write_bytes(content)
    anomalies = measure_checkpoint(tmp_path / "a.ckpt", "a").record.anomalies
    assert [each.code for each in anomalies] == ["bad_checksum"]
    assert anomalies[0].tensors == ("a/data/0",)


IMPORTS = """
import sys
from pathlib import Path
from generator.checkpoints.inventory.record import inspect
inspect(Path(sys.argv[1]))
print(*sorted({"torch", "diffusers", "transformers", "safetensors", "arro3"} & set(sys.modules)))
"""


def test_inspecting_imports_nothing_heavy(checkpoint):
    command = [sys.executable, "-c", IMPORTS, str(checkpoint)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def anomalies_of(tmp_path, tensors, suffix="safetensors"):
    path = tmp_path / f"model.{suffix}"
    if suffix == "ckpt":
        torch.save(tensors, path)
    else:
        save_file(tensors, path)
    record = measure_checkpoint(path, "a").record
    return {each.code: each for each in record.anomalies}


CLIP = "cond_stage_model.transformer.text_model.embeddings."


@pytest.mark.parametrize("dtype", [torch.int64, torch.float16, torch.bfloat16])
def test_damaged_position_ids(tmp_path, dtype):
    ids = torch.arange(77).reshape(1, 77)
    good = {
        f"{CLIP}position_ids": ids.to(dtype),
        f"{CLIP}token_embedding.weight": torch.randn(9, 9),
    }
    # Nor do tensors that lie side by side share their memory.
    assert not {"damaged_position_ids", "shared_storage"} & anomalies_of(tmp_path, good).keys()
    ids[0, 41] = 40
    bad = {**good, f"{CLIP}position_ids": ids.to(dtype)}
    found = anomalies_of(tmp_path, bad)["damaged_position_ids"]
    assert (found.wrong, found.places) == (1, (41,))


def test_nan_zero_mixed_and_truncated(tmp_path):
    name = "first_stage_model.decoder.conv_in.weight"
    broken = torch.randn(4, 4)
    broken[1, 2] = math.nan
    found = anomalies_of(
        tmp_path,
        {
            name: broken,
            "first_stage_model.decoder.conv_in.bias": torch.zeros(8),
            "first_stage_model.decoder.conv_out.weight": torch.randn(8, 1).half(),
            "cond_stage_model.transformer.text_model.final_layer_norm.weight": torch.randn(20_000)
            .half()
            .float(),
        },
    )
    assert found["not_finite"].tensors == (name,)
    assert found["all_zero"].tensors == ("first_stage_model.decoder.conv_in.bias",)
    assert found["mixed_dtypes"].dtypes == ("float16", "float32")
    assert found["truncated_precision"].component == "text_encoder"
    assert found["truncated_precision"].fits == "float16"


def test_left_over_training_state(tmp_path):
    tensor = torch.randn(8)
    found = anomalies_of(
        tmp_path,
        {
            "state_dict": {
                "model.diffusion_model.input_blocks.0.0.bias": tensor,
                "model_ema.diffusion_modelinput_blocks00bias": tensor.clone(),
                "model_ema.decay": torch.tensor(0.99),
            },
            "optimizer_states": [{"state": {0: {"exp_avg": tensor}}}],
        },
        "ckpt",
    )
    assert found["ema"].count == 1
    assert found["optimizer_state"].tensors == ("optimizer_states.0.state.0.exp_avg",)
    assert found["shared_storage"].count == 1
    # One tensor tells no network, so nobody knows what it needs.
    assert "missing_component" not in found


def test_unmeasured_dtypes_are_listed(tmp_path):
    tensors = {"x": torch.zeros(4, dtype=torch.complex64)}
    found = anomalies_of(tmp_path, tensors)
    assert found["unmeasured_dtype"].dtype == "complex64"


def test_hostile_metadata_and_names_are_carried_as_they_are(tmp_path):
    name = "<script>alert(1)</script>\u202e{{7*7}}|`"
    content = write_safetensors(
        {name: encode_array(np.zeros(1, np.float32))}, {"<b>": "x" * 100_000}
    )
    (tmp_path / "a.safetensors").write_bytes(content)
    record, rows, _ = measure_checkpoint(tmp_path / "a.safetensors", "a")
    assert rows[0].name == name
    assert record.metadata[0].length == 100_000
    assert len(record.metadata[0].text) < 20_000


@pytest.mark.parametrize(
    ("key", "prefix"), [("sshs_model_hash", ""), ("modelspec.hash_sha256", "0x")]
)
def test_a_hash_in_the_metadata_is_checked(key, prefix, tmp_path):
    tensors = {"a": torch.ones(3)}
    path = tmp_path / "a.safetensors"
    save_file(tensors, path)
    digest = hashlib.sha256(torch.ones(3).numpy().tobytes()).hexdigest()
    for stated, codes in ((digest, set()), (digest[::-1], {"other_hash"})):
        save_file(tensors, path, {key: prefix + stated})
        found = {each.code for each in measure_checkpoint(path, "").record.anomalies}
        assert found & {"other_hash"} == codes
