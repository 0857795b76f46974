"""Operations without values that are worked out once, against torch working out each."""

import operator

import pytest
import torch
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from generator.architectures.shapes import KnownShapes

aten = torch.ops.aten


class Worked(TorchDispatchMode):
    """All operations that torch is asked for, by name."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.append(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


def meta(*shape, dtype=torch.float32, **options):
    return torch.empty(*shape, dtype=dtype, device="meta").to(**options)


OPERATIONS = {
    "broadcast": (operator.add, meta(4, 1, 3), meta(5, 1, dtype=torch.float16)),
    "product": (torch.matmul, meta(2, 3, 4), meta(4, 5)),
    "channels last": (
        functional.conv2d,
        meta(2, 3, 8, 8, memory_format=torch.channels_last),
        meta(6, 3, 3, 3),
    ),
    "sum as other type": (torch.sum, meta(3, 4, dtype=torch.float16), 1, True),
    "of an integer": (operator.mul, meta(3, dtype=torch.int32), 1),
    "of a float": (operator.mul, meta(3, dtype=torch.int32), 1.0),
    "of a truth value": (operator.mul, meta(3, dtype=torch.bool), True),
    "several": (torch.topk, meta(6, 3), 2),
    "several normalised": (functional.group_norm, meta(2, 6, 4, 4), 3),
    "list": (torch.cat, [meta(2, 3), meta(4, 3)]),
    "lists apart": (torch.cat, [meta(2, 3), meta(4, 3)], 0),
    "transposed": (torch.exp, meta(3, 4).T),
    "not transposed": (torch.exp, meta(4, 3)),
    "attention": (functional.scaled_dot_product_attention, *[meta(1, 2, 7, 8)] * 3),
    "view": (torch.transpose, meta(3, 4), 0, 1),
}


def told(made):
    many = made if isinstance(made, tuple) else (made,)
    return type(made), [(each.shape, each.stride(), each.dtype, each.device) for each in many]


def test_the_same_comes_out_the_first_and_the_second_time():
    expected = {name: told(work(*given)) for name, (work, *given) in OPERATIONS.items()}
    with KnownShapes():
        for _ in range(2):
            made = {name: told(work(*given)) for name, (work, *given) in OPERATIONS.items()}
            assert made == expected


def test_what_is_known_is_not_worked_out_again():
    with Worked() as worked, KnownShapes():
        for _ in range(3):
            functional.silu(meta(2, 3)) + meta(3)
    assert worked.names.count("silu") == worked.names.count("add") == 1


@pytest.mark.parametrize("work", [aten.view.default, aten._unsafe_view.default])
def test_a_view_keeps_its_storage(work):
    given = meta(2, 6)
    with KnownShapes():
        for _ in range(2):
            made = work(given, (3, 4))
            assert made.untyped_storage()._cdata == given.untyped_storage()._cdata


def test_what_is_written_to_is_written_each_time():
    with KnownShapes():
        for _ in range(2):
            given = meta(2, 6)
            given.resize_(5).add_(1)
            assert given.shape == (5,)


def test_results_are_tensors_of_their_own():
    given = meta(2, 6)
    with KnownShapes():
        storages = {given.exp().untyped_storage(), given.exp().untyped_storage()}
    assert len({storage._cdata for storage in storages}) == 2


def test_values_are_worked_out_each_time():
    with KnownShapes():
        assert [int(torch.tensor(number) + 1) for number in (1, 2)] == [2, 3]
