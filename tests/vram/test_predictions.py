"""The sum of a prediction by hand, checks of what is asked, and the sliders beside it."""

import json
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from generator.cli.vram_records import find_setup
from generator.errors import UsageError
from generator.networks.memory import MEMORY
from generator.publish.quantities.memory import slider_data
from generator.records import MemoryGrowth, PartMemory, PassMemory, PipelineDefaults
from generator.vram.answer import cheapest, predict, verdict
from generator.vram.request import (
    STRATEGIES,
    Options,
    Sizes,
    check_options,
    default_sizes,
    rounded_sizes,
    strategies_of,
)
from generator.vram.setup import Setup

ROOT = Path(__file__).parents[2]
GIB = 2**30
WORKSPACE = MEMORY.overheads.matrix_workspace


def part(kind, gib, passes, **more):
    weights = {name: round(gib * GIB * rules.bytes / 2) for name, rules in MEMORY.formats.items()}
    fields = {
        "largest_leaf": GIB // 100,
        "largest_linear": GIB // 100,
        "largest_block": GIB // 10,
        "outside_blocks": GIB // 20,
        "left_buffers": 0,
        "reserved_weights": weights["bfloat16"],
    } | more
    return PartMemory(
        id=kind,
        kind=kind,
        class_name="UNet" if kind == "denoiser" else "Part",
        parameters=round(gib * GIB / 2),
        weights=weights,
        passes={name: PassMemory(live=growth) for name, growth in passes.items()},
        versions={},
        **fields,
    )


@pytest.fixture
def setup():
    return Setup(
        id="made",
        name="Made",
        defaults=PipelineDefaults(
            pipeline_class="MadePipeline",
            width=1024,
            height=1024,
            guidance="batch_doubled",
            text_tokens=77,
            vae_factor=8,
        ),
        denoiser=part(
            "denoiser", 4, {"forward": MemoryGrowth(base_mib=1, mib_per_sample=2, mib_per_unit=100)}
        ),
        encoders={
            "text_encoder": part("encoder", 1, {"encode": MemoryGrowth(mib_per_unit=1)}),
            "text_encoder_2": part("encoder", 3, {"encode": MemoryGrowth(mib_per_unit=2)}),
        },
        vae=part("vae", 0.5, {"decode": MemoryGrowth(mib_per_unit=2048)}, tile=512),
    )


SQUARE = Sizes(width=1024, height=1024, frames=1)


def totals(setup, options, sizes=SQUARE):
    return {
        stage.name: (stage.total - WORKSPACE) / GIB
        for stage in predict(setup, options, sizes).stages
    }


def test_everything_on_the_gpu(setup):
    found = totals(setup, Options())
    assert found["encode"] == pytest.approx(8.5 + 2 * 77 / 1024)
    assert found["denoise"] == pytest.approx(8.5 + (1 + 2 * 102) / 1024)
    assert found["decode"] == pytest.approx(8.5 + 2)


def test_float32_doubles_weights_and_activations(setup):
    wide, half = totals(setup, Options(dtype="float32")), totals(setup, Options())
    assert wide["decode"] == pytest.approx(2 * half["decode"])


def test_model_offload_holds_the_last_encoder_when_the_negative_prompt_starts(setup):
    found = totals(setup, Options(strategy="model-offload"))
    assert found["encode"] == pytest.approx(3 + 1 + 77 / 1024)
    assert found["denoise"] == pytest.approx(4 + 205 / 1024)
    assert found["decode"] == pytest.approx(0.5 + 2)


def test_offload_by_block_and_layer(setup):
    assert totals(setup, Options(strategy="group-offload"))["denoise"] == pytest.approx(
        0.15 + 205 / 1024
    )
    assert totals(setup, Options(strategy="leaf-offload"))["denoise"] == pytest.approx(
        0.01 + 205 / 1024, rel=1e-6
    )


def test_two_images_take_twice_the_activations_of_one(setup):
    two = msgspec.structs.replace(SQUARE, batch=2)
    assert totals(setup, Options(), two)["decode"] == pytest.approx(8.5 + 4)


def test_slices_and_tiles(setup):
    two = msgspec.structs.replace(SQUARE, batch=2)
    pictures = 2 * 3 * 2 / 1024
    sliced = totals(setup, Options(vae_slicing=True), two)["decode"]
    assert sliced == pytest.approx(8.5 + 2 + pictures)
    tiled = totals(setup, Options(vae_tiling=True))["decode"]
    assert tiled == pytest.approx(8.5 + 2 / 4 + pictures / 2 * 16 / 9)


@pytest.mark.parametrize(("time_factor", "decoded"), [(None, 1), (4, 4)])
def test_frames_are_slices_where_the_vae_takes_them_as_pictures(setup, time_factor, decoded):
    """13 frames are 13 pictures, or 4 latent frames of a VAE of videos, which has no slices."""
    defaults = msgspec.structs.replace(setup.defaults, frames=13, time_factor=time_factor)
    video = msgspec.structs.replace(setup, defaults=defaults)
    sizes = msgspec.structs.replace(SQUARE, frames=13)
    whole = totals(video, Options(), sizes)["decode"]
    frames = 13 if time_factor is None else 4
    assert whole == pytest.approx(8.5 + 2 * frames)
    sliced = totals(video, Options(vae_slicing=True), sizes)["decode"]
    assert sliced == pytest.approx(8.5 + 2 * decoded + frames * 3 * 2 / 1024)


def test_weights_and_parts_are_chosen(setup):
    found = totals(setup, Options(without=("text_encoder_2",), encoder_weights="float32"))
    assert found["decode"] == pytest.approx(2 + 4 + 0.5 + 2)
    added = totals(setup, Options(added=GIB))
    assert added["decode"] == pytest.approx(9.5 + 2)


def test_a_card(setup):
    peak = predict(setup, Options(), SQUARE).peak
    assert verdict(peak, peak.high) == "fits"
    assert verdict(peak, peak.high - 1) == "tight"
    assert verdict(peak, 8 * GIB) == "does not fit"
    assert cheapest(setup, Options(), SQUARE, 8 * GIB).strategy == "model-offload"
    assert cheapest(setup, Options(), SQUARE, GIB) is None


@pytest.mark.parametrize(
    ("options", "subject"),
    [
        (Options(strategy="hope"), "--strategy"),
        (Options(dtype="float8"), "--dtype"),
        (Options(weights="q9"), "--weights"),
        (Options(without=("vae",)), "--without"),
        (Options(attention="math"), "--attention"),
        (Options(added=-1), "--added"),
        (Options(from_image=True), "--from-image"),
    ],
)
def test_what_cannot_be_run_is_refused(setup, options, subject):
    with pytest.raises(UsageError, match=subject):
        check_options(options, setup)


@pytest.mark.parametrize("field", ["width", "height", "batch", "frames"])
@pytest.mark.parametrize("value", [-1, 0, 10**9])
def test_sizes_out_of_range_are_refused(setup, field, value):
    with pytest.raises(UsageError):
        rounded_sizes(msgspec.structs.replace(SQUARE, **{field: value}), setup)


def test_a_picture_is_decoded_as_one_frame(setup):
    frame = PassMemory(live=MemoryGrowth(mib_per_unit=10))
    vae = msgspec.structs.replace(setup.vae, passes=setup.vae.passes | {"decode_frame": frame})
    with_frame = msgspec.structs.replace(setup, vae=vae)
    decode = predict(with_frame, Options(), SQUARE).stages[-1]
    assert decode.activations == 10 * 2**20 + WORKSPACE
    video = msgspec.structs.replace(setup.defaults, frames=25, time_factor=4)
    video_setup = msgspec.structs.replace(with_frame, defaults=video)
    whole = msgspec.structs.replace(setup, defaults=video)
    assert predict(video_setup, Options(), SQUARE) == predict(whole, Options(), SQUARE)


def test_sound_has_one_size(setup):
    defaults = msgspec.structs.replace(setup.defaults, width=None, height=None, vae_factor=2048)
    sound = msgspec.structs.replace(setup, defaults=defaults)
    assert rounded_sizes(default_sizes(sound), sound) == default_sizes(sound)
    with pytest.raises(UsageError, match="makes no pictures"):
        rounded_sizes(msgspec.structs.replace(SQUARE, width=512), sound)


def test_sound_is_as_long_as_its_pipeline_makes_it(setup):
    defaults = msgspec.structs.replace(setup.defaults, width=None, height=None, seconds=8)
    vae = msgspec.structs.replace(setup.vae, sampling_rate=2**18)
    sound = msgspec.structs.replace(setup, defaults=defaults, vae=vae)
    # Two units of 2^20 samples.
    decode = predict(sound, Options(), default_sizes(sound)).stages[-1]
    assert decode.activations == 2 * 2048 * 2**20 + WORKSPACE


def test_an_image_is_encoded_first_whatever_the_batch(setup):
    encode = PassMemory(live=MemoryGrowth(mib_per_sample=1, mib_per_unit=1024))
    vae = msgspec.structs.replace(setup.vae, passes=setup.vae.passes | {"encode": encode})
    setup = msgspec.structs.replace(setup, vae=vae)
    options, sizes = Options(from_image=True), msgspec.structs.replace(SQUARE, batch=4)
    stages = {stage.name: stage for stage in predict(setup, options, sizes).stages}
    assert list(stages) == ["encode", "encode_image", "denoise", "decode"]
    assert stages["encode_image"].activations == 1025 * 2**20 + WORKSPACE
    assert "encode_image" not in {each.name for each in predict(setup, Options(), sizes).stages}


def test_a_picture_is_encoded_as_one_frame_and_no_frame_of_a_video(setup):
    frame = PassMemory(live=MemoryGrowth(mib_per_unit=10))
    passes = setup.vae.passes | {"encode": PassMemory(live=MemoryGrowth()), "encode_frame": frame}
    setup = msgspec.structs.replace(setup, vae=msgspec.structs.replace(setup.vae, passes=passes))
    _, encode, *_ = predict(setup, Options(from_image=True), SQUARE).stages
    assert encode.activations == 10 * 2**20 + WORKSPACE
    video = msgspec.structs.replace(setup.defaults, frames=25, time_factor=4)
    with pytest.raises(UsageError, match="makes videos"):
        check_options(Options(from_image=True), msgspec.structs.replace(setup, defaults=video))


def test_a_network_computes_in_the_dtype_of_its_weights(setup):
    def beyond(**options):
        stages = predict(setup, Options(**options), SQUARE).stages
        return {stage.name: stage.activations - WORKSPACE for stage in stages}

    plain = beyond()
    for flag, stage in (("encoder_weights", "encode"), ("weights", "denoise")):
        wide = beyond(**{flag: "float32"})
        assert wide == plain | {stage: 2 * plain[stage]}
        assert beyond(**{flag: "nf4"})[stage] == plain[stage]


def test_the_buffers_of_all_parts_stay_when_layers_are_offloaded(setup):
    parts = [setup.denoiser, setup.encoders["text_encoder"], setup.vae]
    denoiser, encoder, vae = (
        msgspec.structs.replace(part, left_buffers=size * 2**20)
        for part, size in zip(parts, (100, 20, 3), strict=True)
    )
    encoders = setup.encoders | {"text_encoder": encoder}
    more = msgspec.structs.replace(setup, denoiser=denoiser, encoders=encoders, vae=vae)

    def added(**options):
        before, after = (totals(each, Options(**options), SQUARE) for each in (setup, more))
        return {name: pytest.approx(1024 * (after[name] - before[name])) for name in after}

    assert added(strategy="leaf-offload") == {"encode": 123, "denoise": 123, "decode": 123}
    left_out = added(strategy="leaf-offload", without=("text_encoder",))
    assert left_out == {"encode": 103, "denoise": 103, "decode": 103}
    assert added(strategy="model-offload") == {"encode": 0, "denoise": 0, "decode": 0}


def test_what_cannot_be_offloaded_by_groups_is_refused_and_never_advised(setup):
    assert strategies_of(setup) == STRATEGIES
    vae = msgspec.structs.replace(setup.vae, can_offload_groups=False)
    fixed = msgspec.structs.replace(setup, vae=vae)
    assert strategies_of(fixed) == ("resident", "model-offload", "leaf-offload")
    with pytest.raises(UsageError, match="does not offload made by groups"):
        check_options(Options(strategy="group-offload"), fixed)
    low = [predict(fixed, Options(strategy=each), SQUARE).peak.high for each in STRATEGIES]
    for card in low:
        found = cheapest(fixed, Options(), SQUARE, card)
        assert found
        assert found.strategy != "group-offload"


def test_sizes_are_rounded_down_as_the_pipeline_does(setup):
    asked = Sizes(width=1023, height=777, frames=1)
    assert rounded_sizes(asked, setup) == Sizes(width=1016, height=776, frames=1)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize(("network", "frames"), [("sdxl", 1), ("animatediff-15-2", 24)])
def test_the_sliders_compute_the_same(network, frames):
    setup = find_setup([ROOT / "data"], network)
    data = slider_data(setup)
    script = f"""
    const {{ predict }} = require({json.dumps(str(ROOT / "site_src/assets/memory.js"))});
    const data = {json.dumps(data)};
    const load = {{ batch: 3, area: 0.75, frames: {frames} }};
    const found = Object.fromEntries(Object.entries(data.runs).map(([key, terms]) => {{
      const {{ low, high }} = predict(terms, data.growths, load, data.overheads);
      return [key, [low, high]];
    }}));
    console.log(JSON.stringify(found));
    """
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert len(found) == 84
    sizes = Sizes(width=1024, height=768, frames=frames, batch=3)
    for key, (low, high) in found.items():
        strategy, weights, vae = key.split("|")
        options = Options(
            dtype="float32" if weights == "float32" else "bfloat16",
            strategy=strategy,
            weights=weights,
            encoder_weights=weights,
            vae_slicing=vae != "whole",
            vae_tiling=vae == "tiling",
        )
        peak = predict(setup, options, sizes).peak
        assert (low, high) == pytest.approx((peak.low, peak.high), abs=4)


def test_frames_are_padded_to_patches(setup):
    """21 latent frames are 22 for a network with patches of two; the VAE decodes 21."""
    defaults = msgspec.structs.replace(setup.defaults, frames=81, time_factor=4)
    denoiser = msgspec.structs.replace(setup.denoiser, frame_multiple=2)
    video = msgspec.structs.replace(setup, defaults=defaults, denoiser=denoiser)
    found = totals(video, Options(), msgspec.structs.replace(SQUARE, frames=81))
    assert found["denoise"] == pytest.approx(8.5 + (1 + 2 * (2 + 100 * 22)) / 1024)
    assert found["decode"] == pytest.approx(8.5 + 2 * 21)


def test_a_size_that_nothing_was_trained_at_is_not_the_usual_one():
    setup = find_setup([ROOT / "data"], "cogvideox15-5b")
    assert setup.defaults.width == setup.defaults.height == 2400
    assert default_sizes(setup) == Sizes(width=1360, height=768, frames=81)
