"""Network -> what its real diffusers pipeline passes to it, without weights: the oracle of inputs.

The pipeline is built with the denoiser alone, gets zero prompt embeddings, and is stopped at its
first call of the denoiser. A pipeline without a VAE counts eight pixels per latent, which is right
for the networks here.
"""

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

import diffusers
import torch

from generator.architectures.arguments import Arguments
from generator.architectures.network import BuiltNetwork, quiet_libraries


class RealPipeline(NamedTuple):
    """A pipeline: the argument and the scheduler it is made with, and the sizes of its prompts.

    Sizes are numbers or keys of the network's config; masks are int64. `negative`: whether guidance
    needs a second set of prompts.
    """

    denoiser: str
    scheduler: str
    prompts: Mapping[str, tuple[int | str, ...]]
    negative: bool = True


PIPELINES = {
    "StableDiffusionPipeline": RealPipeline(
        "unet", "PNDMScheduler", {"prompt_embeds": (1, 77, "cross_attention_dim")}
    ),
    "StableDiffusionXLPipeline": RealPipeline(
        "unet",
        "EulerDiscreteScheduler",
        {"prompt_embeds": (1, 77, "cross_attention_dim"), "pooled_prompt_embeds": (1, 1280)},
    ),
    "StableDiffusion3Pipeline": RealPipeline(
        "transformer",
        "FlowMatchEulerDiscreteScheduler",
        {
            # CLIP's 77 tokens followed by T5's default maximum of 256.
            "prompt_embeds": (1, 333, "joint_attention_dim"),
            "pooled_prompt_embeds": (1, "pooled_projection_dim"),
        },
    ),
    "HunyuanDiTPipeline": RealPipeline(
        "transformer",
        "DDPMScheduler",
        {
            "prompt_embeds": (1, "text_len", "cross_attention_dim"),
            "prompt_embeds_2": (1, "text_len_t5", "cross_attention_dim_t5"),
            "prompt_attention_mask": (1, "text_len"),
            "prompt_attention_mask_2": (1, "text_len_t5"),
        },
    ),
    "AuraFlowPipeline": RealPipeline(
        "transformer",
        "FlowMatchEulerDiscreteScheduler",
        {"prompt_embeds": (1, 256, "joint_attention_dim"), "prompt_attention_mask": (1, 256)},
    ),
    "FluxPipeline": RealPipeline(
        "transformer",
        "FlowMatchEulerDiscreteScheduler",
        {
            "prompt_embeds": (1, 512, "joint_attention_dim"),
            "pooled_prompt_embeds": (1, "pooled_projection_dim"),
        },
        negative=False,
    ),
    "CogVideoXPipeline": RealPipeline(
        "transformer", "CogVideoXDDIMScheduler", {"prompt_embeds": (1, 226, "text_embed_dim")}
    ),
    "WanPipeline": RealPipeline(
        "transformer",
        "FlowMatchEulerDiscreteScheduler",
        {"prompt_embeds": (1, 512, "text_dim")},
    ),
}


class Intercepted(NamedTuple):
    """Arguments of the first call of the denoiser, with tensors on the meta device."""

    arguments: Arguments
    height: int
    width: int


class _Stop(Exception):
    """Ends the pipeline at the first call of the denoiser."""


def intercept(network: BuiltNetwork, name: str) -> Intercepted:
    """Run a pipeline at its default size up to the first denoising step."""
    real = PIPELINES[name]
    call: dict[str, Any] = {}
    image: dict[str, int] = {}
    prompts = {argument: _prompt(argument, real, network) for argument in real.prompts}
    if real.negative:
        prompts |= {f"negative_{argument}": tensor for argument, tensor in prompts.items()}
    with quiet_libraries():
        pipeline = _build_pipeline(name, real, network, call)
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
        return Intercepted(call, **image)
    raise AssertionError(f"{name} never called the denoiser")


def _prompt(argument: str, real: RealPipeline, network: BuiltNetwork) -> torch.Tensor:
    sizes = [
        network.config[size] if isinstance(size, str) else size for size in real.prompts[argument]
    ]
    return torch.zeros(sizes, dtype=torch.int64 if "mask" in argument else torch.float16)


def _build_pipeline(
    name: str, real: RealPipeline, network: BuiltNetwork, call: dict[str, Any]
) -> Any:
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
    pipeline_class = getattr(diffusers, name)
    parameters = inspect.signature(pipeline_class).parameters
    components: dict[str, object] = {
        argument: None
        for argument, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    components[real.denoiser] = denoiser
    components["scheduler"] = getattr(diffusers, real.scheduler)()
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
