"""Configs: those of known families build, everything else is refused with its reason."""

import json

import pytest
from diffusers import AudioLDM2UNet2DConditionModel, UNet2DConditionModel

from generator.architectures.arguments import describe, published_arguments
from generator.architectures.blocks import network_blocks
from generator.architectures.components import build_component
from generator.architectures.counts import Summary, at_published_inputs
from generator.architectures.measure import measure_architecture
from generator.architectures.network import build_network, read_config
from generator.catalog.entries import ArchitectureEntry, ComponentEntry, InputSizes
from generator.errors import ConfigError
from generator.networks.families import FAMILIES
from generator.records import PipelineSettings
from generator.records.reasons import InputsUnknown, ReadsValues, SizesUnknown

# A distilled SDXL UNet as people publish them: one residual block fewer in every stage, no middle.
# Not one of the configs of this project.
DISTILLED_SDXL = {
    "_class_name": "UNet2DConditionModel",
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "attention_head_dim": [5, 10, 20],
    "block_out_channels": [320, 640, 1280],
    "cross_attention_dim": 2048,
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "layers_per_block": 1,
    "mid_block_type": None,
    "projection_class_embeddings_input_dim": 2816,
    "sample_size": 128,
    "transformer_layers_per_block": [1, 2, 6],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    "use_linear_projection": True,
}


def test_a_distilled_unet_is_measured_without_code(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(DISTILLED_SDXL))
    entry = ArchitectureEntry(id="distilled", name="Distilled", repo="-", config="config.json")
    record = measure_architecture(entry, tmp_path).record
    names = [block.name for block in record.mbw.blocks]
    # One residual block and one resampling a stage: conv, 2 + 2 + 1 down, 2 + 2 + 2 up, no middle.
    assert names == [f"IN{n:02}" for n in range(6)] + [f"OUT{n:02}" for n in range(6)] + ["REST"]
    assert sum(block.parameters for block in record.mbw.blocks) == record.parameters.diffusers
    assert record.pipeline.pipeline_class == "StableDiffusionXLPipeline"
    assert (record.pipeline.height, record.pipeline.width) == (1024, 1024)
    assert len(record.diagrams) == 3


def test_flux_without_guidance_has_no_guidance_input():
    config = {
        "_class_name": "FluxTransformer2DModel",
        "num_layers": 1,
        "num_single_layers": 1,
        "guidance_embeds": False,
    }
    network = build_network(config, "schnell")
    assert "guidance" not in published_arguments(network, InputSizes())


@pytest.mark.parametrize("class_name", [None, 5, "", "NoSuchModel", "os.system", "ModelMixin.load"])
def test_an_unknown_class_is_refused(class_name):
    with pytest.raises(ConfigError, match="has no network") as refused:
        build_network({"_class_name": class_name}, "config.json")
    assert repr(class_name) in str(refused.value)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"_class_name": "AutoencoderKL"}, "AutoencoderKL is an autoencoder, not a denoiser"),
        ({"_class_name": "ControlNetModel"}, "ControlNetModel is a ControlNet, not a denoiser"),
        ({"_class_name": "T2IAdapter"}, "T2IAdapter is an adapter, not a denoiser"),
        ({"_class_name": "FluxPipeline"}, "FluxPipeline is a pipeline or a part of one, not a"),
        ({"_class_name": "DDPMScheduler"}, "DDPMScheduler is a scheduler, not a denoiser"),
        ({"architectures": ["CLIPTextModel"]}, "a config of transformers"),
    ],
)
def test_other_networks_are_refused_by_what_they_are(config, reason):
    with pytest.raises(ConfigError, match=reason):
        build_network(config, "config.json")


def test_a_unet_that_lies_with_its_pipeline_is_a_denoiser():
    settings = {
        "block_out_channels": [32, 64],
        "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
        "norm_num_groups": 8,
        "cross_attention_dim": [16, 24],
    }
    network = build_network({"_class_name": "AudioLDM2UNet2DConditionModel"} | settings, "config")
    real = AudioLDM2UNet2DConditionModel(**settings)
    assert network.module.num_parameters() == sum(each.numel() for each in real.parameters())
    names = list(dict.fromkeys(network_blocks(network).values()))
    assert names == ["IN00", "IN01", "IN02", "MID", "OUT00", "OUT01"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"block_out_channels": "many"}, "UNet2DConditionModel"),
        ({"in_channels": -4}, "UNet2DConditionModel"),
        ({"down_block_types": ["NoSuchBlock"] * 3}, "UNet2DConditionModel"),
    ],
)
def test_a_wrong_value_is_refused_by_name(change, named):
    with pytest.raises(ConfigError, match=named) as refused:
        build_network(DISTILLED_SDXL | change, "some/config.json")
    assert refused.value.subject == "some/config.json"


@pytest.mark.parametrize(
    ("config", "error"),
    [({"block_out_channels": 4}, TypeError), ({"down_block_types": ["Nope"] * 4}, ValueError)],
)
def test_a_wrong_value_of_a_component_is_told_with_its_kind(config, error, tmp_path):
    (tmp_path / "vae.json").write_text(json.dumps(config))
    entry = ComponentEntry(
        id="x", name="X", kind="vae", class_name="AutoencoderKL", config="vae.json"
    )
    told = rf"AutoencoderKL cannot be built from it \({error.__name__}: "
    with pytest.raises(ConfigError, match=told):
        build_component(entry, tmp_path)


@pytest.mark.parametrize(
    "config",
    [
        {"_class_name": "WanTransformer3DModel", "num_layers": 0},
        {"_class_name": "WanTransformer3DModel", "num_layers": -1},
        {"_class_name": "PRXTransformer2DModel", "depth": 0},
        {"_class_name": "Lumina2Transformer2DModel", "num_layers": 0, "num_refiner_layers": 2},
        {"_class_name": "FluxTransformer2DModel", "num_layers": 0, "num_single_layers": 0},
    ],
)
def test_a_network_without_blocks_is_refused_by_the_keys_that_count_them(config):
    with pytest.raises(ConfigError, match=r"has no blocks with \w+ = (0|-1)") as refused:
        build_network(config, "config.json")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("counts", [(0, 2), (2, 0)])
def test_a_network_with_one_of_its_two_kinds_of_blocks_is_built(counts):
    config = {"num_layers": counts[0], "num_single_layers": counts[1], "num_attention_heads": 2}
    network = build_network({"_class_name": "FluxTransformer2DModel", **config}, "config.json")
    assert len(network_blocks(network)) == 2


def test_a_list_of_a_single_block_is_one_if_it_is_called_so():
    config = {"num_layers": 1, "num_refiner_layers": 1, "hidden_size": 96, "num_kv_heads": 2}
    config |= {"num_attention_heads": 4, "axes_dim_rope": [8, 8, 8]}
    network = build_network({"_class_name": "Lumina2Transformer2DModel", **config}, "config.json")
    assert network_blocks(network) == {
        "noise_refiner.0": "NOISE00",
        "context_refiner.0": "CONTEXT00",
        "layers.0": "BLOCK00",
    }


def test_a_key_that_the_class_does_not_have_is_told():
    network = build_network(DISTILLED_SDXL | {"bogus_key": 1, "_extra": 2}, "config.json")
    assert network.ignored_keys == ("bogus_key",)


def test_a_variant_of_unknown_inputs_is_counted_without_flops(tmp_path):
    config = DISTILLED_SDXL | {"addition_embed_type": None, "class_embed_type": "timestep"}
    record = measured(tmp_path, config)
    assert record.no_forward == InputsUnknown(class_name="UNet2DConditionModel")
    assert (record.published, record.pipeline, record.defaults) == (None, None, None)
    assert record.parameters.diffusers == record.parameters.torchinfo > 0
    assert [diagram.name for diagram in record.diagrams] == ["schematic"]


def test_a_class_without_a_table_is_counted_by_its_lists_of_modules(tmp_path):
    config = {
        "_class_name": "AllegroTransformer3DModel",
        "num_layers": 3,
        "num_attention_heads": 2,
        "attention_head_dim": 24,
        "cross_attention_dim": 48,
        "caption_channels": 16,
    }
    assert config["_class_name"] not in FAMILIES
    record = measured(tmp_path, config)
    counts = {block.name: block.parameters for block in record.mbw.blocks}
    assert list(counts) == ["BLOCK00", "BLOCK01", "BLOCK02", "REST"]
    assert sum(counts.values()) == record.parameters.diffusers
    assert len({counts[f"BLOCK0{number}"] for number in range(3)}) == 1
    assert record.no_forward == InputsUnknown(class_name="AllegroTransformer3DModel")


def test_a_forward_pass_that_reads_values_is_made_if_no_weight_decides_them(tmp_path):
    config = {"_class_name": "Lumina2Transformer2DModel", "num_layers": 2, "hidden_size": 96}
    config |= {"num_attention_heads": 4, "num_kv_heads": 2, "axes_dim_rope": [8, 8, 8]}
    record = measured(tmp_path, config)
    assert record.no_forward is None
    assert record.pipeline.pipeline_class == "Lumina2Pipeline"
    names = [block.name for block in record.mbw.blocks]
    assert names == ["NOISE00", "NOISE01", "CONTEXT00", "CONTEXT01", "BLOCK00", "BLOCK01", "REST"]


def test_a_forward_pass_that_reads_weights_is_not_made(tmp_path, monkeypatch):
    forward = UNet2DConditionModel.forward

    def reading(module, *args, **kwargs):
        float(module.conv_in.weight.sum())
        return forward(module, *args, **kwargs)

    monkeypatch.setattr(UNet2DConditionModel, "forward", reading)
    assert measured(tmp_path, DISTILLED_SDXL).no_forward == ReadsValues()


def test_a_size_that_the_config_leaves_out_costs_the_flops_alone(tmp_path):
    record = measured(tmp_path, DISTILLED_SDXL | {"sample_size": None})
    assert isinstance(record.no_forward, SizesUnknown)
    assert "sample_size" in record.no_forward.detail
    assert record.parameters.torch > 0
    with pytest.raises(ConfigError, match="is not a size"):
        measured(tmp_path, DISTILLED_SDXL | {"sample_size": -1})


def test_a_class_that_diffusers_replaces_is_known_by_the_one_that_is_built(tmp_path):
    # What early configs call `Transformer2DModel`.
    config = {"_class_name": "Transformer2DModel", "norm_type": "ada_norm_zero", "in_channels": 4}
    config |= {"num_embeds_ada_norm": 1000, "sample_size": 8, "patch_size": 2, "num_layers": 1}
    config |= {"num_attention_heads": 2, "attention_head_dim": 8, "out_channels": 8}
    assert measured(tmp_path, config).pipeline.pipeline_class == "DiTPipeline"


def test_a_network_of_far_too_many_layers_is_refused_before_it_is_built(tmp_path):
    with pytest.raises(ConfigError, match="more than 20,000 tensors"):
        measured(tmp_path, {"_class_name": "FluxTransformer2DModel", "num_layers": 10**6})


def measured(folder, config, **fields):
    (folder / "config.json").write_text(json.dumps(config))
    entry = ArchitectureEntry(id="one", name="One", repo="-", config="config.json", **fields)
    return measure_architecture(entry, folder).record


def test_a_pipeline_that_does_not_call_the_network_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="FluxPipeline does not call this network"):
        measured(tmp_path, DISTILLED_SDXL, pipeline="FluxPipeline")


def test_a_size_that_does_not_divide_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="1001 pixels are not a multiple of 8"):
        measured(tmp_path, DISTILLED_SDXL, defaults=PipelineSettings(height=1001))


def test_a_size_that_is_no_integer_is_told():
    network = build_network(DISTILLED_SDXL | {"sample_size": [128, 128]}, "config.json")
    with pytest.raises(ValueError, match="latent"):
        published_arguments(network, InputSizes())


def test_a_config_of_a_hundred_megabytes_is_not_read(tmp_path):
    path = tmp_path / "config.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(ConfigError, match="not a config"):
        read_config(path)


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, '"text"', "\udcff"])
def test_what_is_no_json_object_is_refused(tmp_path, content):
    path = tmp_path / "config.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=r"config\.json"):
        read_config(path)


def test_a_config_may_begin_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "config.json"
    path.write_bytes(b'\xef\xbb\xbf{"_class_name": "UNet2DModel"}')
    assert read_config(path) == {"_class_name": "UNet2DModel"}


def test_inputs_of_a_transformer_count_the_patches_of_the_latent_image():
    network = build_network(
        {"_class_name": "FluxTransformer2DModel", "num_layers": 1, "num_single_layers": 1}, "flux"
    )
    inputs = describe(published_arguments(network, InputSizes(latent=128, text_tokens=9)))
    # 128 / 2 patches on a side.
    assert inputs["hidden_states"].shape == (1, 4096, 64)
    assert inputs["img_ids"].shape == (4096, 3)
    assert inputs["txt_ids"].shape == (9, 3)


def test_sizes_are_in_units_of_the_published_table():
    """Megabytes of 10^6 bytes, and 1024 of them to a "GB"."""
    summary = Summary("", 0, 2_000_000, 3_500_000, 1_024_500_000, 7)
    figures = at_published_inputs({}, summary, 11)
    assert (figures.input_mb, figures.forward_backward_mb, figures.params_mb) == (2, 3.5, 1024.5)
    assert figures.total_gb == 1030 / 1024
    assert (figures.mult_adds, figures.flops) == (7, 11)
