"""The demo family: what its truth says is what its files hold."""

import json

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from generator.checkpoints.demo.making import TRUTH_FILE
from generator.checkpoints.formats.opening import open_checkpoint


@pytest.fixture(scope="module")
def truth(family):
    entries = json.loads((family / TRUTH_FILE).read_text())["checkpoints"]
    return {entry["name"]: entry for entry in entries}


def digests(record):
    return {each.name: each.blake3 for each in record.components}


def values(family, truth, name):
    return load_file(family / truth[name]["path"])


def test_is_about_two_dozen_small_checkpoints(family, truth):
    assert 20 <= len(truth) <= 26
    for path in family.rglob("*"):
        assert path.is_dir() or path.stat().st_size < 10e6


def test_all_are_stable_diffusion_1_or_parts_of_it(truth, family_records):
    usual = {"denoiser": "sd1", "vae": "kl-f8", "text_encoder": "clip-l", "ema": "sd1"}
    for name, record in family_records.items():
        if truth[name]["kind"] == "adapter":
            assert (record.kind, record.base_model) == ("lora", "sd1")
            continue
        networks = {each.name: each.network for each in record.components if each.name != "other"}
        assert networks.items() <= usual.items()
        held = truth[name]["kind"] == "copy" and truth[name]["components"]
        assert set(held or ("denoiser", "vae", "text_encoder")) <= networks.keys()


def test_copies_are_the_same_model(truth, family_records):
    copies = [each for each in truth.values() if each["kind"] == "copy"]
    assert {each["layout"] for each in copies} > {"diffusers", "renamed text encoder"}
    for copy in copies:
        own, parent = (digests(family_records[each]) for each in (copy["name"], *copy["parents"]))
        assert (own.items() <= parent.items()) == (copy["dtype"] == "float32")


def test_components_that_were_not_touched_are_equal(truth, family_records):
    base = digests(family_records["demo-base"])
    frozen = digests(family_records["demo-frozen-text-encoder"])
    assert frozen["text_encoder"] == base["text_encoder"]
    assert frozen["vae"] == base["vae"]
    assert frozen["denoiser"] != base["denoiser"]
    swapped = digests(family_records["demo-vae-swapped"])
    first, second = (digests(family_records[name]) for name in truth["demo-vae-swapped"]["parents"])
    assert swapped == {**first, "vae": second["vae"]}


def test_merges_are_the_sums_that_truth_says(family, truth):
    half = truth["demo-merge-half"]
    merged = values(family, truth, "demo-merge-half")
    parents = [values(family, truth, name) for name in half["parents"]]
    for name, value in merged.items():
        if name.startswith("model.diffusion_model."):
            expected = sum(
                s * p[name].astype(float) for s, p in zip(half["shares"], parents, strict=True)
            )
            np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-6)


def test_block_merges_have_the_shares_that_truth_says(family, truth):
    entry = truth["demo-merge-blocks"]
    merged = values(family, truth, "demo-merge-blocks")
    first, second = (values(family, truth, name) for name in entry["parents"])
    blocks = {
        "input_blocks.4.1.proj_in.weight": "IN04",
        "middle_block.0.in_layers.2.weight": "MID",
        "output_blocks.11.0.out_layers.3.weight": "OUT11",
        "out.2.weight": "REST",
    }
    for name, block in blocks.items():
        key = f"model.diffusion_model.{name}"
        share = entry["block_shares"][block]
        expected = (1 - share) * first[key].astype(float) + share * second[key]
        np.testing.assert_allclose(merged[key], expected, rtol=1e-5, atol=1e-6)
    assert len(entry["block_shares"]) == 26


def test_add_difference_is_what_truth_says(family, truth):
    entry = truth["demo-merge-add-difference"]
    a, b, c = (values(family, truth, name) for name in entry["parents"])
    key = "model.diffusion_model.input_blocks.1.0.in_layers.2.weight"
    expected = a[key] + entry["shares"][0] * (b[key].astype(float) - c[key])
    made = values(family, truth, "demo-merge-add-difference")[key]
    np.testing.assert_allclose(made, expected, rtol=1e-5, atol=1e-6)


def test_low_precision_copies_are_rounded_as_torch_rounds(family, truth):
    from safetensors.torch import load_file as load

    for name, dtype in (("demo-float16", torch.float16), ("demo-bfloat16", torch.bfloat16)):
        copied = load(family / truth[name]["path"])
        parent = load(family / truth[truth[name]["parents"][0]]["path"])
        for key, value in parent.items():
            rounded = value.to(dtype) if value.is_floating_point() else value
            assert torch.equal(copied[key], rounded)


def test_the_gguf_file_is_rounded_as_the_gguf_package_rounds(family, truth):
    gguf = pytest.importorskip("gguf")

    entry = truth["demo-gguf"]
    parent = values(family, truth, *entry["parents"])
    kinds = set()
    for tensor in gguf.GGUFReader(family / entry["path"]).tensors:
        original = parent[f"model.diffusion_model.{tensor.name}"]
        kinds.add(tensor.tensor_type.name)
        rounded = gguf.quants.quantize(original, tensor.tensor_type)
        assert tensor.data.tobytes() == rounded.tobytes()
    assert kinds == {"F32", "Q8_0"}


def test_the_scaled_float8_copy_is_rounded_as_torch_rounds(family, truth):
    from safetensors.torch import load_file as load

    entry = truth["demo-scaled-float8"]
    copied, parent = (load(family / truth[n]["path"]) for n in (entry["name"], *entry["parents"]))
    scales = [name for name in copied if name.endswith(".scale_weight")]
    assert len(scales) > 100
    for name in scales:
        weight = name.replace(".scale_weight", ".weight")
        scaled = (parent[weight] / copied[name]).to(torch.float8_e4m3fn)
        assert scaled.abs().float().max() == 448
        assert torch.equal(copied[weight].view(torch.uint8), scaled.view(torch.uint8))


def test_the_baked_lora_is_added(family, truth):
    entry = truth["demo-lora-baked"]
    parent, lora = (values(family, truth, name) for name in entry["parents"])
    merged = values(family, truth, "demo-lora-baked")
    module = "down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
    key = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight"
    down, up = (lora[f"lora_unet_{module}.lora_{end}.weight"] for end in ("down", "up"))
    alpha = lora[f"lora_unet_{module}.alpha"]
    change = entry["shares"][0] * alpha / len(down) * (up.astype(float) @ down)
    np.testing.assert_allclose(merged[key], parent[key] + change, rtol=1e-6, atol=1e-7)
    assert np.abs(change).max() > 0.001


def test_torch_loads_the_ckpt(family, truth, family_records):
    entry = truth["demo-ema"]
    loaded = torch.load(family / entry["path"], weights_only=True)
    assert loaded["global_step"] == 12000
    names = {tensor.name for tensor in open_checkpoint(family / entry["path"]).tensors}
    assert names == set(loaded["state_dict"])
    codes = {each.code for each in family_records["demo-ema"].anomalies}
    assert "ema" in codes
    assert {each.name: each.network for each in family_records["demo-ema"].components}[
        "ema"
    ] == "sd1"
    assert family_records["demo-ema"].training == {"epoch": "3", "global_step": "12000"}


def test_the_shapes_are_those_of_a_narrow_network():
    import diffusers

    from generator.checkpoints.demo import shapes

    with torch.device("meta"):
        unet = diffusers.UNet2DConditionModel(
            block_out_channels=shapes.UNET_CHANNELS,
            cross_attention_dim=shapes.TEXT_WIDTH,
            norm_num_groups=8,
        )
    expected = {name: tuple(each.shape) for name, each in unet.named_parameters()}
    assert shapes.demo_shapes()["denoiser"] == expected
