"""One forward pass of a module on the meta device -> the most bytes it takes beyond its weights."""

import itertools
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any, Literal, NamedTuple, TypeAlias

import torch
from torch import nn

from generator.architectures.memory.attention import FusedAttention
from generator.architectures.memory.live import Event, counting, rounded, tensors_in
from generator.architectures.memory.repeats import replayed, signed_blocks
from generator.architectures.shapes import KnownShapes
from generator.architectures.values import known_values

Attention = Literal["fused", "math"]
# A network of diffusers or transformers, which publish no types.
Untyped: TypeAlias = Any


class Pass(NamedTuple):
    """The most bytes that were live beyond the weights, inputs included, and all allocations.

    `peak_with_workspace` also counts the workspaces of convolutions.
    """

    peak: int
    peak_with_workspace: int
    events: tuple[Event, ...]


class Simulator:
    """Runs passes of one module, and keeps what is the same in all of them.

    Shapes alone decide, so on the meta device no memory and little time is needed.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._blocks = signed_blocks(module)
        self._shapes = KnownShapes()

    def run(
        self, call: Callable[[], object], inputs: object, attention: Attention = "fused"
    ) -> Pass:
        """Run `call`, which uses the module and `inputs`, and count."""
        given = list(tensors_in(inputs))
        with ExitStack() as stack:
            if attention == "fused":
                stack.enter_context(FusedAttention())
            stack.enter_context(self._shapes)
            counter = stack.enter_context(counting(weights_of(self._module)))
            stack.enter_context(replayed(self._blocks, counter))
            held = storage_bytes(given)
            counter.hold(given)
            stack.enter_context(known_values())
            made = call()
            del made
        return Pass(held + counter.peak, held + counter.peak_with_workspace, tuple(counter.events))


def simulate(
    module: nn.Module, call: Callable[[], object], inputs: object, attention: Attention = "fused"
) -> Pass:
    """Run `call`, which uses `module` and `inputs`, once, and count."""
    return Simulator(module).run(call, inputs, attention)


def weights_of(module: nn.Module) -> Iterable[torch.Tensor]:
    """Parameters and buffers."""
    return itertools.chain(module.parameters(), module.buffers())


def storage_bytes(tensors: Iterable[torch.Tensor]) -> int:
    """Bytes of the storages of `tensors`, each counted once and rounded as the allocator does."""
    storages = {tensor.untyped_storage()._cdata: tensor.untyped_storage() for tensor in tensors}
    return sum(rounded(storage.nbytes()) for storage in storages.values())
