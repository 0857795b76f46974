"""Dtypes, norms and numbers of elements -> the squared distance that rounding causes.

A float with f stored significand bits is off by up to 2^-(f+1) of its size. Over values whose
significands are spread evenly on a logarithmic scale, as those of weights are, the mean square of
the error is (2^-(f+1))^2 / 3 per mean square of the significand, 3 / (2 ln 2). Below the smallest
normal number the step is constant, and the error even within it: its mean square is step^2 / 12.
(Widrow and Kollar, "Quantization Noise", 2008, chapter 12.) The sum of both is an upper estimate,
at most twice the true one.

A format of b bits that scales blocks of n values divides the range of a block into 2^b - 1 equal
steps. Of n values of a normal distribution with standard deviation s, the largest has a mean square
of at most 2 ln(2 n) s^2: the step is 2 sqrt(2 ln(2 n)) s / (2^b - 1).
"""

from collections.abc import Callable, Mapping, Sequence
from math import log

import numpy as np

from generator.checkpoints.formats.dtypes import BY_NAME
from generator.records.arrays import Booleans, Counts, Floats

# Of members without a record: the coarsest common dtype of published checkpoints.
USUAL = "float16"
# Exponent of the smallest normal number, by dtype.
SMALLEST_NORMAL = {
    "float64": -1022,
    "float32": -126,
    "float16": -14,
    "bfloat16": -126,
    "float8_e4m3fn": -6,
    "float8_e5m2": -14,
}
# Bits of a code, and values with one scale, by format.
BLOCKS = {
    "Q8_0": (8, 32),
    "Q8_1": (8, 32),
    "Q6_K": (6, 16),
    "Q5_K": (5, 32),
    "Q5_0": (5, 32),
    "Q5_1": (5, 32),
    "Q4_K": (4, 32),
    "Q4_0": (4, 32),
    "Q4_1": (4, 32),
    "IQ4_NL": (4, 32),
    "IQ4_XS": (4, 32),
    "Q3_K": (3, 16),
    "Q2_K": (2, 16),
    "nvfp4": (4, 16),
    "nf4": (4, 64),
    "fp4": (4, 64),
    # One scale for a row, which is rarely longer.
    "int8": (8, 16384),
}
# Floats with scales.
SCALED = {"fp8_scaled": "float8_e4m3fn"}
# Formats whose error norms do not bound: one scale for a whole row or matrix is that of its largest
# value, and scaled floats may be of either format, with values below the least normal one.
UNBOUNDED = {"int8", *SCALED}
# Of members without norms: rounding as a part of the median distance. Published distances are of
# files whose dtypes are not known.
UNKNOWN = 0.02
# Two members are within rounding if their squared distance is at most this many times the expected
# one, in total.
WITHIN = 2.5


def rounding_noise(
    norms: Floats, elements: Counts, squared: Floats, dtypes: Sequence[Mapping[str, int]]
) -> Floats:
    """Expected squared distance of each of N members from its values before rounding, P x N.

    `norms`, `elements` and `squared` are P x N x N; `dtypes` are numbers of weights by dtype or
    format, of the members. Norms are NaN if unknown.
    """
    own = np.nan_to_num(np.diagonal(norms, axis1=1, axis2=2), nan=np.nan)
    count = np.diagonal(elements, axis1=1, axis2=2)
    steps = np.array([_mean(_relative, held) for held in dtypes])
    absolute = np.array([_mean(_absolute, held) for held in dtypes])
    noise = own * steps + count * absolute
    known = np.where(squared > 0, squared, np.nan)
    typical = np.array([np.nanmedian(part) if (part > 0).any() else 0.0 for part in known])
    return np.where(np.isfinite(noise), noise, UNKNOWN**2 / 2 * typical[:, None])


def close_to(squared: Floats, noise: Floats) -> Booleans:
    """N x N: which members differ by no more than rounding. `noise` is in total, N."""
    close: Booleans = squared <= WITHIN * (noise[:, None] + noise[None, :])
    np.fill_diagonal(close, val=False)
    return close


def _mean(error: Callable[[str], float], held: Mapping[str, int]) -> float:
    """The mean of `error` over weights of several dtypes."""
    total = sum(held.values())
    return sum(count * error(name) for name, count in held.items()) / max(total, 1)


def _relative(dtype: str) -> float:
    """Mean squared error per squared value."""
    if dtype in BLOCKS:
        bits, values = BLOCKS[dtype]
        return 8 * log(2 * values) / float(2**bits - 1) ** 2 / 12
    dtype = SCALED.get(dtype, dtype)
    fraction = BY_NAME[dtype].fraction if dtype in SMALLEST_NORMAL else BY_NAME[USUAL].fraction
    return 4.0 ** -((fraction or 0) + 1) / 3 / (3 / (2 * log(2)))


def _absolute(dtype: str) -> float:
    """Mean squared error of a value below the smallest normal number; 0 for codes with scales."""
    if dtype in BLOCKS or dtype in SCALED:
        return 0.0
    name = dtype if dtype in SMALLEST_NORMAL else USUAL
    step = 2.0 ** max(SMALLEST_NORMAL[name] - (BY_NAME[name].fraction or 0), -500)
    return step**2 / 12
