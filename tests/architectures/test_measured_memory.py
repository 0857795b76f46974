"""Records of memory against diffusers' own casting, hand-made calls, and arithmetic."""

import json
from fractions import Fraction

import diffusers
import numpy as np
import pytest
import torch
import transformers
from narrow_networks import clip, flux, pixart, sd3, t5
from torch import nn

from generator.architectures.memory import denoisers, encoders, growth, vaes, weights
from generator.architectures.memory.growth import Design, Size
from generator.architectures.memory.live import Event
from generator.architectures.memory.measuring import measure_denoiser
from generator.architectures.memory.passes import Pass, simulate
from generator.architectures.network import BuiltNetwork, quiet_libraries
from generator.catalog.entries import ArchitectureEntry
from generator.networks.calls import PipelineCall
from generator.networks.families import Input
from generator.records import PipelineDefaults
from generator.records.memory import MemoryGrowth

MIB = 2**20
MEGAPIXEL = 1024 * 1024


def allocated(tensors):
    """Bytes of tensors, each in blocks of 512."""
    return sum(-(-each.numel() * each.element_size() // 512) * 512 for each in tensors)


def held(module):
    return allocated([*module.parameters(), *module.buffers()])


# Weights by format.


@pytest.mark.parametrize("make", [sd3, flux, pixart])
def test_casting_by_layer_is_that_of_diffusers(make):
    network, _ = make()
    told = weights.weights_by_format(network.half())
    network.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=torch.float16)
    assert told["fp8"] == held(network)


@pytest.mark.parametrize("make", [sd3, clip])
def test_plain_formats_are_the_bytes_of_the_tensors(make):
    network, _ = make()
    told = weights.weights_by_format(network)
    assert told["float32"] == held(network.float())
    assert told["float16"] == told["bfloat16"] == held(network.half())


def test_t5_keeps_its_output_layers_wide_in_float16_only():
    network, _ = t5()
    told = weights.weights_by_format(network)
    wide = [p for name, p in network.named_parameters() if ".wo." in name]
    assert wide
    half = held(network.half())
    assert told["bfloat16"] == half
    assert told["float16"] == half + allocated(wide)


# By hand: bytes per weight, and per row, of the weights of linear layers; the others have 16 bits.
QUANTISED = {
    "fp8-scaled": (1, 4),
    "int8": (1, 4),
    "int4": (0.5 + 4 / 128, 0),
    "nf4": (0.5 + 4 / 64, 0),
    "q8_0": (34 / 32, 0),
    "q6_k": (210 / 256, 0),
}


@pytest.mark.parametrize("name", QUANTISED)
def test_quantised_weights_are_those_of_linear_layers(name):
    network, _ = sd3()
    each, row = QUANTISED[name]
    linear = {m.weight: m for m in network.modules() if isinstance(m, nn.Linear)}
    expected = sum(
        -(-int(np.ceil(each * p.numel() + row * len(p)) if p in linear else 2 * p.numel()) // 512)
        for p in network.parameters()
    )
    buffers = allocated(each for each in network.half().buffers())
    assert weights.weights_by_format(network)[name] == 512 * expected + buffers


def test_the_largest_layers_and_the_groups_of_offloading():
    network, _ = flux()
    network = network.half()
    blocks = [*network.transformer_blocks, *network.single_transformer_blocks]
    sizes = [2 * sum(p.numel() for p in block.parameters()) for block in blocks]
    whole = 2 * sum(p.numel() for p in network.parameters())
    assert weights.offload_groups(network) == (max(sizes), whole - sum(sizes))
    linear = [m for m in network.modules() if isinstance(m, nn.Linear)]
    assert weights.largest_linear(network) == max(2 * m.weight.numel() for m in linear)
    leaf = max(2 * (m.weight.numel() + (m.bias is not None) * m.out_features) for m in linear)
    assert weights.largest_leaf(network) == leaf
    assert weights.largest_linear(nn.ReLU()) == 0
    # Buffers belong to what they are in; offloading by layer leaves them, but for modules with
    # parameters of their own.
    network.register_buffer("table", torch.zeros(3, 512))
    blocks[0].register_buffer("scores", torch.zeros(1024, dtype=torch.int64))
    assert weights.offload_groups(network) == (
        sizes[0] + 8 * 1024,
        whole - sum(sizes) + 2 * 3 * 512,
    )
    assert weights.left_buffers(network) == 2 * 3 * 512 + 8 * 1024
    network.register_parameter("scale", nn.Parameter(torch.zeros(8)))
    assert weights.left_buffers(network) == 0
    assert weights.can_offload_groups(network)
    assert not weights.can_offload_groups(diffusers.HunyuanDiT2DModel)
    assert weights.parameter_sizes(network, "bfloat16") == [
        -(-2 * p.numel() // 512) * 512 for p in network.parameters()
    ]


# The form of growth.


def passes(form, more=0.0):
    """Passes that take what `form` says in MiB, in one allocation; three samples take `more`."""

    def run(size):
        said = form(size.samples, size.area, size.frames)
        taken = round(said * (1 + (more if size.samples == 3 else 0)) * MIB)
        return Pass(0, taken, (Event(0, taken),))

    return run


AREAS = (0.25, 4.0, 2.25)


def test_images_grow_by_samples_and_area():
    def form(n, area, _):
        return 40 + 16 * area + n * (24 + 80 * area)

    found = growth.measure_growth(passes(form), growth.of_images(AREAS))
    for part in (found.live, found.reserved):
        assert part.mib(5, 1.5) == pytest.approx(form(5, 1.5, 1), rel=1e-6)
        assert part.residual == pytest.approx(0, abs=1e-6)


def test_terms_are_exact():
    """Bytes by hand: those of a few samples are no multiple of a MiB, nor of a third of one."""

    def bytes_of(size):
        taken = 5 + size.samples * (7 + 3 * 2**18 * round(4 * size.area))
        return Pass(0, taken, (Event(0, taken),))

    found = growth.measure_live(bytes_of, growth.of_images(AREAS)).live
    terms = MemoryGrowth(base_mib=5 / MIB, mib_per_sample=7 / MIB, mib_per_unit=3.0)
    assert found == terms
    third = growth.measure_live(
        lambda size: Pass(0, 7, (Event(0, 7),)) if size.area < 1 else bytes_of(size),
        Design(("mib_per_sample", "mib_per_unit"), (Size(1, 0.25), Size(1, 3.25)), Size(1, 3.25)),
    ).live
    slope = Fraction(5 + 3 * 13 * 2**18, 3 * MIB)
    assert third.mib_per_unit == float(slope)
    assert third.mib_per_sample == float(Fraction(7, MIB) - slope / 4)


def test_videos_grow_by_area_and_length():
    def form(n, area, frames):
        return n * (64 + 32 * area + 128 * area * frames)

    found = growth.measure_growth(passes(form), growth.of_videos(AREAS, (3, 6, 4)))
    assert found.live.mib(2, 1.5, 9) == pytest.approx(form(2, 1.5, 9), rel=1e-6)
    assert found.live.residual == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("frames", [1, 3])
def test_stored_scores_grow_with_the_square(frames):
    def form(n, area, frames):
        return n * (50 + 30 * area * frames + 12 * (area * frames) ** 2)

    found = growth.measure_live(passes(form), growth.of_squares(AREAS, frames))
    assert found.live.mib(2, 1.5, frames) == pytest.approx(form(2, 1.5, frames), rel=1e-6)
    assert found.reserved is None


def test_the_residual_is_the_error_at_the_size_that_was_not_fitted():
    design = Design(("base_mib", "mib_per_sample"), (Size(1, 1), Size(2, 1)), Size(3, 1))
    found = growth.measure_growth(passes(lambda n, *_: 100 * n, more=0.25), design)
    assert found.live.residual == pytest.approx(0.2, abs=1e-5)


def two_moments(size):
    """40 MiB for each text, then 8 MiB and 100 MiB per megapixel for each picture."""
    text, picture = size.samples * 40 * MIB, round(size.samples * (8 + 100 * size.area) * MIB)
    events = (Event(1, text), Event(1, -text), Event(2, picture), Event(2, -picture))
    return Pass(0, max(text, picture), events)


@pytest.mark.parametrize("area", [0.1, 0.25, 0.4, 1.0, 9.0])
def test_the_largest_of_two_moments_counts_at_each_size(area):
    """A small size, where the text takes most, bends no line."""
    found = growth.measure_growth(two_moments, growth.of_images(AREAS)).live
    assert found.residual < 1e-6
    assert found.mib(3, area) == pytest.approx(3 * max(40, 8 + 100 * area), rel=1e-3)


@pytest.mark.parametrize("shared", [0, 5])
def test_scores_of_an_encoder_grow_with_the_square_of_the_tokens(shared):
    def form(n, tokens, _):
        return shared * tokens**2 / 1e3 + n * (2 + tokens / 10 + tokens**2 / 1e3)

    found = growth.measure_growth(passes(form), growth.of_tokens((128, 512, 384))).live
    assert found.mib(4, 77) == pytest.approx(form(4, 77, 1), rel=1e-4)


def test_areas_are_in_units_of_a_megapixel():
    assert growth.areas_of((512, 2048, 1536)) == AREAS


# Autoencoders.


def image_vae(**more):
    return diffusers.AutoencoderKL(
        block_out_channels=(32, 32, 64),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        norm_num_groups=8,
        latent_channels=6,
        **more,
    )


def video_vae():
    return diffusers.AutoencoderKLWan(
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
    )


@pytest.mark.parametrize(("make", "frames"), [(image_vae, ()), (video_vae, (9,))])
def test_the_shape_of_latents_is_that_of_a_real_encoding(make, frames):
    vae = make().eval()
    shape = vaes.latent_shape(vae)
    with torch.no_grad():
        latents = vae.encode(torch.zeros(1, 3, *frames, 64, 64)).latent_dist.mode()
    assert (shape.channels, 64 // shape.factor) == (latents.shape[1], latents.shape[-1])
    assert bool(shape.time) == bool(frames)
    if frames:
        assert (frames[0] - 1) // shape.time + 1 == latents.shape[2]


def test_decoding_and_encoding_of_images_as_hand_made_calls():
    vae = image_vae().half().eval().to("meta")
    found = vaes.measure_passes(vae)
    latents = torch.empty(2, 6, 192, 192, dtype=torch.float16, device="meta")
    pixels = torch.empty(2, 3, 768, 768, dtype=torch.float16, device="meta")
    area = 768 * 768 / MEGAPIXEL
    for name, call, given in (
        ("decode", lambda: vae.decode(latents), latents),
        ("encode", lambda: vae.encode(pixels), pixels),
    ):
        peak = simulate(vae, call, [given]).peak_with_workspace
        assert found[name].live.mib(2, area) * MIB == pytest.approx(peak, rel=1e-3)


def test_decoding_of_videos_as_a_hand_made_call():
    vae = video_vae().half().eval().to("meta")
    found = vaes.measure_passes(vae)
    latents = torch.empty(1, 4, 5, 40, 40, dtype=torch.float16, device="meta")
    peak = simulate(vae, lambda: vae.decode(latents), [latents]).peak_with_workspace
    area = 320 * 320 / MEGAPIXEL
    assert found["decode"].live.mib(1, area, 5) * MIB == pytest.approx(peak, rel=0.02)


def test_sound_is_decoded_and_encoded_as_hand_made_calls():
    with quiet_libraries():
        vae = diffusers.AutoencoderOobleck(
            encoder_hidden_size=8,
            downsampling_ratios=[2, 4],
            channel_multiples=[1, 2],
            decoder_channels=8,
            decoder_input_channels=4,
            sampling_rate=8000,
        )
    vae = vae.half().eval().to("meta")
    passes = vaes.measure_passes(vae)
    assert vaes.sampling_rate(vae) == 8000
    calls = {
        "decode": (half_on_meta(2, 4, 600), vae.decode),
        "encode": (half_on_meta(2, 2, 4800), vae.encode),
    }
    for name, (given, call) in calls.items():
        peak = simulate(
            vae, lambda call=call, given=given: call(given), [given]
        ).peak_with_workspace
        # 600 latents of 8 samples each.
        told = passes[name].live.mib(2, 4800 / MEGAPIXEL) * MIB
        assert told == pytest.approx(peak, rel=0.01)


def test_the_side_of_a_tile_is_what_the_class_says():
    assert vaes.tile_side(image_vae(sample_size=96)) == 96
    assert vaes.tile_side(video_vae()) == 256
    assert vaes.tile_side(nn.ReLU()) is None
    wide = nn.ReLU()
    wide.tile_sample_min_height, wide.tile_sample_min_width = 240, 360
    assert vaes.tile_side(wide) == round((240 * 360) ** 0.5) == 294


# Encoders.


def test_a_text_encoder_as_a_hand_made_call():
    encoder, _ = clip()
    encoder = encoder.half().eval().to("meta")
    found = encoders.measure_text_pass(encoder)["encode"]
    tokens = torch.zeros(3, 50, dtype=torch.int64, device="meta")
    call = lambda: encoder(input_ids=tokens, output_hidden_states=True)  # noqa: E731
    peak = simulate(encoder, call, [tokens]).peak_with_workspace
    assert found.live.mib(3, 50) * MIB == pytest.approx(peak, rel=0.01)


def test_a_language_model_as_a_hand_made_call():
    config = transformers.Qwen2Config(
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        vocab_size=100,
        max_position_embeddings=512,
    )
    encoder = transformers.Qwen2Model(config).half().eval().to("meta")
    found = encoders.measure_text_pass(encoder)["encode"]
    given = {
        "input_ids": torch.zeros(2, 512, dtype=torch.int64, device="meta"),
        "attention_mask": torch.ones(2, 1, 512, 512, dtype=torch.bool, device="meta"),
    }
    call = lambda: encoder(**given, output_hidden_states=True, use_cache=False)  # noqa: E731
    peak = simulate(encoder, call, given).peak_with_workspace
    assert found.live.mib(2, 512) * MIB == pytest.approx(peak, rel=0.01)


def test_an_image_encoder_as_a_hand_made_call():
    config = transformers.CLIPVisionConfig(
        hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4
    )
    encoder = transformers.CLIPVisionModelWithProjection(config).half().eval().to("meta")
    found = encoders.measure_image_pass(encoder)["encode"]
    pixels = torch.empty(4, 3, 224, 224, dtype=torch.float16, device="meta")
    call = lambda: encoder(pixel_values=pixels, output_hidden_states=True)  # noqa: E731
    peak = simulate(encoder, call, [pixels]).peak_with_workspace
    assert found.live.mib(4, 1) * MIB == pytest.approx(peak, rel=1e-3)


# Denoisers.


def measured(network, folder):
    """The record of a network, from its config alone."""
    (folder / "config.json").write_text(json.dumps(dict(network.config), default=list))
    config = json.loads((folder / "config.json").read_text())
    config["_class_name"] = type(network).__name__
    (folder / "config.json").write_text(json.dumps(config))
    entry = ArchitectureEntry(id="narrow", name="Narrow", repo="a/b", config="config.json")
    return measure_denoiser(entry, folder)


def half_on_meta(*sizes):
    return torch.empty(sizes, dtype=torch.float16, device="meta")


@pytest.mark.parametrize(("name", "attention"), [("forward", "fused"), ("forward_math", "math")])
def test_a_denoiser_of_images_as_a_hand_made_call(name, attention, tmp_path):
    narrow, _ = sd3()
    # Positions for pictures of 2048 px.
    network = type(narrow).from_config({**narrow.config, "pos_embed_max_size": 128})
    record = measured(network, tmp_path)
    assert record.missing is None
    assert record.class_name == "SD3Transformer2DModel"
    assert record.parameters == sum(p.numel() for p in network.parameters())
    network = network.half().eval().to("meta")
    given = {
        "hidden_states": half_on_meta(2, 16, 96, 96),
        "encoder_hidden_states": half_on_meta(2, 333, 128),
        "pooled_projections": half_on_meta(2, 64),
        "timestep": half_on_meta(2),
    }
    peak = simulate(network, lambda: network(**given), given, attention).peak_with_workspace
    area = 768 * 768 / MEGAPIXEL
    assert record.passes[name].live.mib(2, area) * MIB == pytest.approx(peak, rel=0.01)


class Sound(nn.Module):
    """What is made of sounds of one length; `dtype` as diffusers' networks have it."""

    dtype = torch.float16

    def forward(self, hidden_states):
        return hidden_states * 2


def test_sound_is_simulated_at_no_fewer_samples_than_its_pipeline_gives():
    asked = []

    def call_at(_, samples):
        asked.append(samples)
        defaults = PipelineDefaults(pipeline_class="", guidance="batch_doubled")
        inputs = (Input(name="hidden_states", sizes=("batch", 2**20)),)
        return PipelineCall(defaults, inputs, {"batch": samples})

    network = BuiltNetwork(Sound(), None, {}, ())
    found = denoisers.measure_calls(network, call_at)["forward"].live
    # The default call, then twice a pair, and another number to check.
    assert asked == [None, 2, 4, 6]
    # Two MiB for each sample, and what becomes of it.
    assert found.mib(2, 1) == 2 * (2 + 2)


def test_a_video_is_simulated_at_three_areas():
    defaults = PipelineDefaults(pipeline_class="", height=480, width=832, frames=81, vae_factor=8)
    call = PipelineCall(defaults, (), {"latent_frames": 81})
    shapes = denoisers._shapes(lambda *_: call, defaults)
    assert [shape.area * MEGAPIXEL for shape in shapes] == [
        shape.settings.height * shape.settings.width for shape in shapes
    ]
    assert len({shape.area for shape in shapes}) == 3


def test_a_denoiser_of_videos_as_a_hand_made_call(tmp_path):
    network = diffusers.WanTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=64,
        num_layers=2,
        text_dim=64,
        ffn_dim=128,
        freq_dim=32,
    )
    record = measured(network, tmp_path)
    assert record.missing is None
    assert record.passes.keys() == {"forward"}
    network = network.half().eval().to("meta")
    # Batch, latent frames, height and width in pixels: lengths, sizes, and an upright one.
    for batch, frames, height, width in (
        (1, 21, 480, 832),
        (2, 21, 480, 832),
        (1, 5, 720, 1280),
        (1, 21, 1280, 720),
        (1, 1, 768, 768),
        (2, 13, 512, 512),
    ):
        given = {
            "hidden_states": half_on_meta(batch, 16, frames, height // 8, width // 8),
            "timestep": torch.empty(batch, dtype=torch.float16, device="meta"),
            "encoder_hidden_states": half_on_meta(batch, 512, 64),
        }
        peak = simulate(network, lambda: network(**given), given).peak_with_workspace  # noqa: B023
        area = height * width / MEGAPIXEL
        said = record.passes["forward"].live.mib(batch, area, frames) * MIB
        assert said == pytest.approx(peak, rel=0.01), (batch, frames, height, width)
