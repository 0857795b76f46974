"""A tensor of codes and how they are read -> the tensor of values that it stands for."""

import math

import msgspec

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.formats.quantised.packing import VALUES, Codes, Packing, Part


def packed(
    tensor: Tensor,
    name: str,
    shape: tuple[int, ...],
    format_: str,
    reader: str,
    codes: Codes | None,
    values: int = 1,
) -> Tensor:
    """`tensor` as `values` codes per byte, of `shape`; not read without `codes`."""
    packing = Packing(
        format=format_,
        # Values in another order than the codes are stored in are not unpacked.
        reader="" if tensor.strides else reader,
        values=values,
        size=1,
        nbytes=tensor.span,
        codes=codes,
    )
    return pack(tensor, packing, shape, name)


def pack(tensor: Tensor, packing: Packing, shape: tuple[int, ...], name: str = "") -> Tensor:
    """`tensor` with the values that `packing` stands for, of `shape`."""
    size = math.prod(shape) * BY_NAME[VALUES].bits // 8
    return msgspec.structs.replace(
        tensor,
        name=name or tensor.name,
        dtype=VALUES,
        shape=shape,
        nbytes=size,
        strides=None,
        packing=packing,
    )


def part_of(tensor: Tensor) -> Part:
    """The position of a tensor that is a part of another."""
    return Part(
        file=tensor.file, offset=tensor.offset, dtype=tensor.dtype, elements=tensor.elements
    )
