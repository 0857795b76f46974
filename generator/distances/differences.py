"""Rows of values, one per checkpoint -> L1 and L0 distances, which no matrix product gives."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from generator.arrays import Booleans, Floats
from generator.distances.products import CHUNK, Decode, Rows


class Differences(NamedTuple):
    """Sums of absolute differences, and numbers of elements that differ: R x R, symmetric."""

    l1: Floats
    l0: NDArray[np.int64]


def differences(
    decode: Decode, rows: Rows, wanted: Booleans, dtype: torch.dtype = torch.float32
) -> Differences:
    """L1 and L0 of the `wanted` pairs, one by one; zero elsewhere. -0 and 0 do not differ.

    Sums of `dtype` over `CHUNK` columns, of float64 beyond: nothing cancels, so float32 is exact to
    1e-7. Where its range does not suffice, all of it is float64.
    """
    l1 = np.zeros((len(rows), len(rows)))
    l0 = np.zeros((len(rows), len(rows)), dtype=np.int64)
    pairs = np.argwhere(np.triu(wanted, 1)).tolist()
    for values in decode(rows, dtype):
        for i, j in pairs:
            difference = torch.sub(values[i], values[j]).abs_()
            l1[i, j] += float(difference.view(-1, CHUNK).sum(1).sum(dtype=torch.float64))
            l0[i, j] += int(torch.count_nonzero(difference))
    if dtype == torch.float32 and not np.isfinite(l1).all():
        return differences(decode, rows, wanted, torch.float64)
    return Differences(l1 + l1.T, l0 + l0.T)
