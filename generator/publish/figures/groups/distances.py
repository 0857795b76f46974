"""Distances -> their colours, ticks and texts.

Bright is near and dark is far, in light and dark schemes and in every figure of distances.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from generator.networks.palette import distance_colour
from generator.publish.figures.png import palette_png
from generator.records.arrays import Floats
from generator.text import numbers

# A distance is far above this many times the third quartile: otherwise a few far ones would leave
# one colour, or one place, for all the others.
FAR = 4.0
# Cutting the axis before a distance less than this many times as far would save little room.
MUCH_FARTHER = 1.5
MOST_STEPS = 4
LEVELS = 255


def reach(distances: Floats) -> float:
    """The largest distance that is not far, where scales end; 1 if all distances are zero.

    `distances` has any shape; zeros are ignored.
    """
    above = distances[distances > 0]
    if not above.size:
        return 1.0
    return float(above[above <= FAR * np.percentile(above, 75)].max())


def axis_end(distances: Floats) -> float:
    """The end of the axis of distances from one member: distances beyond it are far, and much
    farther than all distances on the axis."""
    end = reach(distances)
    for value in sorted(distances[distances > end].tolist()):
        if value > MUCH_FARTHER * end:
            break
        end = value
    return end


def distance_png(distances: Floats, end: float) -> bytes:
    """A pixel for each distance (H, W), coloured on a scale from 0 to `end`; NaN is transparent."""
    known = ~np.isnan(distances)
    places = np.clip(np.where(known, distances, 0) / end, 0, 1)
    levels = np.where(known, np.round(places * (LEVELS - 1)), LEVELS).astype(np.uint8)
    return palette_png(levels, _palette())


def ticks(end: float) -> list[float]:
    """Round numbers from 0 to `end`, five at most."""
    power = 10.0 ** math.floor(math.log10(end))
    steps = (power * digit for digit in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5))
    step = next(step for step in steps if end <= (MOST_STEPS + 0.999999) * step)
    return [step * count for count in range(math.floor(end / step * 1.000001) + 1)]


def value_text(metric: str, value: float) -> str:
    """A distance as text in figures; counts are exact."""
    return numbers.grouped(int(value)) if metric == "l0" else numbers.small(value)


@cache
def _palette() -> NDArray[np.uint8]:
    """The colours from 0 to 1, and a transparent one."""
    colours = (distance_colour(level / (LEVELS - 1)) for level in range(LEVELS))
    rows = [(*bytes.fromhex(colour[1:]), 255) for colour in colours]
    return np.array([*rows, (0, 0, 0, 0)], np.uint8)
