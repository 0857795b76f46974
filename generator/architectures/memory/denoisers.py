"""A denoiser on the meta device -> the memory of one call by its pipeline."""

from collections.abc import Callable
from typing import NamedTuple

from generator.architectures.arguments import make_arguments
from generator.architectures.memory.growth import (
    LINEAR,
    MEGAPIXEL,
    VIDEO,
    Design,
    Simulate,
    Size,
    measure_growth,
    measure_live,
    measure_straight_or_bent,
    of_squares,
)
from generator.architectures.memory.passes import Attention, Pass, Simulator
from generator.architectures.network import BuiltNetwork
from generator.networks.calls import PipelineCall, samples_of
from generator.records import PassMemory, PipelineDefaults, PipelineSettings

# Sides of images to fit, the small and the large one, and to check.
SIDES = (512, 2048, 1536)
# Networks for smaller images are simulated around their own side, videos below it.
SCALES = (0.5, 2.0, 1.5)
VIDEO_SCALES = (0.5, 1.0)
MORE = 1.5
HALF = 0.5
CHECK = (0.75, 0.75)

# The call with other settings than the pipeline's own, and so many samples at once.
CallAt = Callable[[PipelineSettings, int | None], PipelineCall]


class Shape(NamedTuple):
    """One size: what the pipeline is given, and how `MemoryGrowth` counts it: latent frames as the
    network gets them, padded."""

    settings: PipelineSettings
    area: float
    frames: int


def measure_calls(network: BuiltNetwork, call_at: CallAt) -> dict[str, PassMemory]:
    """Memory of a call with fused attention; for images, also with attention that stores scores.

    Raises:
        ValueError: a size of an input is not known.
    """
    defaults = call_at(PipelineSettings(), None).defaults
    simulator = Simulator(network.module)
    # Those of one image: a single sample, which some pipelines never give, saves copies.
    n = samples_of(defaults)
    if not defaults.height or not defaults.width:
        # Sound of one length: only the number of samples varies.
        only = Shape(PipelineSettings(), 1.0, 1)
        design = Design(
            ("base_mib", "mib_per_sample"), (Size(n, 1), Size(2 * n, 1)), Size(3 * n, 1)
        )
        run = _calling(network, simulator, call_at, {(1.0, 1): only}, "fused")
        return {"forward": measure_growth(run, design)}
    small, large, check = shapes = _shapes(call_at, defaults)
    known = {(shape.area, shape.frames): shape for shape in shapes}
    fitted = tuple(Size(k, each.area, each.frames) for k in (n, 2 * n) for each in (small, large))
    design = Design(LINEAR, fitted, Size(3 * n, check.area, check.frames))
    if defaults.frames:
        shorter = [_video(call_at, defaults, scale, HALF) for scale in VIDEO_SCALES]
        longest = _video(call_at, defaults, MORE)
        known |= {(shape.area, shape.frames): shape for shape in (*shorter, longest)}
        halves = tuple(Size(n, each.area, each.frames) for each in shorter)
        design = Design((*LINEAR, *VIDEO), (*fitted, *halves), design.check)
        run = _calling(network, simulator, call_at, known, "fused")
        return {
            "forward": measure_straight_or_bent(run, design, Size(n, longest.area, longest.frames))
        }
    more = Size(n, 4 * small.area)
    known |= {(more.area, 1): _image(more.area)}
    fused, math = (_calling(network, simulator, call_at, known, each) for each in ("fused", "math"))
    return {
        "forward": measure_straight_or_bent(fused, design, more),
        "forward_math": measure_live(math, of_squares((small.area, large.area, check.area))),
    }


def _shapes(call_at: CallAt, defaults: PipelineDefaults) -> tuple[Shape, Shape, Shape]:
    if not defaults.frames:
        usual = min(defaults.height or 0, defaults.width or 0)
        sides = SIDES if usual >= SIDES[0] else tuple(round(usual * each) for each in SCALES)
        small, large, check = (_image(side**2 / MEGAPIXEL) for side in sides)
        return small, large, check
    small, large = (_video(call_at, defaults, scale) for scale in VIDEO_SCALES)
    check = _video(call_at, defaults, *CHECK)
    return small, large, check


def _image(area: float) -> Shape:
    side = round((area * MEGAPIXEL) ** 0.5)
    return Shape(PipelineSettings(height=side, width=side), area, 1)


def _video(call_at: CallAt, defaults: PipelineDefaults, scale: float, length: float = 1.0) -> Shape:
    """A video with sides and a length that are a share of the default."""
    step = 2 * round(defaults.vae_factor or 8)
    height, width = (
        max(round(scale * (side or step) / step), 1) * step
        for side in (defaults.height, defaults.width)
    )
    time = defaults.time_factor or 1
    latents = max(round(length * (((defaults.frames or 1) - 1) // time + 1)), 1)
    settings = PipelineSettings(height=height, width=width, frames=(latents - 1) * time + 1)
    padded = call_at(settings, None).symbols["latent_frames"]
    return Shape(settings, height * width / MEGAPIXEL, padded)


def _calling(
    network: BuiltNetwork,
    simulator: Simulator,
    call_at: CallAt,
    shapes: dict[tuple[float, int], Shape],
    attention: Attention,
) -> Simulate:
    def run(size: Size) -> Pass:
        shape = shapes[(size.area, size.frames)]
        call = call_at(shape.settings, size.samples)
        arguments = make_arguments(network, call.inputs, call.symbols)
        return simulator.run(lambda: network.module(**arguments), arguments, attention)

    return run
