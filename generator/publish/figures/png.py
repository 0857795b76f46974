"""Colours of cells -> a PNG image of one pixel each, as a figure holds it."""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Colour type 6 of the PNG specification: red, green, blue and opacity.
RGBA = 6


def rgba_png(pixels: NDArray[np.uint8]) -> bytes:
    """`pixels` (H, W, 4)."""
    height, width = pixels.shape[:2]
    # Each line begins with the number of its filter, 0 for none.
    lines = np.pad(pixels.reshape(height, -1), ((0, 0), (1, 0))).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, RGBA, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(kind, content) for kind, content in chunks)


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG file."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def data_address(png: bytes) -> str:
    """An address that holds the image itself."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
