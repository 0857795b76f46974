"""Configs: those of known families build, everything else is refused with its reason."""

import json

import pytest

from generator.architectures.counts import Summary, at_published_inputs
from generator.architectures.interception import intercept
from generator.architectures.measure import measure_architecture
from generator.architectures.network import build_network, describe, make_arguments, read_config
from generator.catalog.reading import ArchitectureEntry, InputSizes
from generator.errors import ConfigError
from generator.networks.families import FAMILIES
from generator.records import TensorSpec

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
    assert "guidance" not in make_arguments(network, InputSizes(), "schnell")


@pytest.mark.parametrize("class_name", [None, 5, "", "VQModel", "os.system"])
def test_an_unknown_class_is_refused_with_the_known_ones(class_name):
    with pytest.raises(ConfigError) as refused:
        build_network({"_class_name": class_name}, "config.json")
    assert repr(class_name) in str(refused.value)
    for known in FAMILIES:
        assert known in str(refused.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"block_out_channels": "many"}, "UNet2DConditionModel"),
        ({"in_channels": -4}, "UNet2DConditionModel"),
        ({"down_block_types": ["NoSuchBlock"] * 3}, "UNet2DConditionModel"),
        ({"class_embed_type": "timestep"}, "class_embed_type"),
    ],
)
def test_a_wrong_value_is_refused_by_name(change, named):
    with pytest.raises(ConfigError, match=named) as refused:
        build_network(DISTILLED_SDXL | change, "some/config.json")
    assert refused.value.subject == "some/config.json"


def test_a_size_that_is_no_integer_is_refused():
    network = build_network(DISTILLED_SDXL | {"sample_size": [128, 128]}, "config.json")
    with pytest.raises(ConfigError, match="latent"):
        make_arguments(network, InputSizes(), "config.json")


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, '"text"', "\udcff"])
def test_what_is_no_json_object_is_refused(tmp_path, content):
    path = tmp_path / "config.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=r"config\.json"):
        read_config(path)


def test_inputs_intercepted_from_the_sdxl_pipeline(traced):
    network = traced("sdxl").network
    intercepted = intercept(network, "sdxl")
    inputs = describe(intercepted.arguments)
    # 1024 x 1024 pixels, 8 to a latent, twice for classifier-free guidance.
    assert inputs["sample"] == TensorSpec(shape=(2, 4, 128, 128), dtype="float16")
    assert inputs["added_cond_kwargs.time_ids"].shape == (2, 6)
    assert (intercepted.height, intercepted.width) == (1024, 1024)


def test_inputs_intercepted_from_the_flux_pipeline(traced):
    intercepted = intercept(traced("flux").network, "flux")
    inputs = describe(intercepted.arguments)
    # One pass, guidance as an input; (1024 / 16)^2 image tokens of 16 x 4 values.
    assert inputs["hidden_states"].shape == (1, 4096, 64)
    assert inputs["guidance"].shape == (1,)


# Each of the smallest depth; shapes by hand: twice for classifier-free guidance, 1024 / 8 = 128
# latents. SD3 gets 77 tokens of CLIP and 256 of T5.
TWO_PASSES = {
    "SD3Transformer2DModel": (
        {"sample_size": 128, "num_layers": 1, "dual_attention_layers": []},
        {
            "hidden_states": (2, 16, 128, 128),
            "encoder_hidden_states": (2, 77 + 256, 4096),
            "pooled_projections": (2, 2048),
        },
    ),
    "HunyuanDiT2DModel": (
        {"sample_size": 128, "num_layers": 2, "patch_size": 2, "in_channels": 4},
        {
            "hidden_states": (2, 4, 128, 128),
            "encoder_hidden_states": (2, 77, 1024),
            "encoder_hidden_states_t5": (2, 256, 2048),
            "text_embedding_mask_t5": (2, 256),
        },
    ),
    "AuraFlowTransformer2DModel": (
        {"sample_size": 128, "num_mmdit_layers": 1, "num_single_dit_layers": 1},
        {"hidden_states": (2, 4, 128, 128), "encoder_hidden_states": (2, 256, 2048)},
    ),
}


@pytest.mark.parametrize("class_name", TWO_PASSES)
def test_pipelines_without_guidance_as_an_input_call_the_network_twice(class_name):
    changes, expected = TWO_PASSES[class_name]
    sizes = {"caption_projection_dim": 3072} if class_name.startswith("Aura") else {}
    network = build_network({"_class_name": class_name, **changes, **sizes}, class_name)
    inputs = describe(intercept(network, class_name).arguments)
    assert {name: inputs[name].shape for name in expected} == expected


def test_inputs_of_a_transformer_count_the_patches_of_the_latent_image():
    network = build_network(
        {"_class_name": "FluxTransformer2DModel", "num_layers": 1, "num_single_layers": 1}, "flux"
    )
    inputs = describe(make_arguments(network, InputSizes(latent=128, text_tokens=9), "flux"))
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


def test_a_pipeline_that_does_not_fit_is_refused():
    refiner = DISTILLED_SDXL | {"projection_class_embeddings_input_dim": 2560}
    network = build_network(refiner, "refiner")
    with pytest.raises(ConfigError, match="StableDiffusionXLPipeline"):
        intercept(network, "refiner")
