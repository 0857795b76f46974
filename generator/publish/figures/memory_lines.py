"""Peaks by width and height -> one line per strategy, with the sizes of cards as levels."""

from collections.abc import Mapping, Sequence
from functools import partial

from generator.networks.palette import CATEGORY_COLOURS
from generator.publish.figures.figure import NARROW, Figure, Specification, figure
from generator.publish.figures.parts import COLOUR, SAID, axis, data, frame
from generator.publish.figures.scales import decades

LEFT, RIGHT, BOTTOM, TOP = 52, 64, 48, 12
WIDE_HEIGHT, NARROW_HEIGHT = 380, 360
GIB = 2**30


def memory_lines(
    name: str,
    label: str,
    sides: Sequence[int],
    peaks: Mapping[str, Sequence[int]],
    cards: Sequence[int],
) -> Figure:
    """`peaks` are bytes at each of `sides`, by the words of a strategy."""
    text = "; ".join(
        f"{strategy}: {values[0] / GIB:.1f} GiB at {sides[0]} px, "
        f"{values[-1] / GIB:.1f} GiB at {sides[-1]} px"
        for strategy, values in peaks.items()
    )
    title = f"Peak memory of {label} by image size"
    return figure(name, title, text, partial(_specification, sides, peaks, cards))


def _specification(
    sides: Sequence[int], peaks: Mapping[str, Sequence[int]], cards: Sequence[int], width: int
) -> Specification:
    is_narrow = width <= NARROW
    values = [value / GIB for line in peaks.values() for value in line]
    scale = decades([*values, min(cards), max(cards)])
    ticks = sides[::2] if is_narrow else sides
    across = {
        "field": "side",
        "type": "quantitative",
        "title": "Width and height, px",
        "scale": {"domain": [sides[0], sides[-1]], "nice": False},
        "axis": axis(ticks, list(map(str, ticks)), titleY=BOTTOM - 16),
    }
    upward = {
        "field": "gib",
        "type": "quantitative",
        "title": "GiB, logarithmic",
        "scale": {"type": "log", "domain": [scale.low, scale.high], "nice": False},
        "axis": axis(scale.ticks, [f"{tick:g}" for tick in scale.ticks], titleX=-LEFT + 14),
    }
    lines = [
        {
            "side": side,
            "gib": value / GIB,
            "strategy": strategy,
            "colour": colour,
            "text": f"{strategy}, {side} px: {value / GIB:.2f} GiB",
        }
        for (strategy, values), colour in zip(peaks.items(), CATEGORY_COLOURS, strict=False)
        for side, value in zip(sides, values, strict=True)
    ]
    levels = [{"gib": card, "label": f"{card} GB", "side": sides[-1]} for card in cards]
    encoding = {"x": across, "y": upward}
    return frame(width, NARROW_HEIGHT if is_narrow else WIDE_HEIGHT, LEFT, TOP, RIGHT, BOTTOM) | {
        "layer": [
            {
                "data": data(levels),
                "mark": {"type": "rule", "strokeDash": [4, 4], "opacity": 0.5},
                "encoding": {"y": upward},
            },
            {
                "data": data(levels),
                "mark": {"type": "text", "align": "left", "dx": 6, "dy": 4},
                "encoding": encoding | {"text": {"field": "label"}},
            },
            {
                "data": data(lines),
                "mark": {"type": "line", "strokeWidth": 2.5},
                "encoding": encoding | {"stroke": COLOUR, "detail": {"field": "strategy"}},
            },
            {
                "data": data(lines),
                "mark": {"type": "circle", "aria": True, "size": 50, "opacity": 1},
                "encoding": encoding | {"fill": COLOUR, **SAID},
            },
        ]
    }
