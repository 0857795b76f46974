"""What is asked about one network, checked, with the sizes that its pipeline would really use."""

from typing import Literal

import msgspec

from generator.errors import UsageError
from generator.networks.memory import COMPUTE_DTYPES, MEMORY
from generator.records import Record
from generator.vram.setup import Setup

STRATEGIES = ("resident", "model-offload", "group-offload", "leaf-offload")
LARGEST_SIDE, LARGEST_BATCH, LARGEST_FRAMES = 16384, 1024, 10_000

# `baddbmm`: the processors of diffusers before PyTorch 2, which store scores in the dtype.
Attention = Literal["fused", "math", "baddbmm"]


class Options(Record):
    """How a pipeline is run. `weights` and `encoder_weights` are formats, by default `dtype`.

    `vae_dtype` is by default that of the pipeline's own rule. `added` are bytes of weights beside
    the denoiser's: a LoRA that is not merged, a ControlNet. `from_image`: the VAE encodes a picture
    of the same size first (image to image).
    """

    dtype: str = "float16"
    strategy: str = "resident"
    weights: str | None = None
    encoder_weights: str | None = None
    vae_dtype: str | None = None
    vae_slicing: bool = False
    vae_tiling: bool = False
    attention: Attention = "fused"
    without: tuple[str, ...] = ()
    added: int = 0
    from_image: bool = False


class Sizes(Record):
    """Pixels, frames and images of one run."""

    width: int
    height: int
    frames: int
    batch: int = 1


def check_options(options: Options, setup: Setup) -> None:
    """Raise `UsageError` for an unknown name or an impossible combination."""
    _one_of(options.strategy, STRATEGIES, "--strategy")
    if options.strategy not in strategies_of(setup):
        raise UsageError(
            "--strategy", f"diffusers does not offload {setup.id} by groups", "Offload by layers"
        )
    _one_of(options.dtype, COMPUTE_DTYPES, "--dtype")
    _one_of(options.vae_dtype or options.dtype, COMPUTE_DTYPES, "--vae-dtype")
    formats = tuple(MEMORY.formats)
    _one_of(options.weights or options.dtype, formats, "--weights")
    _one_of(options.encoder_weights or options.dtype, formats, "--encoder-weights")
    for role in options.without:
        _one_of(role, tuple(setup.encoders), "--without")
    if options.added < 0:
        raise UsageError("--added", "is negative")
    if options.from_image and not (setup.vae and "encode" in setup.vae.passes):
        raise UsageError("--from-image", f"{setup.id} has no VAE that was measured, to encode one")
    if options.from_image and setup.defaults.frames:
        raise UsageError("--from-image", f"{setup.id} makes videos, of which it is not predicted")
    if (options.vae_slicing or options.vae_tiling) and setup.vae is None:
        raise UsageError(setup.id, "has no VAE that was measured, so none can be sliced or tiled")
    if options.vae_tiling and setup.vae and setup.vae.tile is None:
        raise UsageError("--vae-tiling", f"the VAE of {setup.id} has no tiles")
    if options.attention != "fused" and "forward_math" not in setup.denoiser.passes:
        raise UsageError("--attention", f"only fused was simulated for {setup.id}")


def strategies_of(setup: Setup) -> tuple[str, ...]:
    """The strategies that the classes of all parts allow."""
    parts = (setup.denoiser, *setup.encoders.values(), *filter(None, (setup.vae,)))
    grouped = all(part.can_offload_groups for part in parts)
    return tuple(each for each in STRATEGIES if grouped or each != "group-offload")


def rounded_sizes(asked: Sizes, setup: Setup) -> Sizes:
    """The sizes that the pipeline uses: multiples of its steps, rounded down.

    Raises:
        UsageError: a size is not positive, or far beyond what any pipeline makes.
    """
    for flag, value, largest in (
        ("--width", asked.width, LARGEST_SIDE),
        ("--height", asked.height, LARGEST_SIDE),
        ("--frames", asked.frames, LARGEST_FRAMES),
        ("--batch", asked.batch, LARGEST_BATCH),
    ):
        if not 1 <= value <= largest:
            raise UsageError(flag, f"is {value}, not between 1 and {largest}")
    step = size_step(setup)
    time = setup.defaults.time_factor
    if not setup.defaults.width:
        # Sound, or an embedding: simulated at one size, which stands for all.
        if asked != msgspec.structs.replace(default_sizes(setup), batch=asked.batch):
            raise UsageError("--width, --height, --frames", f"{setup.id} makes no pictures")
        return asked
    if asked.frames > 1 and not setup.defaults.frames:
        raise UsageError("--frames", f"{setup.id} makes images, not videos")
    if min(asked.width, asked.height) < step:
        raise UsageError("--width, --height", f"are below {step}, the smallest side of {setup.id}")
    return Sizes(
        width=asked.width // step * step,
        height=asked.height // step * step,
        frames=(asked.frames - 1) // time * time + 1 if time else asked.frames,
        batch=asked.batch,
    )


def size_step(setup: Setup) -> int:
    """Pixels that a side is a multiple of: transformers cut latents into patches of two."""
    factor = setup.defaults.vae_factor or 8.0
    if factor % 1:
        # Stable Cascade rounds its latents instead.
        return 1
    factor = round(factor)
    return factor if "UNet" in setup.denoiser.class_name else 2 * factor


def latent_frames(sizes: Sizes, setup: Setup) -> int:
    """Frames in the latent space."""
    time = setup.defaults.time_factor
    return (sizes.frames - 1) // time + 1 if time else sizes.frames


def default_sizes(setup: Setup) -> Sizes:
    """The pipeline's own sizes, or those that people run instead, for one image."""
    defaults = setup.defaults
    width, height = defaults.width or 1024, defaults.height or 1024
    for usual in MEMORY.usual_sizes:
        if (usual.pipeline, usual.instead_of) == (defaults.pipeline_class, (width, height)):
            width, height = usual.width, usual.height
    return Sizes(width=width, height=height, frames=defaults.frames or 1)


def _one_of(name: str, known: tuple[str, ...], flag: str) -> None:
    if name not in known:
        raise UsageError(flag, f"unknown {name!r}", f"Choose from {', '.join(known) or 'none'}")
