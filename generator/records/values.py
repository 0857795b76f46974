"""Values of one weight in several checkpoints, side by side."""

from typing import NamedTuple

from generator.records.arrays import Floats


class ValueChunk(NamedTuple):
    """A part of a weight: its name and block, the values (a row for each checkpoint, R x n), and
    the steps between neighbouring numbers of the first row's dtype (n)."""

    name: str
    block: str
    values: Floats
    step: Floats
