"""Blocks of ggml's quantised types -> float32 values. Compiled by Numba.

Layouts: `ggml-common.h` of ggml-org/ggml. Every operation is rounded to float32 in the order of
`gguf.quants`, so that the values are equal to its values bit for bit.

Each kernel takes `blocks` (N x bytes), the blocks' factors `d` and minima `m` (N, float32) and
`out` (N x values).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from generator.checkpoints.formats.compiled import compiled, inlined
from generator.checkpoints.formats.quantised.ggml import GgmlType

Blocks = NDArray[np.uint8]
Singles = NDArray[np.float32]
Kernel = Callable[[Blocks, Singles, Singles, Singles], None]

# Non-linear 4-bit codes of IQ4_NL and IQ4_XS.
IQ4_VALUES = np.array(
    [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], np.float32
)
SIX_BITS = np.uint8(63)


@compiled()
def _q4_0(blocks: Blocks, d: Singles, _: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for j in range(16):
            code = blocks[n, 2 + j]
            out[n, j] = d[n] * np.float32(np.int32(code & 15) - 8)
            out[n, j + 16] = d[n] * np.float32(np.int32(code >> 4) - 8)


@compiled()
def _q4_1(blocks: Blocks, d: Singles, m: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for j in range(16):
            code = blocks[n, 4 + j]
            out[n, j] = d[n] * np.float32(code & 15) + m[n]
            out[n, j + 16] = d[n] * np.float32(code >> 4) + m[n]


@inlined()
def _fifth_bit(blocks: Blocks, n: int, first: int, place: int) -> np.int32:
    return np.int32(blocks[n, first + place // 8] >> np.uint8(place % 8) & 1) << 4


@compiled()
def _q5_0(blocks: Blocks, d: Singles, _: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for j in range(16):
            code = blocks[n, 6 + j]
            low = np.int32(code & 15) | _fifth_bit(blocks, n, 2, j)
            high = np.int32(code >> 4) | _fifth_bit(blocks, n, 2, j + 16)
            out[n, j] = d[n] * np.float32(low - 16)
            out[n, j + 16] = d[n] * np.float32(high - 16)


@compiled()
def _q5_1(blocks: Blocks, d: Singles, m: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for j in range(16):
            code = blocks[n, 8 + j]
            low = np.int32(code & 15) | _fifth_bit(blocks, n, 4, j)
            high = np.int32(code >> 4) | _fifth_bit(blocks, n, 4, j + 16)
            out[n, j] = d[n] * np.float32(low) + m[n]
            out[n, j + 16] = d[n] * np.float32(high) + m[n]


@compiled()
def _q8_0(blocks: Blocks, d: Singles, _: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for j in range(32):
            out[n, j] = np.float32(np.int8(blocks[n, 2 + j])) * d[n]


@compiled()
def _iq4_nl(blocks: Blocks, d: Singles, _: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for j in range(16):
            code = blocks[n, 2 + j]
            out[n, j] = d[n] * IQ4_VALUES[code & 15]
            out[n, j + 16] = d[n] * IQ4_VALUES[code >> 4]


@compiled()
def _iq4_xs(blocks: Blocks, d: Singles, _: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for group in range(8):
            low = blocks[n, 4 + group // 2] >> np.uint8(4 * (group % 2)) & 15
            high = blocks[n, 2 + group // 4] >> np.uint8(2 * (group % 4)) & 3
            scale = d[n] * np.float32(np.int32(low | high << np.uint8(4)) - 32)
            for j in range(16):
                code = blocks[n, 8 + 16 * group + j]
                out[n, 32 * group + j] = scale * IQ4_VALUES[code & 15]
                out[n, 32 * group + j + 16] = scale * IQ4_VALUES[code >> 4]


@compiled()
def _q2_k(blocks: Blocks, d: Singles, m: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for group in range(16):
            scale = d[n] * np.float32(blocks[n, group] & 15)
            least = m[n] * np.float32(blocks[n, group] >> 4)
            first = 16 + 32 * (group // 8) + 16 * (group % 2)
            shift = np.uint8(2 * (group % 8 // 2))
            for j in range(16):
                code = blocks[n, first + j] >> shift & 3
                out[n, 16 * group + j] = scale * np.float32(code) - least


@compiled()
def _q3_k(blocks: Blocks, d: Singles, _: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for group in range(16):
            low = blocks[n, 96 + group % 8] >> np.uint8(4 * (group // 8)) & 15
            high = blocks[n, 104 + group % 4] >> np.uint8(2 * (group // 4)) & 3
            scale = d[n] * np.float32(np.int32(low | high << np.uint8(4)) - 32)
            first = 32 + 32 * (group // 8) + 16 * (group % 2)
            shift = np.uint8(2 * (group % 8 // 2))
            for j in range(16):
                code = np.int32(blocks[n, first + j] >> shift & 3)
                mask = np.int32(blocks[n, 16 * (group % 2) + j] >> np.uint8(group // 2) & 1)
                out[n, 16 * group + j] = scale * np.float32(code - 4 * (1 - mask))


@inlined()
def _k_scale(blocks: Blocks, n: int, group: int) -> np.uint8:
    """The 6-bit scale of a group of 32 in Q4_K and Q5_K."""
    if group < 4:
        return np.uint8(blocks[n, 4 + group] & SIX_BITS)
    return np.uint8(blocks[n, 8 + group] & 15 | blocks[n, group] >> np.uint8(6) << np.uint8(4))


@inlined()
def _k_least(blocks: Blocks, n: int, group: int) -> np.uint8:
    """The 6-bit minimum of a group of 32 in Q4_K and Q5_K."""
    if group < 4:
        return np.uint8(blocks[n, 8 + group] & SIX_BITS)
    return np.uint8(
        blocks[n, 8 + group] >> np.uint8(4) | blocks[n, 4 + group] >> np.uint8(6) << np.uint8(4)
    )


@compiled()
def _q4_k(blocks: Blocks, d: Singles, m: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for group in range(8):
            scale = d[n] * np.float32(_k_scale(blocks, n, group))
            least = m[n] * np.float32(_k_least(blocks, n, group))
            first, shift = 16 + 32 * (group // 2), np.uint8(4 * (group % 2))
            for j in range(32):
                code = blocks[n, first + j] >> shift & 15
                out[n, 32 * group + j] = scale * np.float32(code) - least


@compiled()
def _q5_k(blocks: Blocks, d: Singles, m: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for group in range(8):
            scale = d[n] * np.float32(_k_scale(blocks, n, group))
            least = m[n] * np.float32(_k_least(blocks, n, group))
            first, shift = 48 + 32 * (group // 2), np.uint8(4 * (group % 2))
            for j in range(32):
                code = np.int32(blocks[n, first + j] >> shift & 15)
                fifth = np.int32(blocks[n, 16 + j] >> np.uint8(group) & 1) << 4
                out[n, 32 * group + j] = scale * np.float32(code | fifth) - least


@compiled()
def _q6_k(blocks: Blocks, d: Singles, _: Singles, out: Singles) -> None:
    for n in range(len(blocks)):
        for group in range(8):
            half, part = group // 4, group % 4
            first, shift = 64 * half + 32 * (part % 2), np.uint8(4 * (part // 2))
            for j in range(32):
                low = np.int32(blocks[n, first + j] >> shift & 15)
                high = np.int32(blocks[n, 128 + 32 * half + j] >> np.uint8(2 * part) & 3) << 4
                scale = d[n] * np.float32(np.int8(blocks[n, 192 + 2 * group + j // 16]))
                out[n, 32 * group + j] = scale * np.float32((low | high) - 32)


KERNELS: dict[str, Kernel] = {
    "Q4_0": _q4_0,
    "Q4_1": _q4_1,
    "Q5_0": _q5_0,
    "Q5_1": _q5_1,
    "Q8_0": _q8_0,
    "Q2_K": _q2_k,
    "Q3_K": _q3_k,
    "Q4_K": _q4_k,
    "Q5_K": _q5_k,
    "Q6_K": _q6_k,
    "IQ4_NL": _iq4_nl,
    "IQ4_XS": _iq4_xs,
}


def unpack(type_: GgmlType, raw: Blocks) -> Singles:
    """The values of whole blocks, bit for bit as `gguf.quants.dequantize` gives them."""
    blocks = raw.reshape(-1, type_.size)
    out = np.empty((len(blocks), type_.values), np.float32)
    factors = _halves(blocks, type_.factor)
    minima = factors if type_.minimum < 0 else _halves(blocks, type_.minimum)
    KERNELS[type_.name](blocks, factors, minima, out)
    return out.reshape(-1)


def _halves(blocks: Blocks, place: int) -> Singles:
    halves = np.ascontiguousarray(blocks[:, place : place + 2]).view("<f2")
    # A signalling NaN is "invalid"; the resulting NaN is right.
    with np.errstate(invalid="ignore"):
        return halves.astype(np.float32).reshape(-1)
