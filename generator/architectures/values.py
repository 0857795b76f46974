"""Values beside tensors without storage, for networks that read what is in a mask or an index.

On the meta device a tensor has a shape, but no values. Some forward passes read a few: the lengths
of a mask, the experts of each token. So integers and truth values stay on the CPU, and with them
what is made from them alone; an operation that also takes a tensor without storage gives another
one without.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from diffusers.models.transformers import transformer_cosmos
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

META = torch.device("meta")
CPU = torch.device("cpu")
# Larger results have no values: masks of all pairs of tokens, indices repeated for each channel.
LARGEST = 2**22
NEW_TENSOR = torch.tensor


class KnownValues(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While active, integers and truth values that are made on the meta device have values.

    The choice of experts depends on weights, which are unknown: the `k` largest are spread evenly.
    Experts have equal sizes, so a pass takes the same operations whatever is chosen.
    """

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        options = dict(kwargs or {})
        tensors = list(_tensors((*args, *options.values())))
        if not tensors:
            if options.get("device") == META and _are_integers(args, options):
                options["device"] = CPU
            return func(*args, **options)
        known = sum(tensor.is_cpu for tensor in tensors)
        if known == len(tensors) and _size(func, args, tensors) < LARGEST:
            if options.get("device") == META:
                options["device"] = CPU
            return func(*args, **options)
        if func is torch.ops.aten.index.Tensor:
            args = (args[0], [number for index in args[1] for number in _numbers(index)])
        if options.get("device") == CPU:
            # Where a tensor with values is, the network wants others, too.
            options["device"] = META
        if known:
            args, options = tree_map_only(torch.Tensor, _without_values, (args, options))
        made = func(*args, **options)
        return _spread(args[0], made) if func is torch.ops.aten.topk.default else made


def has_values(dtype: torch.dtype, sizes: Sequence[int]) -> bool:
    """Whether a tensor that is given to a network has values: integers and truth values do."""
    return not dtype.is_floating_point and math.prod(sizes) < LARGEST


@contextmanager
def known_values() -> Iterator[None]:
    """Make forward passes on the meta device that read integers; see `KnownValues`.

    Also for networks that ask for automatic casts, which there are none of on the meta device, and
    for Cosmos where torchvision is missing: it needs one function of it, which torch has, too.
    """
    cosmos = vars(transformer_cosmos)
    missing = "transforms" not in cosmos
    cosmos.setdefault("transforms", TORCHVISION)
    try:
        with (
            patch.object(torch, "autocast", _autocast),
            patch.object(torch, "tensor", _tensor),
            KnownValues(),  # type: ignore[no-untyped-call]
        ):
            yield
    finally:
        if missing:
            del cosmos["transforms"]


def _autocast(device_type: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 -- torch's own
    if device_type == META.type:
        return nullcontext()
    return torch.amp.autocast_mode.autocast(device_type, *args, **options)


def _tensor(data: object, **options: Any) -> torch.Tensor:  # noqa: ANN401 -- torch's own
    """`torch.tensor`, of integers with values; torch makes it past any dispatch."""
    if torch.device(options.get("device") or CPU) == CPU:
        return NEW_TENSOR(data, **options)
    made = NEW_TENSOR(data, **options | {"device": CPU})
    return made if has_values(made.dtype, made.shape) else NEW_TENSOR(data, **options)


def _resize(image: torch.Tensor, size: list[int], interpolation: str) -> torch.Tensor:
    """`torchvision.transforms.functional.resize` for tensors."""
    return functional.interpolate(image, size=size, mode=interpolation)


TORCHVISION = SimpleNamespace(
    functional=SimpleNamespace(resize=_resize),
    InterpolationMode=SimpleNamespace(NEAREST="nearest"),
)


def _tensors(values: Iterable[object]) -> Iterator[torch.Tensor]:
    """All tensors in arguments of an operation, and in lists of them."""
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)


def _are_integers(args: tuple[Any, ...], options: Mapping[str, Any]) -> bool:
    """Whether a tensor is made of integers or truth values; without a dtype, from its numbers."""
    dtype = options.get("dtype")
    if dtype is not None:
        sizes = args[0] if args and isinstance(args[0], list | tuple) else ()
        return has_values(dtype, sizes)
    return bool(args) and all(isinstance(each, int) for each in args)


def _size(func: Callable[..., Any], args: tuple[Any, ...], tensors: list[torch.Tensor]) -> int:
    """Elements of the result of an operation, at most."""
    if func is torch.ops.aten.repeat.default:
        return int(tensors[0].numel() * math.prod(args[1]))
    try:
        shape = np.broadcast_shapes(*(tuple(tensor.shape) for tensor in tensors))
    except ValueError:
        return sum(tensor.numel() for tensor in tensors)
    return math.prod(shape)


def _numbers(index: torch.Tensor | None) -> Iterator[torch.Tensor | None]:
    """An index, as numbers if it is a mask with values."""
    if index is None or index.device == META or index.dtype != torch.bool:
        yield index
    else:
        yield from index.nonzero().unbind(1)


def _without_values(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.device == META:
        return tensor
    with torch._C._DisableTorchDispatch():
        return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=META)


def _spread(given: torch.Tensor, made: Any) -> tuple[torch.Tensor, torch.Tensor]:  # noqa: ANN401
    values, indices = made
    with torch._C._DisableTorchDispatch():
        even = torch.arange(indices.numel()) % given.shape[-1]
        return values, even.view(indices.shape)
