"""Indices of colours -> a PNG image with one pixel each, as figures embed it."""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Colour type 3 of the PNG specification: one byte per pixel, an index into a palette.
PALETTE_IMAGE = 3


def palette_png(pixels: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """`pixels` (H, W) are indices into the `palette` (N, 4) of red, green, blue and opacity."""
    height, width = pixels.shape
    # Each line starts with the number of its filter, 0 for none.
    lines = np.pad(pixels, ((0, 0), (1, 0))).tobytes()
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, PALETTE_IMAGE, 0, 0, 0),
        b"PLTE": palette[:, :3].tobytes(),
        b"tRNS": palette[:, 3].tobytes(),
        b"IDAT": zlib.compress(lines, 9),
        b"IEND": b"",
    }
    return SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks.items())


def data_address(png: bytes) -> str:
    """A `data:` address that holds the image."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
