"""Distances of many tensors -> histograms on one logarithmic axis, with the number of zeros
at its left."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from generator.publish.figures.figure import NARROW, Figure, Specification, figure
from generator.publish.figures.parts import SAID, axis, data, placed
from generator.publish.figures.scales import LogScale, decades
from generator.records import Record
from generator.text import numbers
from generator.text.words import tensors

BINS = 36
HEIGHT = 110
LEFT, RIGHT = 62, 32


class Histogram(Record):
    """Counts of values in bins of equal width on a logarithmic axis; `zeros` are counted
    separately."""

    zeros: int
    counts: tuple[int, ...]


def count(values: Sequence[float], scale: LogScale | None) -> Histogram:
    """Count non-negative values on a scale that holds all positive ones."""
    counts = [0] * BINS
    positive = [value for value in values if value > 0]
    for value in positive:
        if scale:
            counts[min(int(scale.fraction(value) * BINS), BINS - 1)] += 1
    return Histogram(zeros=len(values) - len(positive), counts=tuple(counts))


def histograms(
    name: str, title: str, label: str, series: Mapping[str, Sequence[float]], colour: str
) -> Figure:
    """One histogram below the other, by label, all on the same axes."""
    positive = [value for values in series.values() for value in values if value > 0]
    scale = decades(positive) if positive else None
    counted = {name: count(values, scale) for name, values in series.items()}
    words = "; ".join(f"{name}: {_in_words(one, scale)}" for name, one in counted.items())
    draw = partial(_specification, counted, scale, label, colour)
    return figure(name, title, words, draw)


def _specification(
    counted: Mapping[str, Histogram],
    scale: LogScale | None,
    label: str,
    colour: str,
    width: int,
) -> Specification:
    """The axis counts bins; the number of exact zeros has a place at its left, `zeros` bins wide.
    It is no bar: hundreds of equal tensors would flatten the bars of those that differ."""
    is_narrow = width <= NARROW
    zeros = 6 if is_narrow else 4
    highest = max((max(one.counts) for one in counted.values()), default=0) or 1
    marked = scale.some(3 if is_narrow else 10) if scale else ()
    ticks = [-zeros / 2 - 0.5, *(BINS * scale.fraction(value) for value in marked if scale)]
    across = placed("start", -zeros, BINS) | {
        "axis": axis(ticks, ["0", *map(numbers.round_number, marked)], grid=False, title=label)
    }
    upward = placed("size", 0, highest) | {
        "title": "tensors",
        "axis": axis(
            [0, highest], ["0", numbers.grouped(highest)], minExtent=LEFT - 8, maxExtent=LEFT - 8
        ),
    }
    return {
        "data": data(
            row for name, one in counted.items() for row in _rows(name, one, scale, zeros)
        ),
        "facet": {
            "row": {
                "field": "series",
                "sort": None,
                "header": {
                    "title": None,
                    "labelOrient": "top",
                    "labelAnchor": "start",
                    "labelFontWeight": 600,
                },
            }
        },
        "spacing": 14,
        "spec": {
            "width": width - LEFT - RIGHT,
            "height": HEIGHT,
            "encoding": {"x": across, "y": upward, **SAID},
            "layer": [
                {
                    "transform": [{"filter": "isValid(datum.end)"}],
                    "mark": {"type": "rect", "aria": True, "color": colour},
                    "encoding": {"x2": {"field": "end"}, "y2": {"datum": 0}},
                },
                {
                    "transform": [{"filter": "isValid(datum.zeros)"}],
                    "mark": {"type": "text", "aria": True, "dy": -4},
                    "encoding": {"text": {"field": "zeros"}},
                },
            ],
        },
    }


def _rows(
    name: str, one: Histogram, scale: LogScale | None, zeros: int
) -> Iterator[dict[str, object]]:
    """The number of zeros, and a bar for each bin that is not empty, with a gap between bars."""
    said = f"exactly 0: {tensors(one.zeros)}"
    yield {
        "series": name,
        "start": -zeros / 2 - 0.5,
        "size": 0,
        "zeros": numbers.grouped(one.zeros),
        "text": said,
    }
    for number, size in enumerate(one.counts if scale else ()):
        if scale and size:
            ends = (scale.at(number / BINS), scale.at((number + 1) / BINS))
            said = f"{numbers.small(ends[0])} to {numbers.small(ends[1])}: {tensors(size)}"
            edges = {"start": number + 0.04, "end": number + 0.96}
            yield {"series": name, **edges, "size": size, "text": said}


def _in_words(one: Histogram, scale: LogScale | None) -> str:
    counted = sum(one.counts)
    text = f"{tensors(one.zeros)} of exactly 0"
    if scale and counted:
        filled = [number for number, size in enumerate(one.counts) if size]
        low, high = scale.at(filled[0] / BINS), scale.at((filled[-1] + 1) / BINS)
        text += f", {tensors(counted)} from {numbers.small(low)} to {numbers.small(high)}"
    return text
