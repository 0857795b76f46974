"""Distances of many tensors -> histograms on one logarithmic axis, zeros counted apart."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from generator.publish.figures import svg
from generator.publish.figures.scales import LogScale, decades
from generator.records import Record
from generator.text import numbers

BINS = 36
HEIGHT = 110
TITLE_HEIGHT = 22
AXIS_HEIGHT = 44
LEFT = 62
# Room for half of the last label.
RIGHT = 32


class Frame(NamedTuple):
    """The width of the drawing in pixels, the room at the left of the axis for what is exactly 0,
    and how many ticks have room."""

    screen: svg.Screen
    width: int
    zeros: int
    most_ticks: int

    @property
    def start(self) -> int:
        """Where the logarithmic axis begins."""
        return LEFT + self.zeros

    @property
    def span(self) -> int:
        """The length of the logarithmic axis."""
        return self.width - RIGHT - self.start


WIDE = Frame("wide", svg.WIDTH, 84, 10)
NARROW = Frame("narrow", svg.NARROW_WIDTH, 46, 3)


class Histogram(Record, frozen=True, kw_only=True):
    """Values counted in bins of equal width on a logarithmic axis; `zeros` are not among them."""

    zeros: int
    counts: tuple[int, ...]


def count(values: Sequence[float], scale: LogScale | None) -> Histogram:
    """Count the values, none of which is negative, on a scale that holds all positive ones."""
    counts = [0] * BINS
    positive = [value for value in values if value > 0]
    for value in positive:
        if scale:
            counts[min(int(scale.fraction(value) * BINS), BINS - 1)] += 1
    return Histogram(zeros=len(values) - len(positive), counts=tuple(counts))


def histograms(
    name: str, title: str, axis: str, series: Mapping[str, Sequence[float]], colour: str
) -> Markup:
    """One histogram below the other, by label, all on the same axes."""
    return svg.both(
        _drawing(name, title, axis, series, colour, WIDE),
        _drawing(f"{name}-narrow", title, axis, series, colour, NARROW),
    )


def _drawing(
    name: str,
    title: str,
    axis: str,
    series: Mapping[str, Sequence[float]],
    colour: str,
    frame: Frame,
) -> Markup:
    positive = [value for values in series.values() for value in values if value > 0]
    scale = decades(positive) if positive else None
    counted = {label: count(values, scale) for label, values in series.items()}
    highest = max((max(one.zeros, *one.counts) for one in counted.values()), default=0) or 1
    pitch = TITLE_HEIGHT + HEIGHT + 14
    parts: list[str] = []
    for number, (label, one) in enumerate(counted.items()):
        top = number * pitch
        parts.append(svg.label(label, LEFT, top + 14, "start", font_weight=600))
        parts.extend(_panel(one, scale, top + TITLE_HEIGHT, highest, colour, frame))
    bottom = len(counted) * pitch
    parts.extend(_axis(scale, bottom, frame))
    parts.append(svg.label(axis, (frame.start + frame.width) / 2, bottom + 36, "middle"))
    words = "; ".join(f"{label}: {_in_words(one, scale)}" for label, one in counted.items())
    size = svg.sized(frame.width, bottom + AXIS_HEIGHT)
    return svg.drawing(name, title, words, parts, screen=frame.screen, **size)


def _panel(
    one: Histogram, scale: LogScale | None, top: float, highest: int, colour: str, frame: Frame
) -> list[str]:
    floor = top + HEIGHT
    parts = [
        svg.line(LEFT, frame.width - RIGHT, floor, floor),
        svg.line(LEFT, frame.width - RIGHT, top, top),
        svg.label(numbers.grouped(highest), LEFT - 8, top + 4, "end"),
        svg.label("0", LEFT - 8, floor + 4, "end"),
        svg.label("tensors", LEFT - 8, top + 20, "end"),
        _bar(f"exactly 0: {_tensors(one.zeros)}", one.zeros, LEFT + 8, 22, floor, highest, colour),
    ]
    width = frame.span / BINS
    if scale:
        for number, size in enumerate(one.counts):
            ends = (_edge(scale, number), _edge(scale, number + 1))
            text = f"{numbers.small(ends[0])} to {numbers.small(ends[1])}: {_tensors(size)}"
            x = frame.start + number * width
            parts.append(_bar(text, size, x + 1, width - 2, floor, highest, colour))
    return [part for part in parts if part]


def _bar(
    text: str, size: int, x: float, width: float, floor: float, highest: int, colour: str
) -> str:
    if not size:
        return ""
    height = HEIGHT * size / highest
    return svg.element(
        "rect",
        [svg.element("title", text)],
        x=svg.length(x),
        y=svg.length(floor - height),
        width=svg.length(width),
        height=svg.length(height),
        fill=colour,
    )


def _axis(scale: LogScale | None, bottom: float, frame: Frame) -> list[str]:
    parts = [svg.label("0", LEFT + 19, bottom + 4, "middle")]
    if scale:
        for value in scale.some(frame.most_ticks):
            x = frame.start + frame.span * scale.fraction(value)
            parts.append(svg.label(numbers.round_number(value), x, bottom + 4, "middle"))
    return parts


def _edge(scale: LogScale, number: int) -> float:
    edge: float = scale.low * (scale.high / scale.low) ** (number / BINS)
    return edge


def _tensors(size: int) -> str:
    return f"{numbers.grouped(size)} {'tensor' if size == 1 else 'tensors'}"


def _in_words(one: Histogram, scale: LogScale | None) -> str:
    counted = sum(one.counts)
    text = f"{_tensors(one.zeros)} of exactly 0"
    if scale and counted:
        filled = [number for number, size in enumerate(one.counts) if size]
        low, high = _edge(scale, filled[0]), _edge(scale, filled[-1] + 1)
        text += f", {_tensors(counted)} from {numbers.small(low)} to {numbers.small(high)}"
    return text
