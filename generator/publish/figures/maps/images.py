"""A square of numbers -> a PNG image of one pixel each, in tints of one colour.

Tints are levels of opacity, so that one image serves both colour schemes.
"""

import numpy as np

from generator.publish.figures.png import palette_png
from generator.records.arrays import Floats

COLOUR = "#0072b2"
LEVELS = 256


def tinted_png(values: Floats, low: float, high: float) -> bytes:
    """`values` (H, W): `low` is clear, `high` opaque, what lies beyond as either of them."""
    share = np.clip((values - low) / (high - low or 1.0), 0, 1)
    pixels = np.round(share * (LEVELS - 1)).astype(np.uint8)
    palette = np.array([(*bytes.fromhex(COLOUR[1:]), level) for level in range(LEVELS)], np.uint8)
    return palette_png(pixels, palette)
