"""Patterns with braces -> all names that they stand for, as in a shell.

`blocks.{0..2}.{weight,bias}` stands for six names. Braces cannot be nested.
"""

import itertools
import re
from collections.abc import Iterator

BRACES = re.compile(r"\{([^{}]*)\}")
RANGE = re.compile(r"(\d+)\.\.(\d+)")


def expand(patterns: str) -> Iterator[str]:
    """The names that the whitespace-separated `patterns` stand for, in order."""
    for pattern in patterns.split():
        # `split` with one group: contents of braces at odd positions, the rest at even ones.
        pieces = BRACES.split(pattern)
        choices = [_choices(piece) if place % 2 else [piece] for place, piece in enumerate(pieces)]
        yield from map("".join, itertools.product(*choices))


def _choices(inside: str) -> list[str]:
    bounds = RANGE.fullmatch(inside)
    if bounds:
        return [str(number) for number in range(int(bounds[1]), int(bounds[2]) + 1)]
    return inside.split(",")
