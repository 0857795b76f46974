"""Network -> parameters counted four ways, torchinfo's sizes, and FLOPs."""

from typing import NamedTuple

import torch
import torchinfo
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from generator.architectures.network import Arguments, BuiltNetwork, describe
from generator.records import ParameterCounts, PublishedInputs

# The columns and depth of the published summaries.
SUMMARY_COLUMNS = ("input_size", "output_size", "num_params")
SUMMARY_DEPTH = 3

MEGABYTE = 10**6


class Summary(NamedTuple):
    """torchinfo's summary as text, and its figures: sizes in bytes."""

    text: str
    parameters: int
    input_bytes: int
    output_bytes: int
    parameter_bytes: int
    mult_adds: int


def summarize(network: BuiltNetwork, arguments: Arguments) -> Summary:
    """torchinfo's summary of one forward pass on the meta device."""
    statistics = torchinfo.summary(
        network.module,
        input_data=arguments,
        device="meta",
        depth=SUMMARY_DEPTH,
        col_names=SUMMARY_COLUMNS,
        verbose=0,
    )
    return Summary(
        text=str(statistics),
        parameters=statistics.total_params,
        input_bytes=statistics.total_input,
        output_bytes=statistics.total_output_bytes,
        parameter_bytes=statistics.total_param_bytes,
        mult_adds=statistics.total_mult_adds,
    )


def at_published_inputs(arguments: Arguments, summary: Summary, flops: int) -> PublishedInputs:
    """The figures at the inputs of the published table, in its units: 10^6 bytes, and "GB"."""
    sizes = (summary.input_bytes, summary.output_bytes, summary.parameter_bytes)
    return PublishedInputs(
        inputs=describe(arguments),
        input_mb=summary.input_bytes / MEGABYTE,
        forward_backward_mb=summary.output_bytes / MEGABYTE,
        params_mb=summary.parameter_bytes / MEGABYTE,
        total_gb=sum(sizes) / MEGABYTE / 1024,
        mult_adds=summary.mult_adds,
        flops=flops,
    )


def count_parameters(network: BuiltNetwork, summary: Summary, sharing: Summary) -> ParameterCounts:
    """Parameters by diffusers, by torch, and by torchinfo without and with `share_activations`."""
    return ParameterCounts(
        diffusers=int(network.module.num_parameters()),
        torch=sum(parameter.numel() for parameter in network.module.parameters()),
        torchinfo=summary.parameters,
        torchinfo_shared_activations=sharing.parameters,
    )


def share_activations(module: nn.Module) -> None:
    """Make all SiLUs of `diffusers.models.activations.get_activation` one object, in place.

    Until version 0.33, diffusers kept one table of activation modules: `get_activation` gave the
    same SiLU to every `TimestepEmbedding` and `ResnetBlock2D` and to the UNet's `conv_act`.
    torchinfo gives every module one parent, so a shared module breaks its tree and parameters are
    counted again.
    """
    shared = nn.SiLU()
    for owner in module.modules():
        for attribute in SHARED_ACTIVATIONS.get(type(owner).__name__, ()):
            if isinstance(getattr(owner, attribute, None), nn.SiLU):
                setattr(owner, attribute, shared)


# Class -> attributes with an activation from the table.
SHARED_ACTIVATIONS = {
    "TimestepEmbedding": ("act",),
    "ResnetBlock2D": ("nonlinearity",),
    "UNet2DConditionModel": ("conv_act",),
}


def count_flops(network: BuiltNetwork, arguments: Arguments) -> int:
    """Floating-point operations of one forward pass, by torch's counter: matrix products,
    convolutions and attention, a multiply-add counted as two."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network.module(**arguments)
    return int(counter.get_total_flops())
