"""One forward pass on any device -> the bytes of live tensors, as a sequence of allocations.

Every storage is counted once, from the operation that makes it until Python drops it. The allocator
of torch hands out multiples of 512 bytes, so sizes are rounded up to them.
"""

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter

BLOCK = 512


class Event(NamedTuple):
    """An allocation of `size` bytes, or with a negative size the release of one, by number."""

    number: int
    size: int


def tensors_in(value: object) -> Iterator[torch.Tensor]:
    """All tensors in nested lists, tuples and mappings."""
    return (each for each in tree_iter(value) if isinstance(each, torch.Tensor))


def rounded(size: int) -> int:
    """Bytes that torch's allocator hands out for `size` bytes."""
    return -(-size // BLOCK) * BLOCK


class LiveBytes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of live tensors while it is active.

    `live` and `peak` are bytes beyond what was registered by `hold`. `peak_with_workspace` also
    counts the workspace of each convolution, which is live during that one operation.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = self.peak = self.peak_with_workspace = 0
        self.events: list[Event] = []
        self._numbers: dict[int, int] = {}
        # A storage that is dropped leaves its address to others, so those held are kept.
        self._held: list[torch.UntypedStorage] = []
        self._next = 0

    def hold(self, tensors: Iterable[torch.Tensor]) -> None:
        """Register tensors that exist before, such as weights: they are not counted."""
        for tensor in tensors:
            self._held.append(tensor.untyped_storage())
            self._numbers.setdefault(_storage_key(tensor), -1)

    def number_of(self, tensor: torch.Tensor) -> int:
        """Number of the storage of `tensor`; -1 if it is held."""
        return self._numbers[_storage_key(tensor)]

    def reserve_number(self) -> int:
        """A number for an allocation."""
        self._next += 1
        return self._next

    def log(self, event: Event) -> None:
        """Count one allocation or release."""
        self.events.append(event)
        self.live += event.size
        self.peak = max(self.peak, self.live)
        self.peak_with_workspace = max(self.peak_with_workspace, self.live)

    def adopt(self, tensor: torch.Tensor, number: int) -> None:
        """Watch the storage of `tensor`, whose allocation was logged under `number`."""
        storage = tensor.untyped_storage()
        key, size = storage._cdata, rounded(storage.nbytes())
        self._numbers[key] = number
        weakref.finalize(storage, self._release, key, Event(number, -size))

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        made = func(*args, **(kwargs or {}))
        for tensor in tensors_in(made):
            if _storage_key(tensor) not in self._numbers:
                self._allocate(tensor)
        if func is torch.ops.aten.convolution.default:
            self._use_workspace(convolution_workspace(args, made))
        return made

    def _allocate(self, tensor: torch.Tensor) -> None:
        number = self.reserve_number()
        self.log(Event(number, rounded(tensor.untyped_storage().nbytes())))
        self.adopt(tensor, number)

    def _use_workspace(self, size: int) -> None:
        if size:
            number = self.reserve_number()
            self.events += Event(number, size), Event(number, -size)
            self.peak_with_workspace = max(self.peak_with_workspace, self.live + size)

    def _release(self, key: int, event: Event) -> None:
        self._numbers.pop(key, None)
        self.events.append(event)
        self.live += event.size


def convolution_workspace(args: tuple[Any, ...], made: torch.Tensor) -> int:
    """Bytes of workspace of a convolution: a copy of its input and of its output.

    cuDNN computes in half precision with channels last, so it copies both. A convolution with a
    kernel of one pixel is a matrix product and needs none, nor does one of single channels
    (depthwise), for which torch has kernels of its own (aten/src/ATen/native/Convolution.cpp).
    """
    given, weight, groups = args[0], args[1], args[8]
    is_depthwise = groups > 1 and groups == given.shape[1]
    if is_depthwise or all(side == 1 for side in weight.shape[2:]):
        return 0
    return rounded(given.numel() * given.element_size()) + rounded(
        made.numel() * made.element_size()
    )


def _storage_key(tensor: torch.Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


@contextmanager
def counting(held: Iterable[torch.Tensor]) -> Iterator[LiveBytes]:
    """Count the live bytes of what runs inside, without gradients, beyond the tensors `held`."""
    counter = LiveBytes()
    counter.hold(held)
    with torch.no_grad(), counter:
        yield counter
