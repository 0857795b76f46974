"""One model in a single file, in shards and in a diffusers folder is one model."""

import json
import shutil
import sys

import networks
import pytest
import torch
from refusing import says
from safetensors.torch import load_file, save_file
from test_layouts import index_of, original

from generator.checkpoints.formats.folders import list_shards, list_weight_paths
from generator.checkpoints.formats.opening import open_checkpoint
from generator.checkpoints.identify.contents import identify
from generator.checkpoints.inventory.measuring import measure_checkpoint
from generator.checkpoints.inventory.record import inspect
from generator.checkpoints.keys.sections import section_of
from generator.errors import CheckpointError
from generator.networks.layouts import LAYOUTS
from generator.records import LeftOutFile

CLIP_L = ("cond_stage_model.transformer.", "text_encoder", "clip-l", None)
CLIP_H = ("cond_stage_model.model.", "text_encoder", "open-clip-h", LAYOUTS["open-clip"])
XL_L = ("conditioner.embedders.0.transformer.", "text_encoder", "clip-l", None)
XL_G = ("conditioner.embedders.1.model.", "text_encoder_2", "open-clip-g", LAYOUTS["open-clip"])


@pytest.mark.parametrize(
    ("id_", "encoders"), [("sd1", [CLIP_L]), ("sd2", [CLIP_H]), ("sdxl", [XL_L, XL_G])]
)
def test_single_file_and_folder_hold_the_same_weights(id_, encoders):
    unet = networks.denoiser(id_).state_dict()
    vae = dict(networks.autoencoder().named_parameters())
    folder = {f"unet/{name}": tensor for name, tensor in unet.items()}
    folder |= {f"vae/{name}": tensor for name, tensor in vae.items()}
    single = {
        f"model.diffusion_model.{name}": tensor
        for name, tensor in original(unet, LAYOUTS["unet-original"]).items()
    }
    single |= {
        f"first_stage_model.{name}": tensor
        for name, tensor in original(vae, LAYOUTS["vae-original"]).items()
    }
    for prefix, component, network, layout in encoders:
        text = networks.parameters(networks.text_encoder(network))
        folder |= {f"{component}/{name}": tensor for name, tensor in text.items()}
        spelled = original(text, layout) if layout else text
        single |= {f"{prefix}{name}": tensor for name, tensor in spelled.items()}
    # What original files hold besides.
    single["alphas_cumprod"] = torch.empty(1000, device="meta")
    if encoders[0] in (CLIP_L, XL_L):
        name = f"{encoders[0][0]}text_model.embeddings.position_ids"
        single[name] = torch.empty(1, 77, dtype=torch.int64, device="meta")

    def weights(tensors):
        contents = identify(index_of(tensors))
        assert contents.architecture == id_
        assert all(each.network for each in contents.components if each.name != "other")
        return {
            (each.component, each.name): (each.shape, each.dtype, each.block, each.kind)
            for each in contents.weights
            if each.is_weight
        }

    assert weights(single) == weights(folder)


def digests(path):
    record = measure_checkpoint(path, "x").record
    return {each.name: each.blake3 for each in record.components if each.blake3}


@pytest.fixture
def shards(family, tmp_path):
    """The base of the demo family, cut into three shards."""
    tensors = load_file(family / "demo-base.safetensors")
    names = sorted(tensors)
    weight_map = {}
    for number in range(3):
        shard = f"model-0000{number + 1}-of-00003.safetensors"
        part = names[number::3]
        save_file({name: tensors[name] for name in part}, tmp_path / shard)
        weight_map |= dict.fromkeys(part, shard)
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": weight_map}))
    return index


def test_shards_are_the_same_model(family, shards):
    record = measure_checkpoint(shards, "x").record
    assert len(record.sources) == 3
    assert digests(shards) == digests(family / "demo-base.safetensors")
    # The folder around it, too.
    assert digests(shards.parent) == digests(shards)


def test_what_is_left_out_of_a_folder_is_listed(family, tmp_path):
    folder = shutil.copytree(family / "demo-diffusers", tmp_path / "model")
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    shutil.copy(weights, folder / "unet" / "diffusion_pytorch_model.fp16.safetensors")
    for other in ("safety_checker", "transformer_2"):
        (folder / other).mkdir()
        shutil.copy(weights, folder / other / "model.safetensors")
    index = open_checkpoint(folder)
    assert index.left_out == (
        LeftOutFile(name="unet/diffusion_pytorch_model.fp16.safetensors", reason="another_copy"),
        LeftOutFile(name="safety_checker/model.safetensors", reason="no_component"),
        LeftOutFile(name="transformer_2/model.safetensors", reason="second_denoiser"),
    )
    assert digests(folder) == digests(family / "demo-branch-b.safetensors")


def test_names_of_files_are_relative_to_the_folder(family):
    sources = inspect(family / "demo-diffusers").record.sources
    assert {source.name for source in sources} == {
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
        "text_encoder/model.safetensors",
    }


def test_one_part_of_a_pipeline_is_recognised_by_itself(family):
    record = inspect(family / "demo-diffusers" / "unet").record
    assert record.architecture == "sd1"
    assert [each.name for each in record.components] == ["denoiser"]


@pytest.mark.parametrize(
    ("read", "left_out"),
    [
        ("model.safetensors", "model.bin"),
        ("model.fp16.safetensors", "model.bin"),
        ("model.safetensors", "model.fp16.safetensors"),
        ("model.bin", "model.fp16.bin"),
        ("diffusion_pytorch_model.safetensors", "model.safetensors"),
        ("model.safetensors", "model.safetensors.index.json"),
        ("model.safetensors.index.json", "model.fp16.safetensors"),
        ("model.fp16.safetensors.index.json", "model.bin"),
        ("model.fp16.safetensors.index.fp16.json", "model.bin"),
        ("pytorch_model.safetensors", "pytorch_model.bin"),
    ],
)
def test_which_of_two_copies_is_read(tmp_path, read, left_out):
    for name in (left_out, read):
        (tmp_path / name).touch()
    parts, others = list_weight_paths(tmp_path)
    assert [part.path.name for part in parts] == [read]
    assert [other.name for other in others] == [left_out]


@pytest.mark.parametrize(
    ("part", "component"),
    [("prior", "denoiser"), ("decoder", "denoiser"), ("vqgan", "vae"), ("movq", "vae")],
)
def test_folders_of_pipelines_of_two_stages(part, component, tmp_path):
    """Stable Cascade and Kandinsky 2 have a prior, a decoder, and a VAE of another name."""
    for name in ("diffusion_pytorch_model.safetensors", "optimizer.bin"):
        (tmp_path / part).mkdir(exist_ok=True)
        (tmp_path / part / name).touch()
    (weights,), left_out = list_weight_paths(tmp_path)
    assert section_of(f"{weights.prefix}conv_in.weight") == (component, "conv_in.weight")
    assert left_out == (LeftOutFile(name=f"{part}/optimizer.bin", reason="no_component"),)


@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges on Windows")
def test_links_out_of_any_other_folder_of_snapshots_are_refused(family, tmp_path):
    folder = shutil.copytree(family / "demo-diffusers", tmp_path / "backups" / "snapshots" / "1a2b")
    file = folder / "vae" / "diffusion_pytorch_model.safetensors"
    shutil.move(file, tmp_path / "backups" / "elsewhere")
    file.symlink_to("../../../elsewhere")
    assert file.exists()
    with pytest.raises(CheckpointError, check=says("leads outside", "outside")):
        open_checkpoint(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges on Windows")
def test_links_into_the_cache_of_huggingface_are_followed(family, tmp_path):
    cache = tmp_path / "models--org--name"
    shutil.copytree(family / "demo-diffusers", cache / "snapshots" / "1a2b")
    (cache / "blobs").mkdir()
    file = cache / "snapshots" / "1a2b" / "vae" / "diffusion_pytorch_model.safetensors"
    shutil.move(file, cache / "blobs" / "c0ffee")
    file.symlink_to("../../../blobs/c0ffee")
    assert "vae" in digests(cache / "snapshots" / "1a2b")
    file.unlink()
    shutil.move(cache / "blobs" / "c0ffee", tmp_path / "elsewhere")
    file.symlink_to("../../../../elsewhere")
    with pytest.raises(CheckpointError, check=says("leads outside", "outside")):
        open_checkpoint(cache / "snapshots" / "1a2b")


@pytest.mark.parametrize("more", [0, 1])
def test_an_index_of_shards_may_have_16_mib(tmp_path, more):
    path = tmp_path / "model.safetensors.index.json"
    path.write_bytes(b'{"weight_map": {"x": "a.safetensors"}}'.ljust(16 * 2**20 + more))
    if more:
        with pytest.raises(CheckpointError, check=says("16,777,217 bytes", "too_large")):
            list_shards(path)
    else:
        (tmp_path / "a.safetensors").touch()
        assert list_shards(path) == {tmp_path / "a.safetensors": {"x"}}
