"""Dtypes, norms and numbers of elements -> the squared distance that rounding causes.

A float with f stored significand bits is off by up to 2^-(f+1) of its size. Over values whose
significands are spread evenly on a logarithmic scale, as those of weights are, the mean square of
the error is (2^-(f+1))^2 / 3 per mean square of the significand, 3 / (2 ln 2). Below the smallest
normal number the step is constant, and the error even within it: its mean square is step^2 / 12.
(Widrow and Kollar, "Quantization Noise", 2008, chapter 12.) The sum of both is an upper estimate,
at most twice the true one.
"""

from collections.abc import Sequence
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
# Of members without norms: rounding as a part of the median distance. Published distances are of
# files whose dtypes are not known.
UNKNOWN = 0.02
# Two members are within rounding if their squared distance is at most this many times the expected
# one, in total.
WITHIN = 2.5


def rounding_noise(
    norms: Floats, elements: Counts, squared: Floats, dtypes: Sequence[str]
) -> Floats:
    """Expected squared distance of each of N members from its values before rounding, P x N.

    `norms`, `elements` and `squared` are P x N x N; `dtypes` are of the members. Norms are NaN if
    unknown.
    """
    own = np.nan_to_num(np.diagonal(norms, axis1=1, axis2=2), nan=np.nan)
    count = np.diagonal(elements, axis1=1, axis2=2)
    steps = np.array([_relative(name) for name in dtypes])
    absolute = np.array([_absolute(name) for name in dtypes])
    noise = own * steps + count * absolute
    known = np.where(squared > 0, squared, np.nan)
    typical = np.array([np.nanmedian(part) if (part > 0).any() else 0.0 for part in known])
    return np.where(np.isfinite(noise), noise, UNKNOWN**2 / 2 * typical[:, None])


def close_to(squared: Floats, noise: Floats) -> Booleans:
    """N x N: which members differ by no more than rounding. `noise` is in total, N."""
    close: Booleans = squared <= WITHIN * (noise[:, None] + noise[None, :])
    np.fill_diagonal(close, val=False)
    return close


def _relative(dtype: str) -> float:
    """Mean squared error per squared value."""
    fraction = BY_NAME[dtype].fraction if dtype in SMALLEST_NORMAL else BY_NAME[USUAL].fraction
    return 4.0 ** -((fraction or 0) + 1) / 3 / (3 / (2 * log(2)))


def _absolute(dtype: str) -> float:
    """Mean squared error of a value below the smallest normal number."""
    name = dtype if dtype in SMALLEST_NORMAL else USUAL
    step = 2.0 ** max(SMALLEST_NORMAL[name] - (BY_NAME[name].fraction or 0), -500)
    return step**2 / 12
