"""Network -> its inputs in the real diffusers pipeline, without weights.

The pipeline is built with the denoiser alone, gets zero prompt embeddings, and is stopped at its
first call of the denoiser.
"""

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

import diffusers
import torch

from generator.architectures.network import Arguments, BuiltNetwork, make_tensors, quiet_libraries
from generator.errors import ConfigError
from generator.networks.families import PipelineSpec


class Intercepted(NamedTuple):
    """Arguments of the first call of the denoiser, with tensors on the meta device."""

    spec: PipelineSpec
    arguments: Arguments
    height: int
    width: int


class _Stop(Exception):
    """Ends the pipeline at the first call of the denoiser."""


def intercept(network: BuiltNetwork, subject: str) -> Intercepted:
    """Run the family's pipeline at its default image size up to the first denoising step.

    Raises:
        ConfigError: the pipeline does not take this network.
    """
    spec = next(
        spec for spec in network.family.pipelines if not spec.when or network.config.get(spec.when)
    )
    call: dict[str, Any] = {}
    image: dict[str, int] = {}
    prompts = make_tensors(spec.prompts, network.config, subject, "cpu")
    if spec.negative:
        prompts |= {f"negative_{name}": tensor for name, tensor in prompts.items()}
    with quiet_libraries():
        pipeline = _build_pipeline(spec, network, call)
    prepare_latents = pipeline.prepare_latents
    parameters = inspect.signature(prepare_latents)

    def record_size(*args: object, **kwargs: object) -> object:
        given = parameters.bind(*args, **kwargs).arguments
        image.update(height=int(given["height"]), width=int(given["width"]))
        return prepare_latents(*args, **kwargs)

    pipeline.prepare_latents = record_size
    pipeline.set_progress_bar_config(disable=True)
    try:
        with quiet_libraries():
            pipeline(**prompts)
    except _Stop:
        return Intercepted(spec, call, **image)
    except Exception as error:
        raise ConfigError(
            subject, f"{spec.class_name} cannot use it ({type(error).__name__}: {error})"
        ) from error
    raise ConfigError(subject, f"{spec.class_name} never called the denoiser")


def _build_pipeline(spec: PipelineSpec, network: BuiltNetwork, call: dict[str, Any]) -> Any:  # noqa: ANN401
    """The pipeline with a denoiser that stores its arguments in `call` and stops."""
    denoiser_class = type(network.module)
    names = list(inspect.signature(denoiser_class.forward).parameters)[1:]

    def forward(_self: object, *args: object, **kwargs: object) -> None:
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        call.update((name, _to_meta(value)) for name, value in given.items() if _has_tensor(value))
        raise _Stop

    # The pipeline creates latents and embeddings on the denoiser's device. It branches on values,
    # which tensors on the meta device do not have.
    stand_in: Any = type(
        denoiser_class.__name__,
        (denoiser_class,),
        {
            "forward": forward,
            "device": property(lambda _self: torch.device("cpu")),
            "__module__": denoiser_class.__module__,
        },
    )
    with torch.device("meta"):
        denoiser = stand_in.from_config(network.config).half()
    pipeline_class = getattr(diffusers, spec.class_name)
    parameters = inspect.signature(pipeline_class).parameters
    components: dict[str, object] = {
        name: None
        for name, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    components[spec.denoiser] = denoiser
    components["scheduler"] = getattr(diffusers, spec.scheduler)()
    if "requires_safety_checker" in parameters:
        components["requires_safety_checker"] = False
    return pipeline_class(**components)


def _has_tensor(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_tensor, value.values()))
    return isinstance(value, torch.Tensor) or (
        isinstance(value, tuple | list) and any(map(_has_tensor, value))
    )


def _to_meta(value: object) -> object:
    if isinstance(value, torch.Tensor):
        return value.to("meta")
    if isinstance(value, Mapping):
        return {key: _to_meta(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_to_meta(inner) for inner in value)
    return value
