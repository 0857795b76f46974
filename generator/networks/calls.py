"""Config and pipeline -> how the network is called: defaults, and the sizes of its inputs."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from generator.networks.families import Family, Input, PipelineSpec, fits
from generator.networks.sizes import evaluate
from generator.records import PipelineDefaults, PipelineSettings

# Prompts in one call, by the kind of guidance.
BATCHES = {"batch_doubled": 2, "batch_tripled": 3}
# Two latents on a side are a patch of a transformer.
PATCH = 2


class PipelineCall(NamedTuple):
    """One call of a network by its pipeline: `symbols` are the sizes that its `inputs` name."""

    defaults: PipelineDefaults
    inputs: tuple[Input, ...]
    symbols: dict[str, int]


def find_pipeline(
    family: Family, config: Mapping[str, object], wanted: str | None
) -> PipelineSpec | None:
    """The pipeline of a network: the first that fits its config, of the `wanted` name if given."""
    return next(
        (
            spec
            for spec in family.pipelines
            if wanted in (None, spec.class_name) and fits(spec.when, config)
        ),
        None,
    )


def pipeline_call(
    family: Family,
    spec: PipelineSpec,
    config: Mapping[str, object],
    settings: PipelineSettings,
    samples: int | None = None,
) -> PipelineCall:
    """The call at the pipeline's defaults, with `settings` instead where these are given.

    `samples` go through the network at once, by default those of one image.

    Raises:
        ValueError: a key of the config that a size needs is not an integer, or a size of the
            picture is not a multiple of what it is divided by.
    """
    numbers = config_symbols(config)
    told = spec.defaults | settings.given()
    for name, value in told.items():
        if isinstance(value, str) and name != "guidance":
            told[name] = evaluate(value, numbers)
    defaults = msgspec.convert({"pipeline_class": spec.class_name, **told}, PipelineDefaults)
    symbols = {**numbers, **_sizes(defaults), "batch": samples or samples_of(defaults)}
    for name, size in spec.symbols.items():
        symbols[name] = evaluate(size, symbols)
    return PipelineCall(defaults, spec.inputs or family.inputs, symbols)


def samples_of(defaults: PipelineSettings) -> int:
    """Samples in one call for one image: prompts, by the kind of guidance."""
    return BATCHES.get(defaults.guidance or "", 1)


def config_symbols(config: Mapping[str, object]) -> dict[str, int]:
    """The integers of a config by key; those of a list `L` as `L_0`, `L_1` ..., with `L_count`."""
    symbols: dict[str, int] = {}
    for key, value in config.items():
        if type(value) is int:
            symbols[key] = value
        elif isinstance(value, list | tuple):
            symbols[f"{key}_count"] = len(value)
            symbols |= {
                f"{key}_{place}": item for place, item in enumerate(value) if type(item) is int
            }
    return symbols


def _sizes(defaults: PipelineDefaults) -> dict[str, int]:
    """The sizes of a call that follow from the defaults."""
    sizes: dict[str, int] = {}
    for name in ("height", "width", "frames", "text_tokens", "latent_channels", "time_factor"):
        if (value := getattr(defaults, name)) is not None:
            sizes[name] = value
    frames = defaults.frames or 1
    sizes["latent_frames"] = (frames - 1) // (defaults.time_factor or 1) + 1
    if defaults.height and defaults.width and (factor := defaults.vae_factor):
        sizes |= _latents(defaults.height, defaults.width, factor)
    if {"latent_height", "latent_width"} <= sizes.keys() and not (
        sizes["latent_height"] % PATCH or sizes["latent_width"] % PATCH
    ):
        patches = (sizes["latent_height"] // PATCH) * (sizes["latent_width"] // PATCH)
        sizes["image_tokens"] = patches * sizes["latent_frames"]
    return sizes


def _latents(height: int, width: int, factor: float) -> dict[str, int]:
    if not factor.is_integer():
        # The pipeline rounds; its spec has the sizes among its symbols.
        return {}
    for side in (height, width):
        if side % int(factor):
            raise ValueError(f"{side} pixels are not a multiple of {int(factor)}")
    return {"latent_height": height // int(factor), "latent_width": width // int(factor)}
