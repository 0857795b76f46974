"""Simulated passes at a few sizes -> a form that gives every size, with its residual.

One and two samples at two sizes (videos: of two areas and two lengths) determine the form; one more
size, with three samples, checks it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from generator.architectures.memory.passes import Pass
from generator.architectures.memory.replay import reserved_bytes
from generator.records.memory import MemoryGrowth, PassMemory

MIB = 2**20
MEGAPIXEL = 2**20


class Size(NamedTuple):
    """Samples, and area (or tokens) and latent frames of each, as in `MemoryGrowth`."""

    samples: int
    area: float
    frames: int = 1


class Design(NamedTuple):
    """The terms of the form, as many sizes to fit, and one to check."""

    terms: tuple[str, ...]
    fitted: tuple[Size, ...]
    check: Size


Simulate = Callable[[Size], Pass]
# A small area and a large one to fit, and one to check; or numbers of tokens.
Areas = tuple[float, float, float]
# Field of `MemoryGrowth` -> what it is multiplied with.
TERMS: Mapping[str, Callable[[Size], float]] = {
    "base_mib": lambda _: 1.0,
    "shared_mib_per_unit": lambda size: size.area * size.frames,
    "mib_per_sample": lambda size: size.samples,
    "mib_per_area": lambda size: size.samples * size.area,
    "mib_per_unit": lambda size: size.samples * size.area * size.frames,
    "mib_per_unit2": lambda size: size.samples * (size.area * size.frames) ** 2,
}
LINEAR = ("base_mib", "shared_mib_per_unit", "mib_per_sample", "mib_per_unit")
# A line whose residual is larger is no line.
STRAIGHT = 0.001


def areas_of(sides: tuple[int, int, int]) -> Areas:
    """Areas of squares by their sides in pixels."""
    small, large, check = (side**2 / MEGAPIXEL for side in sides)
    return small, large, check


def of_images(areas: Areas) -> Design:
    """Two areas, with one and two samples."""
    *ends, check = areas
    fitted = tuple(Size(n, area) for n in (1, 2) for area in ends)
    return Design(LINEAR, fitted, Size(3, check))


def of_squares(areas: Areas, frames: int = 1) -> Design:
    """Three areas of one sample, for what grows with the square of the size."""
    small, large, check = areas
    fitted = (small, 4 * small, large)
    terms = ("mib_per_sample", "mib_per_unit", "mib_per_unit2")
    return Design(terms, tuple(Size(1, area, frames) for area in fitted), Size(2, check, frames))


def of_videos(areas: Areas, frames: tuple[int, int, int]) -> Design:
    """Two areas and two lengths, for what is proportional to the number of videos."""
    *ends, check = areas
    short, long, checked = frames
    fitted = tuple(Size(1, area, length) for area in ends for length in (short, long))
    terms = ("mib_per_sample", "mib_per_area", "mib_per_unit")
    return Design(terms, fitted, Size(2, check, checked))


def bent(design: Design, more: Size) -> Design:
    """A design for what also grows with the square of the size, such as masks: one size more."""
    return Design((*design.terms, "mib_per_unit2"), (*design.fitted, more), design.check)


def measure_straight_or_bent(simulate: Simulate, design: Design, more: Size) -> PassMemory:
    """The growth by a line, or with the square of the size where no line is true."""
    straight = measure_growth(simulate, design)
    if straight.live.residual <= STRAIGHT:
        return straight
    squared = measure_growth(simulate, bent(design, more))
    return min(straight, squared, key=lambda each: each.live.residual)


def measure_growth(simulate: Simulate, design: Design) -> PassMemory:
    """Simulate the sizes of the design and fit what is live and what is reserved."""
    passes = [simulate(size) for size in design.fitted]
    check = simulate(design.check)
    return PassMemory(
        live=_fit_live(passes, check, design),
        reserved=_fit(
            [reserved_bytes(each.events) for each in passes], reserved_bytes(check.events), design
        ),
    )


def measure_live(simulate: Simulate, design: Design) -> PassMemory:
    """The same without what is reserved, for which the form of the design does not hold."""
    passes = [simulate(size) for size in design.fitted]
    return PassMemory(live=_fit_live(passes, simulate(design.check), design))


def _fit_live(passes: Sequence[Pass], check: Pass, design: Design) -> MemoryGrowth:
    sizes = [each.peak_with_workspace for each in passes]
    return _fit(sizes, check.peak_with_workspace, design)


def _fit(sizes: Sequence[int], checked: int, design: Design) -> MemoryGrowth:
    """Least squares; exact where the form is true, since there are as many sizes as terms."""
    rows = [[TERMS[term](size) for term in design.terms] for size in design.fitted]
    found, *_ = np.linalg.lstsq(np.array(rows), np.array(sizes) / MIB, rcond=None)
    values = (round(float(each), 6) + 0.0 for each in found)
    growth = MemoryGrowth(**dict(zip(design.terms, values, strict=True)))
    return _checked(growth, checked, design.check)


def _checked(growth: MemoryGrowth, checked: int, size: Size) -> MemoryGrowth:
    residual = abs(growth.mib(*size) * MIB / checked - 1)
    return msgspec.structs.replace(growth, residual=round(residual, 6))
