"""Operations without values, each worked out once: equal shapes give equal shapes.

torch works out what an operation gives on the meta device in Python, in up to a millisecond. A
network repeats its blocks, and is run several times, so most results are known after the first.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import TorchDispatchMode

# Not `torch.empty_strided`, which torchview replaces while it records.
NEW = torch.ops.aten.empty_strided.default


class Strided(NamedTuple):
    """All that a tensor without storage is."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype


class KnownShapes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While active, an operation on the meta device is worked out once for equal arguments.

    Operations that write to an argument or give a view of one are left alone, and so are those
    whose result is more than a plain tensor. To be entered before the modes that look at each
    operation, which it does not show its own.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._gives_new: dict[object, bool] = {}
        self._made: dict[Hashable, tuple[Strided, ...]] = {}

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        options = kwargs or {}
        if func not in self._gives_new:
            self._gives_new[func] = _gives_new_tensors(func)
        if not self._gives_new[func]:
            return func(*args, **options)
        given: list[torch.Tensor] = []
        key = func, _key(args, given), _key(options.items(), given)
        if known := self._made.get(key):
            made = tuple(map(_new, known))
            return made if len(made) > 1 else made[0]
        result = func(*args, **options)
        made = result if isinstance(result, tuple) else (result,)
        if given and _are_new(made, given):
            self._made[key] = tuple(map(_strided, made))
        return result


def _gives_new_tensors(func: Any) -> bool:  # noqa: ANN401 -- torch's own
    schema = func._schema
    return not schema.is_mutable and all(
        each.alias_info is None and isinstance(each.type, torch.TensorType)
        for each in schema.returns
    )


def _key(values: Iterable[object], given: list[torch.Tensor]) -> Hashable:
    """What `values` are to an operation; all tensors among them are added to `given`."""
    parts: list[Hashable] = []
    for value in values:
        if isinstance(value, torch.Tensor):
            given.append(value)
            parts.append((type(value), value.is_meta, value.shape, value.stride(), value.dtype))
        elif isinstance(value, list | tuple):
            parts.append(_key(value, given))
        else:
            # 1, 1.0 and True are equal, but not to an operation.
            parts.append((type(value), value))
    return tuple(parts)


def _are_new(made: Iterable[object], given: Iterable[torch.Tensor]) -> bool:
    """Whether all are plain tensors without values, made from such, in storages of their own."""
    taken = set()
    for tensor in given:
        if not tensor.is_meta:
            return False
        taken.add(tensor.untyped_storage()._cdata)
    return all(
        type(each) is torch.Tensor and each.untyped_storage()._cdata not in taken for each in made
    )


def _strided(tensor: torch.Tensor) -> Strided:
    return Strided(tuple(tensor.shape), tensor.stride(), tensor.dtype)


def _new(of: Strided) -> torch.Tensor:
    with torch._C._DisableTorchDispatch():
        made: torch.Tensor = NEW(of.shape, of.stride, dtype=of.dtype, device="meta")
        return made
