"""How pipelines call their networks, against diffusers' sources and published figures."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from generator.networks.calls import find_pipeline, pipeline_call
from generator.networks.families import FAMILIES, GUIDED_WITH_NEGATIVE
from generator.records import PipelineSettings

PIPELINES = Path(find_spec("diffusers").origin).parent / "pipelines"


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """The source file of each pipeline, by class."""
    files = (path.read_text(encoding="utf-8") for path in sorted(PIPELINES.rglob("pipeline_*.py")))
    return {name: text for text in files for name in re.findall(r"^class (\w+)\(", text, re.M)}


def test_a_pipeline_that_guides_only_with_a_negative_prompt_is_marked(sources):
    """`do_true_cfg` is its author's name for it: a scale above 1 and a negative prompt."""
    twice = {
        spec.class_name
        for family in FAMILIES.values()
        for spec in family.pipelines
        if spec.defaults.get("guidance") == "two_calls"
    }
    assert {name for name in twice if "do_true_cfg" in sources[name]} == GUIDED_WITH_NEGATIVE


SD1 = {"in_channels": 8, "cross_attention_dim": 768}
PIXELS = {"in_channels": 3, "sample_size": 32}


@pytest.mark.parametrize(
    ("class_name", "config", "found"),
    [
        ("UNet2DConditionModel", SD1, "StableDiffusionInstructPix2PixPipeline"),
        # Marigold, of Stable Diffusion 2: the same channels, and no guidance.
        ("UNet2DConditionModel", SD1 | {"cross_attention_dim": 1024}, None),
        # DeepFloyd IF, of which diffusers sets the type of the projection that Kolors has.
        (
            "UNet2DConditionModel",
            PIXELS | {"encoder_hid_dim_type": "text_proj", "addition_embed_type": "text"},
            None,
        ),
        # A DDPM is no consistency model.
        ("UNet2DModel", PIXELS | {"resnet_time_scale_shift": "default"}, None),
        ("UNet2DModel", {"resnet_time_scale_shift": "scale_shift"}, "ConsistencyModelPipeline"),
    ],
)
def test_a_network_like_another_is_not_called_by_its_pipeline(class_name, config, found):
    spec = find_pipeline(FAMILIES[class_name], config, None)
    assert (spec and spec.class_name) == found


def test_the_tokens_of_a_video_are_those_of_all_its_frames():
    """HunyuanVideo's own figure for 129 frames of 720 x 1280: 33 x 45 x 80."""
    family = FAMILIES["HunyuanVideoTransformer3DModel"]
    spec = find_pipeline(family, {}, "HunyuanVideoPipeline")
    size = PipelineSettings(height=720, width=1280, frames=129)
    assert pipeline_call(family, spec, {}, size).symbols["image_tokens"] == 118_800
