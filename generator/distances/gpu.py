"""Rows of stored numbers -> their products on a GPU, in float64."""

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray

from generator.records.arrays import Floats


def centred_gram(
    rows: Iterable[tuple[NDArray[np.uint8], str]], columns: int, device: str
) -> Floats:
    """All products of `rows` (bytes and dtype) on `device`; see `products.CentredGram`.

    Rows are copied to the device in their stored dtype. R x R, symmetric.
    """
    values = torch.stack(
        [
            torch.from_numpy(stored).view(getattr(torch, dtype))[:columns].to(device).double()
            for stored, dtype in rows
        ]
    )
    values[1:] -= values[0]
    values[0].neg_()
    below = np.tril((values @ values.T).cpu().numpy())
    gram: Floats = below + np.tril(below, -1).T
    return gram


def why_unusable(device: str) -> str:
    """Why torch cannot use `device`; empty if it can."""
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, ValueError) as error:
        return str(error).splitlines()[0]
    return ""
