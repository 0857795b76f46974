"""What `atlas add` says of a class of networks."""

import json
from pathlib import Path

from generator.networks.families import FAMILIES
from generator.text.networks import class_text

DATA = Path(__file__).parents[2] / "data"
UNET = "UNet2DConditionModel"


def test_the_pipelines_that_call_such_a_config_are_named_and_no_others():
    config = json.loads((DATA / "configs" / "sd1.json").read_text("utf-8"))
    known = class_text(UNET, FAMILIES[UNET], config)
    assert "StableDiffusionPipeline" in known
    assert "StableDiffusionXLPipeline" not in known
    # Eight input channels, and the embeddings of SDXL: no pipeline of diffusers calls this.
    changed = {**config, "in_channels": 8, "addition_embed_type": "text_time"}
    assert "Pipeline" not in class_text(UNET, FAMILIES[UNET], changed)


def test_a_class_without_a_table_is_said_to_be_one():
    assert "a class without a table" in class_text("NewModel", None, {})
