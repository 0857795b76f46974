"""A denoiser on the meta device -> the memory of one call."""

from generator.architectures.memory.growth import (
    MEGAPIXEL,
    Simulate,
    Size,
    areas_of,
    measure_growth,
    measure_live,
    of_images,
    of_squares,
)
from generator.architectures.memory.passes import Attention, Pass, simulate
from generator.architectures.network import BuiltNetwork, make_arguments
from generator.catalog.reading import InputSizes
from generator.networks.families import pipeline_defaults
from generator.records.memory import PassMemory

SMALL, LARGE, CHECK = 512, 2048, 1536


def measure_calls(network: BuiltNetwork, subject: str) -> dict[str, PassMemory]:
    """Memory of a call with fused attention, and with attention that stores its scores.

    Raises:
        ConfigError: an input of the network is not known.
    """
    areas = areas_of((SMALL, LARGE, CHECK))
    return {
        "forward": measure_growth(_calling(network, subject, "fused"), of_images(areas)),
        "forward_math": measure_live(_calling(network, subject, "math"), of_squares(areas)),
    }


def _calling(network: BuiltNetwork, subject: str, attention: Attention) -> Simulate:
    defaults = pipeline_defaults(network.family.pipelines[0], network.config)
    factor = round(defaults.vae_factor or 8)

    def run(size: Size) -> Pass:
        sizes = InputSizes(
            batch=size.samples,
            latent=round((size.area * MEGAPIXEL) ** 0.5) // factor,
            text_tokens=defaults.text_tokens,
        )
        arguments = make_arguments(network, sizes, subject)
        return simulate(network.module, lambda: network.module(**arguments), arguments, attention)

    return run
