"""A square of numbers -> a PNG image of one pixel each, in tints of one colour.

Tints are levels of opacity, so that one image serves both colour schemes.
"""

import struct
import zlib

import numpy as np

from generator.records.arrays import Floats

COLOUR = "#0072b2"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Colour type 3 of the PNG specification: one byte a pixel, which chooses from a palette.
PALETTE_IMAGE = 3
LEVELS = 256


def tinted_png(values: Floats, low: float, high: float) -> bytes:
    """`values` (H, W): `low` is clear, `high` opaque, what lies beyond as either of them."""
    height, width = values.shape
    share = np.clip((values - low) / (high - low or 1.0), 0, 1)
    pixels = np.round(share * (LEVELS - 1)).astype(np.uint8)
    # Each line begins with the number of its filter, 0 for none.
    lines = np.pad(pixels, ((0, 0), (1, 0))).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, PALETTE_IMAGE, 0, 0, 0)
    return SIGNATURE + b"".join(
        [
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", bytes.fromhex(COLOUR[1:]) * LEVELS),
            _chunk(b"tRNS", bytes(range(LEVELS))),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
