"""Declared inputs are those that pipelines pass: by their own code, and by a list made apart."""

import json
import re
from itertools import pairwise

import pytest
from interception import PIPELINES, intercept
from sites import REPOSITORY

from generator.architectures.arguments import describe, make_arguments
from generator.architectures.network import build_network, quiet_libraries, read_config
from generator.catalog.reading import read_catalog
from generator.networks.calls import find_pipeline, pipeline_call
from generator.networks.families import FAMILIES
from generator.records import Architecture, PipelineSettings, TensorSpec, store

DATA = REPOSITORY / "data"
ENTRIES = {entry.id: entry for entry in read_catalog(DATA).architectures}


def declared(config, wanted=None, settings=None):
    """The call of a config, and the network that it is of."""
    network = build_network(config, "config")
    spec = find_pipeline(network.family, network.config, wanted)
    return network, pipeline_call(
        network.family, spec, network.config, settings or PipelineSettings()
    )


# Of the smallest depth, with the sizes of the real network.
SMALLEST = {
    "StableDiffusionPipeline": json.loads((DATA / "configs" / "sd1.json").read_text())
    | {"layers_per_block": 1},
    "StableDiffusionXLPipeline": json.loads((DATA / "configs" / "sdxl.json").read_text())
    | {"transformer_layers_per_block": 1, "layers_per_block": 1},
    "StableDiffusion3Pipeline": {
        "_class_name": "SD3Transformer2DModel",
        "num_layers": 1,
        "dual_attention_layers": [],
    },
    "HunyuanDiTPipeline": {
        "_class_name": "HunyuanDiT2DModel",
        "sample_size": 128,
        "num_layers": 2,
        "patch_size": 2,
        "in_channels": 4,
    },
    "AuraFlowPipeline": {
        "_class_name": "AuraFlowTransformer2DModel",
        "sample_size": 128,
        "num_mmdit_layers": 1,
        "num_single_dit_layers": 1,
        "caption_projection_dim": 3072,
    },
    "FluxPipeline": {
        "_class_name": "FluxTransformer2DModel",
        "num_layers": 1,
        "num_single_layers": 1,
        "guidance_embeds": True,
    },
    "CogVideoXPipeline": {
        "_class_name": "CogVideoXTransformer3DModel",
        "num_layers": 1,
        "use_rotary_positional_embeddings": True,
    },
    "WanPipeline": {"_class_name": "WanTransformer3DModel", "num_layers": 1},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PIPELINES)
def test_a_declared_call_is_the_real_pipelines(name):
    network, call = declared(SMALLEST[name])
    assert call.defaults.pipeline_class == name
    real = intercept(network, name)
    made = describe(make_arguments(network, call.inputs, call.symbols))
    expected = describe(real.arguments)
    assert made.keys() == expected.keys()
    # Wan's and CogVideoX's text is cast to the encoder's dtype, which this pipeline has not.
    assert {key: spec.shape for key, spec in made.items()} == {
        # A second call for guidance is one of the same shapes.
        key: spec.shape
        for key, spec in expected.items()
    }
    assert (call.defaults.height, call.defaults.width) == (real.height, real.width)


DTYPES = {"w": "float16"}
# The list has truth values, which the network subtracts from one: torch refuses. Its pipeline gives
# numbers. Chroma's pipeline turns them to the dtype of its text encoder (pipeline_chroma.py,
# `_get_t5_prompt_embeds`).
CORRECTED = {
    ("omnigen", "attention_mask"): "float32",
    ("chroma", "attention_mask"): "float16",
}
# `name` content; the content is in brackets if it is more than one tensor.
ARGUMENT = re.compile(r"`(\w+)` (\{.*?\}|\(.*?\)|\[.*?\]|[^;{}()\[\]]+)(?:; |$)")
TENSOR = re.compile(r"(?:(\w+): )?\b(w|int64|float32|bool|complex64) ([\dx]+|scalar)")


def listed():
    """Network -> its inputs by name, of the list made apart; it has only a batch of one."""
    path = REPOSITORY.parent / "shared" / "networks" / "inputs.md"
    if not path.is_file():
        return {}
    rows = re.findall(r"^\| (\S+) \| \w+ \| (.+) \| .+ \|$", path.read_text(), re.MULTILINE)
    return {name: _inputs(text) for name, text in rows if name in ENTRIES}


def _inputs(text):
    found = {}
    for name, content in re.findall(
        r"`(\w+)` (\{.*?\}|\(.*?\)|\[.*?\]|[^;{}()\[\]]+)(?:; |$)", text
    ):
        tensors = re.findall(
            r"(?:(\w+): )?\b(w|int64|float32|bool|complex64) ([\dx]+|scalar)", content
        )
        for place, (key, dtype, shape) in enumerate(tensors):
            inner = f".{key}" if key else f".{place}" if content[0] in "([" else ""
            sizes = () if shape == "scalar" else tuple(map(int, shape.split("x")))
            found[name + inner] = TensorSpec(shape=sizes, dtype=DTYPES.get(dtype, dtype))
    return found


LISTED = listed()


@pytest.mark.skipif(not LISTED, reason="no list of inputs beside the repository")
@pytest.mark.parametrize("identity", sorted(LISTED))
def test_recorded_inputs_are_those_of_the_list(identity):
    """Every tensor of the list, with the batch of guidance in front; others are named here."""
    record = store.read_result(DATA / "architectures" / f"{identity}.json", Architecture)
    if record.pipeline is None:
        assert record.no_forward
        return
    batch = {"batch_doubled": 2, "batch_tripled": 3}.get(record.defaults.guidance, 1)
    recorded = record.pipeline.inputs
    for name, expected in LISTED[identity].items():
        found = recorded[name]
        assert found.dtype == CORRECTED.get((identity, name), expected.dtype), name
        multiples = [
            ours / theirs for ours, theirs in zip(found.shape, expected.shape, strict=True)
        ]
        # Only the batch may differ, and only along one axis.
        assert sorted(multiples) in ([1] * len(multiples), [*[1] * (len(multiples) - 1), batch])


def test_the_list_was_read():
    if not LISTED:
        pytest.skip("no list of inputs beside the repository")
    assert len(LISTED) > 60
    assert LISTED["sdxl"]["added_cond_kwargs.time_ids"].shape == (1, 6)
    assert LISTED["sd1"]["timestep"] == TensorSpec(shape=(), dtype="int64")
    assert LISTED["hunyuan-dit"]["image_rotary_emb.1"].shape == (4096, 88)


@pytest.mark.parametrize("identity", sorted(ENTRIES))
def test_the_latent_is_the_picture_divided_by_the_factor_of_the_vae(identity):
    """A VAE with the wrong factor makes FLOPs wrong by a factor of a thousand."""
    record = store.read_result(DATA / "architectures" / f"{identity}.json", Architecture)
    defaults = record.defaults
    if record.pipeline is None or not (defaults.height and defaults.vae_factor):
        return
    shapes = [spec.shape for spec in record.pipeline.inputs.values()]
    rows, columns = (
        round(side / defaults.vae_factor) for side in (defaults.height, defaults.width)
    )
    frames = ((defaults.frames or 1) - 1) // (defaults.time_factor or 1) + 1
    pairs = {pair for shape in shapes for pair in pairwise(shape)}
    tokens = {rows * columns * frames, rows * columns * frames // 4}
    reference = {2 * count for count in tokens}
    sequences = {size for shape in shapes for size in shape}
    assert (rows, columns) in pairs or sequences & (tokens | reference)


@pytest.mark.parametrize(
    ("change", "pipeline"),
    [
        ({"in_channels": 384}, "FluxFillPipeline"),
        ({"in_channels": 128}, "FluxControlPipeline"),
        ({"in_channels": 64}, "FluxPipeline"),
    ],
)
def test_a_variant_is_called_by_its_own_pipeline(change, pipeline):
    config = {"_class_name": "FluxTransformer2DModel", "num_layers": 1, "num_single_layers": 1}
    network, call = declared(config | change)
    assert call.defaults.pipeline_class == pipeline
    inputs = describe(make_arguments(network, call.inputs, call.symbols))
    assert inputs["hidden_states"].shape == (1, 4096, change["in_channels"])


def test_a_reference_image_doubles_the_image_tokens():
    config = {"_class_name": "FluxTransformer2DModel", "num_layers": 1, "num_single_layers": 1}
    network, call = declared(config, "FluxKontextPipeline")
    inputs = describe(make_arguments(network, call.inputs, call.symbols))
    # The picture and the reference: 2 x (1024 / 16)^2.
    assert inputs["hidden_states"].shape == (1, 8192, 64)
    assert inputs["img_ids"].shape == (8192, 3)


def test_the_refiner_gets_five_ids():
    config = json.loads((DATA / "configs" / "sdxl-refiner.json").read_text())
    network, call = declared(config)
    inputs = describe(make_arguments(network, call.inputs, call.symbols))
    assert inputs["added_cond_kwargs.time_ids"].shape == (2, 5)
    assert inputs["added_cond_kwargs.text_embeds"].shape == (2, 1280)


def test_settings_replace_defaults():
    config = {"_class_name": "WanTransformer3DModel", "num_layers": 1}
    _, call = declared(config, settings=PipelineSettings(height=720, width=1280, frames=5))
    assert (call.defaults.height, call.defaults.frames, call.defaults.steps) == (720, 5, 50)
    # (5 - 1) / 4 + 1 frames of 90 x 160 latents.
    assert [call.symbols[f"latent_{side}"] for side in ("frames", "height", "width")] == [
        2,
        90,
        160,
    ]
    with pytest.raises(ValueError, match="721 pixels are not a multiple of 8"):
        declared(config, settings=PipelineSettings(height=721))


def test_every_pipeline_of_the_table_is_one_of_diffusers():
    import diffusers

    for name, family in FAMILIES.items():
        assert hasattr(diffusers, name)
        for spec in family.pipelines:
            assert hasattr(diffusers, spec.class_name), spec.class_name


def test_every_config_is_read_without_unknown_conditions():
    """A condition on a key that the class does not have would never or always hold."""
    import inspect

    import diffusers

    for name, family in FAMILIES.items():
        keys = set(inspect.signature(getattr(diffusers, name).__init__).parameters)
        for item in (*family.inputs, *(i for spec in family.pipelines for i in spec.inputs)):
            assert item.when.keys() <= keys, item.name
        for spec in family.pipelines:
            assert spec.when.keys() <= keys, spec.class_name


def test_configs_of_the_catalogue_are_configs():
    with quiet_libraries():
        for entry in ENTRIES.values():
            assert read_config(DATA / entry.config)["_class_name"] in FAMILIES
