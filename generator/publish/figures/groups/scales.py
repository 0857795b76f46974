"""Distances -> the colours that they are drawn in, and ticks.

Bright is near, dark is far, in light and dark schemes alike, as wherever distances are drawn.
"""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.ticker import MaxNLocator

from generator.networks.palette import DISTANCE_COLOURS
from generator.records.arrays import Floats

COLOURS = LinearSegmentedColormap.from_list("distances", DISTANCE_COLOURS)
# Farther than this many times the third quartile is far: a few far ones would leave one colour, or
# one place, for all the others.
FAR = 4.0
# An axis that ends before what is not even so many times as far would save little room.
MUCH_FARTHER = 1.5
TICKS = 4


def reach(distances: Floats) -> float:
    """The largest distance that is not far, where scales end; 1 where all distances are zero.

    `distances` has any shape; zeros are of no account.
    """
    above = distances[distances > 0]
    if not above.size:
        return 1.0
    return float(above[above <= FAR * np.percentile(above, 75)].max())


def axis_end(distances: Floats) -> float:
    """Where the axis of distances from one member ends: what lies beyond is far, and much farther
    than whatever the axis holds."""
    end = reach(distances)
    for value in sorted(distances[distances > end].tolist()):
        if value > MUCH_FARTHER * end:
            break
        end = value
    return end


def colour_scale(end: float) -> Normalize:
    """Zero to `end`."""
    return Normalize(0, end, clip=True)


def ticks(end: float) -> list[float]:
    """Round numbers from 0 to `end`, five at most."""
    locator = MaxNLocator(TICKS, steps=[1, 2, 2.5, 5, 10])
    return [float(value) for value in locator.tick_values(0, end) if 0 <= value <= end * 1.000001]
