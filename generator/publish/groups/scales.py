"""Distances -> the colours that they are drawn in, and ticks.

The scale is cividis: perceptually uniform, and the same to those who see no red or green
(Nuñez, Anderton and Renslow, 2018). Dark is near, bright is far, in light and dark schemes alike.
"""

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator

from generator.arrays import Floats

COLOURS = "cividis"
# Farther than this many times the third quartile is far: a few far ones would leave one colour, or
# one place, for all the others.
FAR = 4.0
TICKS = 6


def reach(distances: Floats) -> float:
    """The largest distance that is not far, where scales end; 1 where all distances are zero.

    `distances` has any shape; zeros are of no account.
    """
    above = distances[distances > 0]
    if not above.size:
        return 1.0
    return float(above[above <= FAR * np.percentile(above, 75)].max())


def colour_scale(end: float) -> Normalize:
    """Zero to `end`."""
    return Normalize(0, end, clip=True)


def ticks(end: float) -> list[float]:
    """Round numbers from 0 to `end`."""
    locator = MaxNLocator(TICKS, steps=[1, 2, 2.5, 5, 10])
    return [float(value) for value in locator.tick_values(0, end) if 0 <= value <= end * 1.000001]
