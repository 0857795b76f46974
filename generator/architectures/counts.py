"""Network -> parameters counted four ways, torchinfo's sizes, and FLOPs."""

from typing import NamedTuple

import torch
import torchinfo
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from generator.architectures.arguments import Arguments, describe
from generator.architectures.network import BuiltNetwork
from generator.architectures.values import known_values
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


def summarize(network: BuiltNetwork, arguments: Arguments | None) -> Summary:
    """torchinfo's summary of one forward pass on the meta device; without arguments, of none."""
    columns = SUMMARY_COLUMNS if arguments else ("num_params",)
    given = {name: value for name, value in (arguments or {}).items() if value is not None}
    # torchinfo looks for tensors in its input; arguments that are None go past it.
    left_out: Arguments = dict.fromkeys((arguments or {}).keys() - given.keys())
    with known_values():
        statistics = torchinfo.summary(
            network.module,
            input_data=given or None,
            device="meta",
            depth=SUMMARY_DEPTH,
            col_names=columns,
            verbose=0,
            **left_out,
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


def count_parameters(network: BuiltNetwork, torchinfo: int, sharing: int) -> ParameterCounts:
    """Parameters by diffusers and torch, beside torchinfo's two counts."""
    return ParameterCounts(
        diffusers=int(network.module.num_parameters()),
        torch=sum(parameter.numel() for parameter in network.module.parameters()),
        torchinfo=torchinfo,
        torchinfo_shared_activations=sharing,
    )


def share_activations(module: nn.Module) -> bool:
    """Make all SiLUs of `diffusers.models.activations.get_activation` one object, in place.

    Returns whether there are any.

    Until version 0.33, diffusers kept one table of activation modules: `get_activation` gave the
    same SiLU to every `TimestepEmbedding` and `ResnetBlock2D` and to the UNet's `conv_act`.
    torchinfo gives every module one parent, so a shared module breaks its tree and parameters are
    counted again.
    """
    shared, found = nn.SiLU(), False
    for owner in module.modules():
        for attribute in SHARED_ACTIVATIONS.get(type(owner).__name__, ()):
            if isinstance(getattr(owner, attribute, None), nn.SiLU):
                setattr(owner, attribute, shared)
                found = True
    return found


# Class -> attributes with an activation from the table.
SHARED_ACTIVATIONS = {
    "TimestepEmbedding": ("act",),
    "ResnetBlock2D": ("nonlinearity",),
    "UNet2DConditionModel": ("conv_act",),
}


def count_flops(network: BuiltNetwork, arguments: Arguments) -> int:
    """Floating-point operations of one forward pass, by torch's counter: matrix products,
    convolutions and attention, a multiply-add counted as two."""
    with FlopCounterMode(display=False) as counter, torch.no_grad(), known_values():
        network.module(**arguments)
    return int(counter.get_total_flops())


def summarize_with_flops(network: BuiltNetwork, arguments: Arguments) -> tuple[Summary, int]:
    """`summarize` and `count_flops` of one and the same forward pass."""
    with FlopCounterMode(display=False) as counter:
        summary = summarize(network, arguments)
    return summary, int(counter.get_total_flops())
