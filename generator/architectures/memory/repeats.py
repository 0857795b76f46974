"""Equal blocks of a network -> the first of them run, the others replayed from their events.

A transformer is a list of equal blocks. Given inputs of the same shapes, each allocates the same
tensors in the same order, so what one did stands for all: 10 times fewer operations.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils._pytree import tree_flatten, tree_unflatten

from generator.architectures.memory.live import Event, LiveBytes, tensors_in

# Attributes that number a block within its network and change nothing.
NUMBERING = {"layer_idx", "layer_index", "layer_id", "idx"}
SCALARS = (bool, int, float, str, type(None), tuple)


class Recorded(NamedTuple):
    """What one call did: its events, how far it rose, and how to make its outputs.

    An output is (position among the inputs, None) or (number in `events`, a tensor like it).
    """

    events: tuple[Event, ...]
    rise: int
    rise_with_workspace: int
    outputs: tuple[tuple[int, torch.Tensor | None], ...]
    structure: Any


@contextmanager
def replayed(blocks: Mapping[nn.Module, object], counter: LiveBytes) -> Iterator[None]:
    """While active, blocks with equal signatures run once for each set of input shapes."""
    memory: dict[object, Recorded | None] = {}
    for block, signature in blocks.items():
        block.forward = _remembering(block.forward, signature, memory, counter)
    try:
        yield
    finally:
        for block in blocks:
            del block.forward


def signed_blocks(module: nn.Module) -> dict[nn.Module, object]:
    """Members of lists with at least three equal ones, outermost lists first, by signature."""
    found: dict[nn.Module, object] = {}
    for child in module.children():
        if not isinstance(child, nn.ModuleList):
            found |= signed_blocks(child)
            continue
        signatures = {block: block_signature(block) for block in child if block}
        counts = Counter(signatures.values())
        for block, signature in signatures.items():
            found |= {block: signature} if counts[signature] > 2 else signed_blocks(block)
    return found


def block_signature(block: nn.Module) -> object:
    """Equal for blocks with the same modules, settings and shapes of weights."""
    return tuple(
        (
            name,
            type(inner).__name__,
            tuple(
                (key, value)
                for key, value in sorted(vars(inner).items())
                if key not in NUMBERING and isinstance(value, SCALARS)
            ),
            tuple(
                (key, tuple(p.shape), p.dtype) for key, p in inner.named_parameters(recurse=False)
            ),
        )
        for name, inner in block.named_modules()
    )


def _remembering(
    forward: Callable[..., Any],
    signature: object,
    memory: dict[object, Recorded | None],
    counter: LiveBytes,
) -> Callable[..., Any]:
    def run(*args: object, **kwargs: object) -> object:
        inputs = list(tensors_in((args, kwargs)))
        key = signature, _call_signature(args, kwargs)
        found = memory.get(key)
        if found is not None:
            return _replay(found, inputs, counter)
        start, before = len(counter.events), counter.live
        peaks = counter.peak, counter.peak_with_workspace
        counter.peak = counter.peak_with_workspace = before
        made = forward(*args, **kwargs)
        rises = counter.peak - before, counter.peak_with_workspace - before
        counter.peak = max(counter.peak, peaks[0])
        counter.peak_with_workspace = max(counter.peak_with_workspace, peaks[1])
        memory[key] = _recorded(counter, start, rises, inputs, made)
        return made

    return run


def _call_signature(args: object, kwargs: object) -> object:
    leaves, structure = tree_flatten((args, kwargs))
    described = tuple(
        (tuple(leaf.shape), leaf.stride(), leaf.dtype) if isinstance(leaf, torch.Tensor) else leaf
        for leaf in leaves
    )
    return repr(structure), repr(described)


def _recorded(
    counter: LiveBytes, start: int, rises: tuple[int, int], inputs: list[torch.Tensor], made: object
) -> Recorded | None:
    """None where the call kept more than its outputs, so that a replay would not be the same."""
    own = {event.number for event in counter.events[start:] if event.size > 0}
    events = tuple(event for event in counter.events[start:] if event.number in own)
    left = own - {event.number for event in events if event.size < 0}
    places = {counter.number_of(tensor): place for place, tensor in enumerate(inputs)}
    outputs: list[tuple[int, torch.Tensor | None]] = []
    leaves, structure = tree_flatten(made)
    for leaf in leaves:
        if not isinstance(leaf, torch.Tensor):
            return None
        number = counter.number_of(leaf)
        if number in left:
            outputs.append((number, _shape_of(leaf)))
        elif number in places and inputs[places[number]].shape == leaf.shape:
            outputs.append((places[number], None))
        else:
            return None
    if left != {number for number, like in outputs if like is not None}:
        return None
    return Recorded(events, *rises, tuple(outputs), structure)


def _shape_of(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor on the meta device with the shape, strides and storage of `tensor`, uncounted."""
    size = tensor.untyped_storage().nbytes()
    storage = torch.UntypedStorage(size, device="meta")  # type: ignore[no-untyped-call]
    with torch._C._DisableTorchDispatch():
        empty = torch.empty(0, dtype=tensor.dtype, device="meta")
        return empty.set_(storage, tensor.storage_offset(), tensor.shape, tensor.stride())


def _replay(found: Recorded, inputs: list[torch.Tensor], counter: LiveBytes) -> object:
    before = counter.live
    renamed = {event.number: counter.reserve_number() for event in found.events if event.size > 0}
    for number, size in found.events:
        counter.events.append(Event(renamed[number], size))
        counter.live += size
    counter.peak = max(counter.peak, before + found.rise)
    counter.peak_with_workspace = max(
        counter.peak_with_workspace, before + found.rise_with_workspace
    )
    leaves: list[torch.Tensor] = []
    fresh: dict[int, torch.Tensor] = {}
    for number, like in found.outputs:
        if like is None:
            leaves.append(inputs[number])
        elif number in fresh:
            leaves.append(_view_of(fresh[number], like))
        else:
            fresh[number] = _shape_of(like)
            counter.adopt(fresh[number], renamed[number])
            leaves.append(fresh[number])
    return tree_unflatten(leaves, found.structure)


def _view_of(tensor: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return tensor.as_strided(like.shape, like.stride(), like.storage_offset())
