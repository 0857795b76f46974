"""Network -> the figures of its forward pass, or the reason why it cannot be made."""

from typing import NamedTuple

from generator.architectures.arguments import (
    Arguments,
    describe,
    make_arguments,
    published_arguments,
)
from generator.architectures.counts import (
    Summary,
    at_published_inputs,
    count_flops,
    summarize_with_flops,
)
from generator.architectures.network import BuiltNetwork
from generator.catalog.entries import InputSizes
from generator.networks.calls import PipelineCall
from generator.records import PipelineInputs, PublishedInputs, Reason
from generator.records.reasons import (
    ForwardFailed,
    PackageMissing,
    ReadsValues,
    SizesUnknown,
)

# What torch says where a forward pass needs the values of a tensor without storage.
NEEDS_VALUES = (
    "Cannot copy out of meta tensor",
    "cannot be called on meta tensors",
    "attempted to run this operator with Meta tensors",
    "register_meta function for torch.nonzero",
    "unsupported autocast device_type 'meta'",
)
# Modules that diffusers leaves undefined without an optional package.
OPTIONAL_MODULES = {"name 'transforms' is not defined": "torchvision"}
LONGEST_MESSAGE = 200
# What networks and torch raise in a forward pass that they were not made for.
FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Forward(NamedTuple):
    """One forward pass: torchinfo's summary at `arguments`, and the figures of the record."""

    arguments: Arguments
    summary: Summary
    published: PublishedInputs
    pipeline: PipelineInputs


def measure_forward(
    network: BuiltNetwork, call: PipelineCall, sizes: InputSizes | None
) -> Forward | Reason:
    """Make the forward pass at the pipeline's inputs, and for torchinfo at the published ones.

    `sizes` are those of the published table; without them, torchinfo gets the pipeline's inputs.
    """
    try:
        arguments = make_arguments(network, call.inputs, call.symbols)
        published = published_arguments(network, sizes) if sizes else arguments
    except ValueError as error:
        return SizesUnknown(detail=str(error))
    try:
        summary, published_flops = summarize_with_flops(network, published)
        flops = count_flops(network, arguments) if sizes else published_flops
    except FAULTS as error:
        return _reason(error)
    return Forward(
        published,
        summary,
        at_published_inputs(published, summary, published_flops),
        PipelineInputs(
            pipeline_class=call.defaults.pipeline_class,
            inputs=describe(arguments),
            height=call.defaults.height,
            width=call.defaults.width,
            flops=flops,
        ),
    )


def _reason(error: BaseException) -> Reason:
    """Why a forward pass failed. torchinfo raises its own error from torch's."""
    while error.__cause__ is not None:
        error = error.__cause__
    message = str(error)
    if any(part in message for part in NEEDS_VALUES):
        return ReadsValues()
    if message in OPTIONAL_MODULES:
        return PackageMissing(package=OPTIONAL_MODULES[message])
    first = message.partition("\n")[0][:LONGEST_MESSAGE]
    return ForwardFailed(error=type(error).__name__, message=first)
