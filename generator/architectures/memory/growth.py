"""Simulated passes at a few sizes -> a form that gives every size, with its residual.

One and two samples at two sizes (videos: of two areas and two lengths) determine the form; one more
size, with three samples, checks it.

A pass that makes the same allocations in the same order at all sizes has a form at each moment, and
its peak is the largest of them: at small sizes often a moment of the text, at large ones of the
picture. Of a pass that does not (a VAE that goes through a video in parts), the peaks are fitted.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

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
Values = NDArray[np.float64]
# A small area and a large one to fit, and one to check; or numbers of tokens.
Areas = tuple[float, float, float]
# Field of `MemoryGrowth` -> what it is multiplied with.
TERMS: Mapping[str, Callable[[Size], float]] = {
    "base_mib": lambda _: 1.0,
    "shared_mib_per_unit": lambda size: size.area * size.frames,
    "shared_mib_per_unit2": lambda size: (size.area * size.frames) ** 2,
    "mib_per_sample": lambda size: size.samples,
    "mib_per_frame": lambda size: size.samples * size.frames,
    "mib_per_area": lambda size: size.samples * size.area,
    "mib_per_unit": lambda size: size.samples * size.area * size.frames,
    "mib_per_unit2": lambda size: size.samples * (size.area * size.frames) ** 2,
}
# Of videos, parts grow with the area alone (attention in time), or the length alone (sound).
VIDEO = ("mib_per_area", "mib_per_frame")
LINEAR = ("base_mib", "shared_mib_per_unit", "mib_per_sample", "mib_per_unit")
SQUARES = ("shared_mib_per_unit2", "mib_per_unit2")
# A line whose residual is larger is no line.
STRAIGHT = 0.001
# One line with a smaller residual needs no moments beside it.
EXACT = 0.0001
# Sizes at which moments are compared, as multiples of those that are fitted.
COMPARED = (0.25, 0.5, 1.0, 2.0, 4.0)
# A moment that is larger by less, as by sizes that are rounded to blocks, is not another.
ANOTHER = 0.0005


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


def of_tokens(lengths: Areas) -> Design:
    """Three lengths, with one and two samples, for encoders, of which some store scores."""
    return bent(of_images(lengths), Size(1, 2 * lengths[0]))


def bent(design: Design, more: Size) -> Design:
    """A design for what also grows with the square of the size, such as masks, of each sample or
    shared: one size more."""
    fitted = (*design.fitted, *(more._replace(samples=k * more.samples) for k in (1, 2)))
    return Design((*design.terms, *SQUARES), fitted, design.check)


def measure_straight_or_bent(simulate: Simulate, design: Design, more: Size) -> PassMemory:
    """The growth by a line, or with the square of the size where no line is true."""
    once = cache(simulate)
    straight = measure_growth(once, design)
    if straight.live.residual <= STRAIGHT:
        return straight
    squared = measure_growth(once, bent(design, more))
    return min(straight, squared, key=lambda each: each.live.residual)


def measure_growth(simulate: Simulate, design: Design) -> PassMemory:
    """Simulate the sizes of the design and fit what is live and what is reserved."""
    passes = [simulate(size) for size in design.fitted]
    check = simulate(design.check)
    reserved = [reserved_bytes(each.events) for each in passes]
    checked = reserved_bytes(check.events)
    # Segments hide what grows with the square, so a line may be nearer.
    line = design._replace(terms=tuple(each for each in design.terms if each not in SQUARES))
    return PassMemory(
        live=_fit_live(passes, check, design),
        reserved=min(
            (_fit(reserved, checked, each) for each in (line, design)),
            key=lambda each: each.residual,
        ),
    )


def measure_live(simulate: Simulate, design: Design) -> PassMemory:
    """The same without what is reserved, for which the form of the design does not hold."""
    passes = [simulate(size) for size in design.fitted]
    return PassMemory(live=_fit_live(passes, simulate(design.check), design))


def _fit_live(passes: Sequence[Pass], check: Pass, design: Design) -> MemoryGrowth:
    peaks = [each.peak_with_workspace for each in passes]
    by_peak = _fit(peaks, check.peak_with_workspace, design)
    found = [by_peak]
    for chosen in (design, _of_one_image(design)):
        runs = [
            run for run, size in zip(passes, design.fitted, strict=True) if size in chosen.fitted
        ]
        if by_peak.residual > EXACT and _are_alike(runs):
            found.append(
                _checked(_by_moment(runs, chosen), check.peak_with_workspace, design.check)
            )
    return min(found, key=lambda each: each.residual)


def _of_one_image(design: Design) -> Design:
    """The sizes of one image, for passes that go through a batch one by one: nothing is shared."""
    fewest = min(size.samples for size in design.fitted)
    fitted = tuple(size for size in design.fitted if size.samples == fewest)
    return design._replace(
        terms=tuple(each for each in design.terms if "per_" in each and "shared" not in each),
        fitted=fitted,
    )


def _by_moment(passes: Sequence[Pass], design: Design) -> MemoryGrowth:
    """The largest forms of passes that are alike."""
    sizes = _moments(np.array([_live(each) for each in passes], dtype=np.float64))
    first, *others = _largest(_solved(sizes, design), design)
    return msgspec.structs.replace(first, moments=tuple(others))


def _are_alike(passes: Sequence[Pass]) -> bool:
    """Whether all passes make and release the same tensors in the same order."""
    orders = [
        np.array([event.number * (1 if event.size > 0 else -1) for event in each.events])
        for each in passes
    ]
    return all(np.array_equal(order, orders[0]) for order in orders)


def _live(run: Pass) -> Values:
    """Bytes after each event, with the inputs."""
    changes = np.cumsum([event.size for event in run.events])
    held = run.peak_with_workspace - max(changes.max(), 0)
    return np.asarray(held + changes)


def _moments(live: Values) -> Values:
    """The columns before something is released: others are never the largest."""
    following = np.diff(live, axis=1, append=0)
    return np.unique(live[:, (following < 0).any(axis=0)], axis=1)


def _largest(forms: Sequence[MemoryGrowth], design: Design) -> list[MemoryGrowth]:
    """The fewest forms, one after the other, that are nowhere less than the largest of all."""
    sizes = {
        Size(samples, scale * size.area, size.frames)
        for size in design.fitted
        for scale in COMPARED
        for samples in (1, 2, 4)
    }
    told = np.array([[form.mib(*size) for size in sorted(sizes)] for form in forms])
    goal = told.max(axis=0) * (1 - ANOTHER)
    chosen: list[MemoryGrowth] = []
    left = np.full(len(goal), fill_value=True)
    while left.any():
        best = int(((told >= goal) & left).sum(axis=1).argmax())
        chosen.append(forms[best])
        left &= told[best] < goal
    return chosen


def _fit(sizes: Sequence[int], checked: int, design: Design) -> MemoryGrowth:
    (growth,) = _solved(np.array(sizes, dtype=np.float64)[:, None], design)
    return _checked(growth, checked, design.check)


def _solved(sizes: Values, design: Design) -> list[MemoryGrowth]:
    """Forms of columns of bytes, by least squares; exact where the form is true, since there are
    as many sizes as terms.

    In whole numbers, with one division at the end: a term that is not there is 0, on any machine.
    """
    rows = [[TERMS[term](size) for term in design.terms] for size in design.fitted]
    solution = _least_squares(rows)
    divisor = math.lcm(*(each.denominator for row in solution for each in row))
    whole = np.array([[int(each * divisor) for each in row] for row in solution], dtype=object)
    mib = whole @ sizes.astype(np.int64).astype(object) / (divisor * MIB)
    columns = np.unique(mib.astype(np.float64), axis=1).T
    return [
        msgspec.convert(dict(zip(design.terms, column, strict=True)), MemoryGrowth)
        for column in columns.tolist()
    ]


def _least_squares(rows: Sequence[Sequence[float]]) -> list[list[Fraction]]:
    """(X^T X)^-1 X^T of the rows of X, whose columns are independent."""
    x = np.array([[Fraction(each) for each in row] for row in rows], dtype=object)
    solved = np.hstack([x.T @ x, x.T])
    for place, row in enumerate(solved):
        # X^T X is positive definite, so no pivot is 0.
        row /= row[place]
        for other in (*solved[:place], *solved[place + 1 :]):
            other -= other[place] * row
    found: list[list[Fraction]] = solved[:, len(solved) :].tolist()
    return found


def _checked(growth: MemoryGrowth, checked: int, size: Size) -> MemoryGrowth:
    residual = abs(growth.mib(*size) * MIB / checked - 1)
    return msgspec.structs.replace(growth, residual=residual)
