"""The shape of a tensor as text."""

from collections.abc import Sequence


def shape_text(shape: Sequence[int]) -> str:
    """`320x4x3x3`; `scalar` for no dimensions."""
    return "x".join(map(str, shape)) or "scalar"
