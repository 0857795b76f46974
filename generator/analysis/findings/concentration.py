"""Sums by block or kind -> where the change sits: share of it against share of the parameters."""

from collections.abc import Mapping
from typing import NamedTuple

from generator.records.findings import Concentration

# Smallest share of the change that is worth a finding,
SMALLEST_SHARE = 0.1
# and its smallest ratio to the share of parameters.
SMALLEST_EXCESS = 1.5


class BlockChange(NamedTuple):
    """Of one block or kind: squared distance and number of elements."""

    squared: float
    elements: int


def concentration(parts: Mapping[str, BlockChange]) -> Concentration | None:
    """The part whose share of the squared distance exceeds its share of elements most.

    None if no part with a share worth telling exceeds it by much, or nothing changed.
    """
    changed = sum(part.squared for part in parts.values())
    elements = sum(part.elements for part in parts.values())
    if not changed or not elements or len(parts) < 2:
        return None
    shares = {
        name: (part.squared / changed, part.elements / elements) for name, part in parts.items()
    }
    worth = {
        name: change / size
        for name, (change, size) in shares.items()
        if change >= max(SMALLEST_SHARE, SMALLEST_EXCESS * size)
    }
    if not worth:
        return None
    most = max(worth, key=lambda name: worth[name])
    change, size = shares[most]
    return Concentration(part=most, change=change, parameters=size)
