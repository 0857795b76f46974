"""Codes of a byte or half a byte, and scales -> float32 values. Compiled by Numba."""

import numpy as np
from numpy.typing import NDArray

from generator.checkpoints.formats.compiled import compiled

Bytes = NDArray[np.uint8]
Singles = NDArray[np.float32]


@compiled()
def scale_bytes(
    codes: Bytes,
    values: Singles,
    scales: Singles,
    first: int,
    columns: int,
    down: int,
    across: int,
    out: Singles,
) -> None:
    """out[k] = values[codes[k]] * the scale of its block of `down` rows and `across` columns.

    `first` is the place of the first code in a matrix with `columns` columns; `scales` begins with
    those of its row.
    """
    per_row = (columns + across - 1) // across
    top = first // columns // down
    row, column = first // columns, first % columns
    k = 0
    while k < len(codes):
        place = (row // down - top) * per_row
        stop = min(len(codes), k + columns - column)
        while k < stop:
            scale = scales[place + column // across]
            run = min(stop, k + across - column % across)
            column += run - k
            while k < run:
                out[k] = values[codes[k]] * scale
                k += 1
        row, column = row + 1, 0


@compiled()
def scale_halves(
    codes: Bytes, values: Singles, scales: Singles, per_scale: int, out: Singles
) -> None:
    """Two codes per byte, the first in the upper half; a scale for every `per_scale` codes."""
    for block in range(len(scales)):
        first = block * per_scale // 2
        for k in range(first, min(first + per_scale // 2, len(codes))):
            out[2 * k] = values[codes[k] >> 4] * scales[block]
            out[2 * k + 1] = values[codes[k] & 15] * scales[block]
