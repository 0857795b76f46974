"""An autoencoder on the meta device -> the memory of its decoding and encoding."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import torch

from generator.architectures.memory.growth import (
    MEGAPIXEL,
    Size,
    areas_of,
    measure_growth,
    measure_straight_or_bent,
    of_images,
    of_videos,
)
from generator.architectures.memory.passes import Pass, Simulator, Untyped
from generator.records.memory import PassMemory

# Sides in pixels that all known factors divide.
SMALL, LARGE, CHECK = 512, 2048, 1536
# Beyond 2 GiB, the convolutions of some VAEs of videos go through their input in parts.
VIDEO_SIDES = 512, 1024, 768
# To fit, and to check. VAEs that go through a video in parts take no more for a longer
# one, but for its pictures, from the first part on; the longest of these parts has five latents.
LATENT_FRAMES = (5, 13, 9)
# Latents of sound.
LENGTHS = 256, 1024, 768
COLOURS = 3


class LatentShape(NamedTuple):
    """Channels of the latents, pixels per latent, and frames per latent frame (0: images)."""

    channels: int
    factor: int
    time: int


def latent_shape(vae: Untyped) -> LatentShape:
    """The shape by the config, or by the properties of the class."""
    config = dict(vae.config)

    def first(*names: str) -> int | None:
        found = (config.get(name) or getattr(vae, name, None) for name in names)
        return next((each for each in found if isinstance(each, int)), None)

    levels = config.get("block_out_channels") or config.get("down_block_types") or ()
    factor = first("scale_factor_spatial", "spatial_compression_ratio") or 2 ** (
        (config.get("levels") or len(levels)) - (0 if "levels" in config else 1)
    )
    halvings = sum(config.get("temperal_downsample") or ())
    time = first("scale_factor_temporal", "temporal_compression_ratio") or 2**halvings
    is_video = any(isinstance(each, torch.nn.Conv3d) for each in vae.modules())
    return LatentShape(first("latent_channels", "z_dim") or 4, factor, time if is_video else 0)


def measure_passes(vae: Untyped) -> dict[str, PassMemory]:
    """Decoding and encoding of whole pictures, videos or sounds, and of a video's single frame.

    That is a picture: it keeps nothing for frames after it.
    """
    simulator = Simulator(vae)
    if sampling_rate(vae):
        return _sound_passes(vae, simulator)
    shape = latent_shape(vae)
    decode, encode = _decoding(vae, shape, simulator), _encoding(vae, shape, simulator)
    pictures = of_images(areas_of((SMALL, LARGE, CHECK)))
    design = of_videos(areas_of(VIDEO_SIDES), LATENT_FRAMES) if shape.time else pictures
    passes = {"decode": measure_growth(decode, design), "encode": measure_growth(encode, design)}
    if shape.time:
        more = Size(1, 4 * pictures.fitted[0].area)
        # Kernels of some take more than one frame; no pipeline of pictures has these.
        for name, run in (("decode_frame", decode), ("encode_frame", encode)):
            with suppress(RuntimeError):
                passes[name] = measure_straight_or_bent(run, pictures, more)
    return passes


def _sound_passes(vae: Untyped, simulator: Simulator) -> dict[str, PassMemory]:
    factor, channels = int(vae.hop_length), vae.config["audio_channels"]
    short, long, checked = (length * factor / MEGAPIXEL for length in LENGTHS)

    def pass_of(run: Callable[[torch.Tensor], object], rows: int, step: int) -> PassMemory:
        def simulate(size: Size) -> Pass:
            given = _empty(vae, size.samples, rows, round(size.area * MEGAPIXEL) // step)
            return simulator.run(lambda: run(given), [given])

        return measure_growth(simulate, of_images((short, long, checked)))

    return {
        "decode": pass_of(vae.decode, vae.config["decoder_input_channels"], factor),
        "encode": pass_of(vae.encode, channels, 1),
    }


def sampling_rate(vae: Untyped) -> int | None:
    """Samples of a second of sound; None for pictures and videos."""
    found = vae.config.get("sampling_rate")
    return found if isinstance(found, int) else None


def tile_side(vae: Untyped) -> int | None:
    """Side of a tile in pixels, or of a square of its area; None without tiling."""
    side = getattr(vae, "tile_sample_min_size", None)
    height, width = (getattr(vae, f"tile_sample_min_{each}", side) for each in ("height", "width"))
    return round((height * width) ** 0.5) if height and width else None


def _decoding(vae: Untyped, shape: LatentShape, simulator: Simulator) -> Callable[[Size], Pass]:
    def run(size: Size) -> Pass:
        side = round((size.area * MEGAPIXEL) ** 0.5) // shape.factor
        frames = (size.frames,) if shape.time else ()
        latents = _empty(vae, size.samples, shape.channels, *frames, side, side)
        options: dict[str, Any] = {"return_dict": False}
        if vae.config.get("timestep_conditioning"):
            options["temb"] = _empty(vae, size.samples)
        return simulator.run(lambda: vae.decode(latents, **options), [latents])

    return run


def _encoding(vae: Untyped, shape: LatentShape, simulator: Simulator) -> Callable[[Size], Pass]:
    def run(size: Size) -> Pass:
        side = round((size.area * MEGAPIXEL) ** 0.5)
        frames = ((size.frames - 1) * shape.time + 1,) if shape.time else ()
        # Qwen-Image-Layered has a fourth, for what is transparent.
        channels = vae.config.get("input_channels") or COLOURS
        pixels = _empty(vae, size.samples, channels, *frames, side, side)
        return simulator.run(lambda: vae.encode(pixels, return_dict=False), [pixels])

    return run


def _empty(vae: Untyped, *sizes: int) -> torch.Tensor:
    dtype = next(vae.parameters()).dtype
    return torch.empty(sizes, dtype=dtype, device="meta")
