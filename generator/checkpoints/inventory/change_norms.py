"""Changes that an adapter makes -> their norms, by block of the network that is changed.

A norm is the Euclidean norm of `alpha / rank * up @ down`, in float64. That of a product of two
factors is computed from their Gram matrices, without the product.
"""

import math
from collections.abc import Sequence
from typing import TypeGuard

import numpy as np

from generator.checkpoints.formats.dtypes import BY_NAME, decode
from generator.checkpoints.formats.files import WeightFile
from generator.checkpoints.formats.index import Tensor
from generator.checkpoints.formats.quantised.packing import Codes, LowRank, Packing, Part
from generator.checkpoints.identify.changes import Changes
from generator.checkpoints.identify.components import Weight
from generator.checkpoints.identify.reading import Reader, Source, locate
from generator.records import AdapterBlock

# Values at a time.
CHUNK = 2**20


def change_norms(changes: Changes, files: Sequence[WeightFile]) -> tuple[AdapterBlock, ...]:
    """The norms by component and block, in the order of the weights.

    The norm of a block is None if a change in it is not read, or is not finite.
    """
    reader = Reader(files)
    squares: dict[tuple[str, str], list[float | None]] = {}
    for weight in changes.weights:
        square = _square(weight, changes.index.tensors[weight.tensor], reader)
        squares.setdefault((weight.component, weight.block), []).append(square)
    return tuple(
        AdapterBlock(
            component=component,
            block=block,
            changes=len(each),
            norm=total_norm(each),
        )
        for (component, block), each in squares.items()
    )


def total_norm(squares: Sequence[float | None]) -> float | None:
    """The root of the sum; None if one of them is missing."""
    known = [each for each in squares if each is not None]
    return math.sqrt(math.fsum(known)) if len(known) == len(squares) else None


def _square(weight: Weight, tensor: Tensor, reader: Reader) -> float | None:
    """The squared norm of a change; None if it is not read or not finite."""
    if not weight.is_readable or BY_NAME[weight.dtype].raw is None:
        return None
    source = locate(weight, tensor)
    codes = tensor.packing.codes if tensor.packing else None
    with np.errstate(over="ignore", invalid="ignore"):
        if tensor.packing and _is_product(codes):
            square = _square_of_product(source, tensor.packing, codes, reader)
        else:
            square = _square_of_values(source, weight.elements, reader)
    return square if math.isfinite(square) else None


def _is_product(codes: Codes | None) -> TypeGuard[LowRank]:
    """Whether these are two factors alone."""
    return isinstance(codes, LowRank) and codes.second_up is None and codes.core is None


def _square_of_product(source: Source, packing: Packing, codes: LowRank, reader: Reader) -> float:
    """|up @ down|^2 = sum(up^T up * down down^T), elementwise."""
    row = codes.columns * source.itemsize
    first, last = source.start // row, (source.start + source.nbytes) // row
    start = source.offset + first * packing.size
    raw = reader.fetch(source.file, start, (last - first) * packing.size)
    up = decode(np.frombuffer(raw, np.uint8), codes.dtype).reshape(-1, codes.rank)
    down = _values(codes.down, reader).reshape(codes.rank, -1)
    alpha = float(_values(codes.alpha, reader)[0]) / codes.rank if codes.alpha else codes.scale
    wide = up.astype(np.float64)
    # Rounding may leave a product of zero below zero.
    return max(float(np.sum((wide.T @ wide) * (down @ down.T))), 0.0) * alpha**2


def _square_of_values(source: Source, elements: int, reader: Reader) -> float:
    total = 0.0
    for first in range(0, elements, CHUNK):
        buffer = bytearray(min(CHUNK, elements - first) * source.itemsize)
        reader.read(source, first, memoryview(buffer))
        values = decode(np.frombuffer(buffer, np.uint8), source.dtype).astype(np.float64)
        total += float(values @ values)
    return total


def _values(part: Part, reader: Reader) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    size = part.elements * BY_NAME[part.dtype].bits // 8
    raw = reader.fetch(part.file, part.offset, size)
    return decode(np.frombuffer(raw, np.uint8), part.dtype).astype(np.float64)
