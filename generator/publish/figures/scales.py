"""Values -> a scale: the place of a value between the ends, 0 to 1, and round values for ticks."""

import math
from collections.abc import Sequence

from generator.records import Record

MOST_TICKS = 10


class LinearScale(Record):
    """From 0 to `high`."""

    high: float

    def at(self, fraction: float) -> float:
        """The value at a place on the scale."""
        return fraction * self.high


class LogScale(Record):
    """A logarithmic scale from `low` to `high`, both above 0."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def fraction(self, value: float) -> float:
        """Place of a value on the scale."""
        return math.log(value / self.low) / math.log(self.high / self.low)

    def at(self, fraction: float) -> float:
        """The value at a place on the scale."""
        value: float = self.low * (self.high / self.low) ** fraction
        return value

    def some(self, most: int) -> tuple[float, ...]:
        """At most `most` of the ticks, evenly chosen."""
        return self.ticks[:: math.ceil(len(self.ticks) / most)]


def decades(values: Sequence[float]) -> LogScale:
    """The scale around positive values, in 1-2-5 steps, or in whole decades if it spans many."""
    lowest, highest = min(values), max(values)
    first = math.floor(math.log10(lowest)) - 1
    last = math.ceil(math.log10(highest)) + 1
    steps = [float(f"{digit}e{power}") for power in range(first, last) for digit in (1, 2, 5)]
    low = max(step for step in steps if step < lowest)
    high = min(step for step in steps if step > highest)
    ticks = [step for step in steps if low <= step <= high]
    if len(ticks) > MOST_TICKS:
        ticks = [step for step in ticks if f"{step:e}".startswith("1")]
    if len(ticks) > MOST_TICKS:
        ticks = ticks[:: math.ceil(len(ticks) / MOST_TICKS)]
    return LogScale(low=low, high=high, ticks=tuple(ticks))


def round_steps(highest: float, most: int) -> tuple[float, float]:
    """End and step of a linear axis from 0 with at most so many steps, of 1, 2 or 5 times a power
    of ten."""
    power = 10.0 ** (math.floor(math.log10(highest)) - 1) if highest > 0 else 1.0
    digits = (1, 2, 5, 10, 20, 50)
    step = next(power * digit for digit in digits if highest <= most * power * digit)
    return step * math.ceil(highest / step) or step, step
