"""Predictions of memory -> lines for the terminal, and words for pages."""

from collections.abc import Iterator

from generator.networks.memory import MEMORY
from generator.vram.answer import Prediction, Verdict
from generator.vram.request import Options, Sizes, size_step
from generator.vram.setup import Setup

GIB = 2**30
STAGES = {
    "encode": "encode the prompt",
    "encode_image": "encode the image",
    "denoise": "denoise",
    "decode": "decode",
}
STRATEGIES = {
    "resident": "everything on the GPU",
    "model-offload": "one network at a time on the GPU (model offload)",
    "group-offload": "one block at a time on the GPU (group offload)",
    "leaf-offload": "one layer at a time on the GPU (sequential offload)",
}

STRATEGY_NAMES = {
    "resident": "all on the GPU",
    "model-offload": "model offload",
    "group-offload": "group offload",
    "leaf-offload": "layer offload",
}
VAE_WORDS = {
    "whole": "whole batch at once",
    "slicing": "one image at a time (slicing)",
    "tiling": "one tile at a time (tiling)",
}


def weights_title(name: str) -> str:
    """A format of weights, as it is called."""
    return MEMORY.formats[name].label


def way_title(options: Options) -> str:
    """A strategy and what is done with the VAE, as a title."""
    words = describe_way(options)
    return words[0].upper() + words[1:]


def short_way(options: Options) -> str:
    """The same for a cell of a table."""
    vae = ", tiled VAE" if options.vae_tiling else ", sliced VAE" if options.vae_slicing else ""
    return STRATEGY_NAMES[options.strategy] + vae


def gib(size: float) -> str:
    """Bytes in GiB, the unit in which cards are sold and torch reports."""
    return f"{size / GIB:.2f} GiB"


def run_title(found: Prediction, name: str, *, has_size: bool = True) -> str:
    """One run in a line; `name` is that of the network."""
    size = f", {found.width} x {found.height} px" if has_size else ""
    length = f", {found.frames} frames" if found.frames > 1 else ""
    return f"{name}{size}{length}, batch {found.batch}, {found.dtype}: {STRATEGIES[found.strategy]}"


def describe_prediction(setup: Setup, found: Prediction, asked: Sizes) -> Iterator[str]:
    """The stages as a table, and the peak."""
    yield run_title(found, setup.name, has_size=bool(setup.defaults.width))
    if (asked.width, asked.height) != (found.width, found.height):
        yield (
            f"rounded down from {asked.width} x {asked.height}: the pipeline takes multiples of "
            f"{size_step(setup)} px"
        )
    if asked.frames != found.frames:
        yield f"rounded down from {asked.frames} frames, as the latents have fewer"
    yield f"{'stage':20}{'weights':>14}{'beyond':>14}{'total':>14}"
    for stage in found.stages:
        yield (
            f"{STAGES[stage.name]:20}{gib(stage.weights):>14}{gib(stage.activations):>14}"
            f"{gib(stage.total):>14}"
        )
    yield (
        f"peak: {gib(found.peak.low)} live at once; about {gib(found.peak.high)} with what torch "
        "reserves and the CUDA context"
    )
    for part in setup.unknown:
        yield f"without its {part}, which is not measured and adds to the peak"
    if setup.vae and setup.vae.missing:
        yield "without decoding, which could not be simulated"


def describe_verdict(
    answer: Verdict, card: float, asked: Options, better: Options | None
) -> Iterator[str]:
    """Whether a card is enough for what was asked, and what else fits."""
    yield f"{card:g} GB card: {answer}"
    if answer == "fits":
        return
    if better is None:
        less = ["smaller sizes"]
        less += ["--dtype bfloat16"] if asked.dtype != "bfloat16" else []
        less += ["--weights nf4"] if asked.weights != "nf4" else []
        yield f"no strategy fits; try {' or '.join(less)}"
    else:
        yield f"fits with {describe_way(better)}"


def describe_way(options: Options) -> str:
    """A strategy and what is done with the VAE, in words."""
    vae = [" and a sliced VAE"] if options.vae_slicing and not options.vae_tiling else []
    vae += [" and a tiled VAE"] if options.vae_tiling else []
    return STRATEGIES[options.strategy] + "".join(vae)
