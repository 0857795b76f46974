"""A setup, options and sizes -> bytes by stage, the peak as a range, and what a card is for it."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from generator.networks.memory import MEMORY
from generator.records import Record
from generator.vram.request import Options, Sizes, latent_frames, strategies_of
from generator.vram.setup import Setup
from generator.vram.strategies import terms
from generator.vram.terms import Load, activations

# Memory of cards that are sold, in GB as on the box.
CARDS = (8, 12, 16, 24, 32, 48, 80)

Verdict = Literal["fits", "tight", "does not fit"]


class Stage(Record):
    """One stage in bytes: of its largest pass, the weights on the GPU, and what it takes beyond."""

    name: str
    weights: int
    activations: int
    total: int


class Peak(Record):
    """Bytes: `low` is live at once, `high` is what torch reserves and the CUDA context."""

    low: int
    high: int


class Prediction(Record):
    """Peak memory of one run."""

    network: str
    width: int
    height: int
    frames: int
    batch: int
    dtype: str
    strategy: str
    stages: tuple[Stage, ...]
    peak: Peak


def predict(setup: Setup, options: Options, sizes: Sizes) -> Prediction:
    """The stages of one run and its peak."""
    load = load_of(setup, sizes)
    stages: dict[str, Stage] = {}
    high = 0
    for term in terms(setup, options):
        live = activations(term, term.live, load) + MEMORY.overheads.matrix_workspace
        found = Stage(
            name=term.stage, weights=term.weights, activations=live, total=term.weights + live
        )
        if term.stage not in stages or stages[term.stage].total < found.total:
            stages[term.stage] = found
        high = max(high, term.reserved + activations(term, term.cached or term.live, load))
    low = max(stage.total for stage in stages.values())
    beside = MEMORY.overheads.matrix_workspace_hopper + MEMORY.overheads.context
    return Prediction(
        network=setup.id,
        width=sizes.width,
        height=sizes.height,
        frames=sizes.frames,
        batch=sizes.batch,
        dtype=options.dtype,
        strategy=options.strategy,
        stages=tuple(stages.values()),
        peak=Peak(low=low, high=max(high, low) + beside),
    )


def load_of(setup: Setup, sizes: Sizes) -> Load:
    """The sizes in the units of the measured growth."""
    return Load(
        batch=sizes.batch,
        area=(setup.sound_samples or sizes.width * sizes.height) / 2**20,
        frames=latent_frames(sizes, setup),
    )


def verdict(peak: Peak, card: int) -> Verdict:
    """Whether a card with `card` bytes is enough."""
    if peak.high <= card:
        return "fits"
    return "tight" if peak.low + MEMORY.overheads.context <= card else "does not fit"


def cheapest(setup: Setup, options: Options, sizes: Sizes, card: int) -> Options | None:
    """The first way to run it that fits, from the fastest to the slowest: strategies in the order
    of `strategies_of`, each without and with a sliced or tiled VAE. None if none does."""
    for each in _ways(setup, options):
        if verdict(predict(setup, each, sizes).peak, card) == "fits":
            return each
    return None


def _ways(setup: Setup, options: Options) -> Iterator[Options]:
    can_tile = bool(setup.vae and setup.vae.tile)
    for strategy in strategies_of(setup):
        for slicing, tiling in ((False, False), (True, False), (True, True)):
            if tiling and not can_tile:
                continue
            yield msgspec.structs.replace(
                options,
                strategy=strategy,
                vae_slicing=options.vae_slicing or slicing,
                vae_tiling=options.vae_tiling or tiling,
            )
