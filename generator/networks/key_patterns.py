"""Patterns with braces -> all names that they stand for, as in a shell.

`blocks.{0..2}.{weight,bias}` stands for six names. Braces cannot be nested. `blocks.0.$norm` stands
for `blocks.0.` before each pattern of the part `norm`.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

BRACES = re.compile(r"\{([^{}]*)\}")
RANGE = re.compile(r"(\d+)\.\.(\d+)")
NO_PARTS: Mapping[str, str] = MappingProxyType({})


def expand(patterns: str, parts: Mapping[str, str] = NO_PARTS) -> Iterator[str]:
    """The names that the whitespace-separated `patterns` stand for, in order."""
    for pattern in patterns.split():
        place, _, part = pattern.partition("$")
        if part:
            yield from expand(" ".join(place + inner for inner in parts[part].split()), parts)
            continue
        # `split` with one group: contents of braces at odd positions, the rest at even ones.
        pieces = BRACES.split(pattern)
        choices = [_choices(piece) if place % 2 else [piece] for place, piece in enumerate(pieces)]
        yield from map("".join, itertools.product(*choices))


def _choices(inside: str) -> list[str]:
    bounds = RANGE.fullmatch(inside)
    if bounds:
        return [str(number) for number in range(int(bounds[1]), int(bounds[2]) + 1)]
    return inside.split(",")
