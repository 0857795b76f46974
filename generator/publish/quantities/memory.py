"""Measured memory -> the numbers of the memory pages: peaks by size, card and strategy."""

from collections.abc import Iterable, Mapping

import msgspec

from generator.errors import UsageError
from generator.networks.memory import MEMORY
from generator.records import Architecture, Record
from generator.records.memory import MemoryGrowth, PartMemory
from generator.vram.answer import CARDS, Prediction, cheapest, predict
from generator.vram.request import Options, Sizes, default_sizes, size_step, strategies_of
from generator.vram.setup import Setup, setup_of
from generator.vram.strategies import terms
from generator.vram.terms import PassTerm

GIB = 2**30
DTYPE = "bfloat16"
# Sides of the figures and tables, in pixels.
SIDES = (512, 768, 1024, 1280, 1536, 1792, 2048)
# What the sliders offer; the first of each is the default.
WEIGHTS = (DTYPE, "float32", "fp8", "int8", "nf4", "q8_0", "q4_k")
# Ways to decode -> whether in slices, and whether in tiles.
VAES = {"whole": (False, False), "slicing": (True, False), "tiling": (True, True)}


def setups_of(
    networks: Iterable[Architecture], parts: Mapping[str, PartMemory]
) -> tuple[Setup, ...]:
    """The setups of all networks for pictures whose whole pipeline is known."""
    found = []
    for network in networks:
        if not (network.defaults and network.defaults.width):
            continue
        try:
            found.append(setup_of(network, parts))
        except UsageError:
            continue
    return tuple(setup for setup in found if not setup.unknown)


class Fit(Record):
    """A network at its pipeline's own size: its peak with everything on the GPU, and what it needs
    on each card of `CARDS`; None where nothing fits."""

    setup: Setup
    sizes: Sizes
    resident: Prediction
    ways: tuple[Options | None, ...]


class CardSummary(Record):
    """How many networks fit a card of so many GB with everything on the GPU, how many more with
    offloading, and how many not at all."""

    card: int
    resident: int
    offloaded: int
    none: int

    @property
    def networks(self) -> int:
        """All of them."""
        return self.resident + self.offloaded + self.none


def resident(setup: Setup) -> Prediction:
    """The run at the pipeline's own size with everything on the GPU."""
    return predict(setup, Options(dtype=DTYPE), default_sizes(setup))


def fit_of(setup: Setup) -> Fit:
    """What the network needs on each card."""
    options, sizes = Options(dtype=DTYPE), default_sizes(setup)
    return Fit(
        setup=setup,
        sizes=sizes,
        resident=resident(setup),
        ways=tuple(cheapest(setup, options, sizes, card * GIB) for card in CARDS),
    )


def at_sides(setup: Setup, options: Options) -> tuple[int, ...]:
    """Bytes that are live at once, for each of `SIDES` of a square image or frame."""
    usual = default_sizes(setup)
    return tuple(
        predict(setup, options, Sizes(width=side, height=side, frames=usual.frames)).peak.low
        for side in SIDES
    )


def ways_of(setup: Setup) -> dict[str, Options]:
    """The strategies by name, the last with a VAE in tiles where it can."""
    found = {name: Options(dtype=DTYPE, strategy=name) for name in strategies_of(setup)}
    if setup.vae and setup.vae.tile:
        tiled = msgspec.structs.replace(found["leaf-offload"], vae_slicing=True, vae_tiling=True)
        found["leaf-offload-tiled"] = tiled
    return found


def slider_data(setup: Setup) -> dict[str, object]:
    """The terms of every choice of the sliders, for `memory.js`; growths are listed once."""
    growths: list[list[list[float]]] = []
    runs = {}
    for strategy in strategies_of(setup):
        for weights in WEIGHTS:
            for vae, (slicing, tiling) in VAES.items():
                if vae == "tiling" and not (setup.vae and setup.vae.tile):
                    continue
                options = Options(
                    dtype="float32" if weights == "float32" else DTYPE,
                    strategy=strategy,
                    weights=weights,
                    encoder_weights=weights,
                    vae_slicing=slicing,
                    vae_tiling=tiling,
                )
                key = f"{strategy}|{weights}|{vae}"
                runs[key] = [_plain(term, growths) for term in terms(setup, options)]
    usual = default_sizes(setup)
    overheads = MEMORY.overheads
    return {
        "width": usual.width,
        "height": usual.height,
        "step": size_step(setup),
        "time": setup.defaults.time_factor or 1,
        "cards": CARDS,
        "overheads": {
            "workspace": overheads.matrix_workspace,
            "context": overheads.context,
            "beside": overheads.matrix_workspace_hopper + overheads.context,
        },
        "growths": growths,
        "runs": runs,
    }


def _plain(term: PassTerm, growths: list[list[list[float]]]) -> dict[str, object]:
    fields = msgspec.structs.asdict(term)
    for name in ("live", "cached"):
        growth = getattr(term, name)
        fields[name] = None if growth is None else _number(growth, growths)
    return fields


def _number(growth: MemoryGrowth, growths: list[list[list[float]]]) -> int:
    values = [
        [
            moment.base_mib,
            moment.shared_mib_per_unit,
            moment.shared_mib_per_unit2,
            moment.mib_per_sample,
            moment.mib_per_area,
            moment.mib_per_frame,
            moment.mib_per_unit,
            moment.mib_per_unit2,
        ]
        for moment in (growth, *growth.moments)
    ]
    if values not in growths:
        growths.append(values)
    return growths.index(values)


def residual(setup: Setup) -> float:
    """The largest relative error of the fitted forms at sizes that were not fitted."""
    passes = [setup.denoiser.passes["forward"]]
    if setup.vae and "decode" in setup.vae.passes:
        passes.append(setup.vae.passes["decode"])
    return max(each.live.residual for each in passes)


def fits_on(fits: Iterable[Fit], card: int) -> CardSummary:
    """How many of the networks fit a card of `CARDS`."""
    counts = {"resident": 0, "offloaded": 0, "none": 0}
    for fit in fits:
        way = fit.ways[CARDS.index(card)]
        if way is None:
            counts["none"] += 1
        else:
            counts["resident" if way.strategy == "resident" else "offloaded"] += 1
    return CardSummary(card=card, **counts)
