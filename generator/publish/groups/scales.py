"""Distances -> the colours that they are drawn in, and ticks.

The scale is cividis: perceptually uniform, and the same to those who see no red or green
(Nuñez, Anderton and Renslow, 2018). Dark is near, bright is far, in light and dark schemes alike.
"""

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator

from generator.arrays import Floats

COLOURS = "cividis"
# A few far ones would leave one colour for all the others: what is farther than this percentile is
# drawn in the last colour, where the farthest is this many times as far.
PERCENTILE = 95.0
FAR = 2.0
TICKS = 6


def colour_end(distances: Floats) -> float:
    """The distance at which the last colour is reached; 1 where all distances are zero."""
    above = distances[distances > 0]
    if not above.size:
        return 1.0
    common, largest = float(np.percentile(above, PERCENTILE)), float(above.max())
    return common if largest > FAR * common else largest


def colour_scale(end: float) -> Normalize:
    """Zero to `end`."""
    return Normalize(0, end, clip=True)


def ticks(end: float) -> list[float]:
    """Round numbers from 0 to `end`."""
    locator = MaxNLocator(TICKS, steps=[1, 2, 2.5, 5, 10])
    return [float(value) for value in locator.tick_values(0, end) if 0 <= value <= end * 1.000001]
