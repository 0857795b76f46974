"""A function with its gradient, and a start -> a local minimum.

L-BFGS as in Nocedal and Wright, "Numerical Optimization" (2006), algorithms 7.4 and 7.5, with the
line search of Lewis and Overton, "Nonsmooth optimization via quasi-Newton methods" (2013).
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from generator.records.arrays import Floats

# Steps that shape the next one, steps in all, and trials of the length of one step.
MEMORY, STEPS, TRIALS = 10, 5000, 60
# A step is taken if the value falls by at least this share of what the slope promises, and the
# slope to at most the other share of what it was.
FALL, SLOPE = 1e-4, 0.9
# The end: a step that gains less, relative to values above 1, or a gradient that is smaller.
LEAST_GAIN, LEAST_GRADIENT = 1e-15, 1e-9

Function = Callable[[Floats], tuple[float, Floats]]


class Evaluated(NamedTuple):
    """A place (K,), the value there, and the gradient (K,)."""

    place: Floats
    value: float
    gradient: Floats


class _Step(NamedTuple):
    moved: Floats
    turned: Floats
    curvature: float


def minimum(function: Function, start: Floats) -> Evaluated:
    """A local minimum of `function`, found downhill from `start` (K,), float64."""
    here = Evaluated(start, *function(start))
    steps: deque[_Step] = deque(maxlen=MEMORY)
    for _ in range(STEPS):
        if np.abs(here.gradient).max() <= LEAST_GRADIENT:
            break
        there = _search(function, here, -_scaled(here.gradient, steps), first=not steps)
        if there is None:
            break
        moved, turned = there.place - here.place, there.gradient - here.gradient
        gain = (here.value - there.value) / max(abs(here.value), abs(there.value), 1.0)
        here = there
        if gain <= LEAST_GAIN:
            break
        steps.append(_Step(moved, turned, float(moved @ turned)))
    return here


def _scaled(gradient: Floats, steps: deque[_Step]) -> Floats:
    """The gradient times the inverse of the second derivatives that the steps let see."""
    rest = gradient.copy()
    shares = []
    for step in reversed(steps):
        shares.append(float(step.moved @ rest) / step.curvature)
        rest -= shares[-1] * step.turned
    if steps:
        rest *= steps[-1].curvature / float(steps[-1].turned @ steps[-1].turned)
    for step, share in zip(steps, reversed(shares), strict=True):
        rest += (share - float(step.turned @ rest) / step.curvature) * step.moved
    return rest


def _search(function: Function, here: Evaluated, along: Floats, *, first: bool) -> Evaluated | None:
    """A point `along` from `here` that is lower and less steep; None if rounding hides it."""
    slope = float(here.gradient @ along)
    low, high = 0.0, np.inf
    # The first direction has the length of the gradient, which says little about the distance.
    length = min(1.0, 1 / float(np.abs(here.gradient).sum())) if first else 1.0
    for _ in range(TRIALS):
        place = here.place + length * along
        there = Evaluated(place, *function(place))
        if not there.value <= here.value + FALL * length * slope:
            high = length
        elif float(there.gradient @ along) < SLOPE * slope:
            low = length
        else:
            return there
        length = (low + high) / 2 if high < np.inf else 2 * low
    return None
