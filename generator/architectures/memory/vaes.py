"""An autoencoder on the meta device -> the memory of its decoding and encoding."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from generator.architectures.memory.growth import (
    MEGAPIXEL,
    Design,
    Size,
    areas_of,
    measure_growth,
    of_images,
    of_videos,
)
from generator.architectures.memory.passes import Pass, Untyped, simulate
from generator.records.memory import PassMemory

# Sides in pixels that all known factors divide.
SMALL, LARGE, CHECK = 512, 2048, 1536
VIDEO_SIDES = 256, 512, 384
LATENT_FRAMES = (3, 6, 4)
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
    """Decoding and encoding of whole pictures or videos."""
    shape = latent_shape(vae)
    design = _design(shape)
    return {
        "decode": measure_growth(_decoding(vae, shape), design),
        "encode": measure_growth(_encoding(vae, shape), design),
    }


def tile_side(vae: Untyped) -> int | None:
    """Side of a tile in pixels; None without tiling."""
    for name in ("tile_sample_min_size", "tile_sample_min_height"):
        found = getattr(vae, name, None)
        if isinstance(found, int):
            return found
    return None


def _design(shape: LatentShape) -> Design:
    if shape.time:
        return of_videos(areas_of(VIDEO_SIDES), LATENT_FRAMES)
    return of_images(areas_of((SMALL, LARGE, CHECK)))


def _decoding(vae: Untyped, shape: LatentShape) -> Callable[[Size], Pass]:
    def run(size: Size) -> Pass:
        side = round((size.area * MEGAPIXEL) ** 0.5) // shape.factor
        frames = (size.frames,) if shape.time else ()
        latents = _empty(vae, size.samples, shape.channels, *frames, side, side)
        options: dict[str, Any] = {"return_dict": False}
        if vae.config.get("timestep_conditioning"):
            options["temb"] = _empty(vae, size.samples)
        return simulate(vae, lambda: vae.decode(latents, **options), [latents])

    return run


def _encoding(vae: Untyped, shape: LatentShape) -> Callable[[Size], Pass]:
    def run(size: Size) -> Pass:
        side = round((size.area * MEGAPIXEL) ** 0.5)
        frames = ((size.frames - 1) * shape.time + 1,) if shape.time else ()
        # Qwen-Image-Layered has a fourth, for what is transparent.
        channels = vae.config.get("input_channels") or COLOURS
        pixels = _empty(vae, size.samples, channels, *frames, side, side)
        return simulate(vae, lambda: vae.encode(pixels, return_dict=False), [pixels])

    return run


def _empty(vae: Untyped, *sizes: int) -> torch.Tensor:
    dtype = next(vae.parameters()).dtype
    return torch.empty(sizes, dtype=dtype, device="meta")
