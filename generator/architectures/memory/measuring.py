"""An entry of the catalogue -> the record of its memory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn

from generator.architectures.components import build_component
from generator.architectures.memory import encoders, vaes
from generator.architectures.memory.denoisers import measure_calls
from generator.architectures.memory.live import Event
from generator.architectures.memory.replay import reserved_bytes
from generator.architectures.memory.weights import (
    can_offload_groups,
    is_kept_wide,
    largest_leaf,
    largest_linear,
    left_buffers,
    offload_groups,
    parameter_sizes,
    weights_by_format,
)
from generator.architectures.network import (
    BuiltNetwork,
    build_network,
    quiet_libraries,
    read_config,
)
from generator.catalog.entries import ArchitectureEntry, ComponentEntry
from generator.networks.calls import PipelineCall, find_pipeline, pipeline_call
from generator.records import PipelineSettings
from generator.records.memory import PartKind, PartMemory, PassMemory
from generator.records.reasons import ForwardFailed
from generator.records.versions import COMPONENTS, library_versions

LONGEST_MESSAGE = 200


def measure_denoiser(entry: ArchitectureEntry, folder: Path) -> PartMemory:
    """Memory of the denoiser of `entry`; the path of its config is relative to `folder`.

    Raises:
        ConfigError: the config does not build a denoiser.
    """
    subject = str(folder / entry.config)
    config = read_config(folder / entry.config)
    with quiet_libraries():
        network = build_network(config, subject)
        return _record(entry.id, "denoiser", network.module, lambda: _calls(network, entry))


def _calls(network: BuiltNetwork, entry: ArchitectureEntry) -> dict[str, PassMemory]:
    family = network.family
    spec = family and find_pipeline(family, network.config, entry.pipeline)
    if not (family and spec):
        raise ValueError("the inputs of its class are not known")

    def call_at(settings: PipelineSettings, samples: int | None) -> PipelineCall:
        own = PipelineSettings(**entry.defaults.given() | settings.given())
        return pipeline_call(family, spec, network.config, own, samples)

    return measure_calls(network, call_at)


def measure_part(entry: ComponentEntry, folder: Path) -> PartMemory:
    """Memory of a VAE or encoder; the path of its config is relative to `folder`.

    Raises:
        ConfigError: no such class, or the config does not build it.
    """
    with quiet_libraries():
        module: Any = build_component(entry, folder).half().eval()
        for name, parameter in module.named_parameters():
            if is_kept_wide(module, name):
                parameter.data = parameter.data.float()
        measure = {
            "vae": vaes.measure_passes,
            "image_encoder": encoders.measure_image_pass,
            "text_encoder": encoders.measure_text_pass,
        }[entry.kind]
        kind: PartKind = "vae" if entry.kind == "vae" else "encoder"
        return _record(entry.id, kind, module, lambda: measure(module))


def _record(
    identity: str, kind: PartKind, module: nn.Module, measure: Callable[[], dict[str, PassMemory]]
) -> PartMemory:
    passes, missing = {}, None
    try:
        passes = measure()
    except Exception as error:  # noqa: BLE001 - its weights are known all the same
        message = str(error).partition("\n")[0][:LONGEST_MESSAGE]
        missing = ForwardFailed(error=type(error).__name__, message=message)
    block, outside = offload_groups(module)
    sizes = parameter_sizes(module, "bfloat16")
    return PartMemory(
        id=identity,
        kind=kind,
        class_name=type(module).__name__,
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        weights=weights_by_format(module),
        reserved_weights=reserved_bytes(Event(n, size) for n, size in enumerate(sizes)),
        largest_leaf=largest_leaf(module),
        largest_linear=largest_linear(module),
        largest_block=block,
        outside_blocks=outside,
        left_buffers=left_buffers(module),
        can_offload_groups=can_offload_groups(module),
        passes=passes,
        missing=missing,
        tile=vaes.tile_side(module) if kind == "vae" else None,
        sampling_rate=vaes.sampling_rate(module) if kind == "vae" else None,
        # Latent frames of a patch; the pipeline pads them.
        frame_multiple=getattr(module.config, "patch_size_t", None) or 1,
        upcast=kind == "vae" and bool(getattr(module.config, "force_upcast", False)),
        versions=library_versions(COMPONENTS, identity),
    )
