"""Networks -> charts of their parameters: bars by group of blocks, and the profile of one network.

Bars take per cent of the place where they stand, and their text keeps its size at any width.
"""

import math
from collections.abc import Sequence

from markupsafe import Markup

from generator.palette import block_colour
from generator.publish import numbers, svg
from generator.publish.block_runs import Run
from generator.records import Block, Record

PROFILE_HEIGHT = 190
HEADROOM = 16
LABELS_HEIGHT = 78
AXIS_WIDTH = 62


class Bar(Record, frozen=True, kw_only=True):
    """One labelled bar: its segments are the groups of blocks of a network."""

    label: str
    value: str
    link: str
    runs: tuple[Run, ...]

    @property
    def parameters(self) -> int:
        """Sum of the segments."""
        return sum(run.parameters for run in self.runs)


def parameter_bars(name: str, bars: Sequence[Bar]) -> Markup:
    """One bar per network on one scale, the largest full width, split by groups of blocks."""
    row, height = 50, 22
    scale = max((bar.parameters for bar in bars), default=1)
    parts: list[str] = []
    for number, bar in enumerate(bars):
        top = number * row
        label = svg.element("text", bar.label, x=0, y=top + 14, font_weight=600)
        parts.append(svg.element("a", [label], href=bar.link))
        parts.append(svg.element("text", bar.value, x="100%", y=top + 14, text_anchor="end"))
        parts.extend(_segments(bar.runs, scale, top + 20, height))
    text = "; ".join(f"{bar.label}: {bar.value}, {_in_words(bar.runs)}" for bar in bars)
    return svg.drawing(
        name,
        "Parameters by group of blocks",
        text,
        parts,
        role="group",
        width="100%",
        height=len(bars) * row,
    )


def composition_bar(name: str, label: str, runs: Sequence[Run]) -> Markup:
    """One network, full width, split by groups of blocks."""
    total = sum(run.parameters for run in runs) or 1
    parts = _segments(runs, total, 0, 24)
    title = f"Parameters of {label} by group of blocks"
    return svg.drawing(name, title, _in_words(runs), parts, width="100%", height=26)


def _segments(runs: Sequence[Run], scale: int, top: int, height: int) -> list[str]:
    """Segments from the left end; those wide enough on a narrow screen carry their name."""
    parts: list[str] = []
    start = 0.0
    total = sum(run.parameters for run in runs)
    for run in runs:
        width = 100 * run.parameters / scale
        colour = block_colour(run.group)
        title = f"{run.group}: {run.parameters:,} ({numbers.share(run.parameters, total)})"
        parts.append(
            svg.element(
                "rect",
                [svg.element("title", title)],
                x=svg.percent(start),
                y=top,
                width=svg.percent(max(width, 0.15)),
                height=height,
                fill=colour,
                fill_opacity=0.3,
                stroke=colour,
                stroke_width=1.5,
            )
        )
        # A character of this size is 2.4 % of the narrowest drawing.
        if width > 2.4 * len(run.group) + 3:
            middle = svg.percent(start + width / 2)
            parts.append(
                svg.element(
                    "text", run.group, x=middle, y=top + height / 2 + 4, text_anchor="middle"
                )
            )
        start += width
    return parts


def profile(name: str, label: str, runs: Sequence[Run]) -> Markup:
    """The blocks in order, each a bar as high as its parameters."""
    blocks = [(block, block_colour(run.group)) for run in runs for block in run.blocks]
    ceiling, step = _axis(max((block.parameters for block, _ in blocks), default=1))
    pitch = (svg.WIDTH - AXIS_WIDTH) / max(len(blocks), 1)
    lines = [_level(value, PROFILE_HEIGHT, ceiling) for value in range(0, ceiling + 1, step)]
    columns = [
        _column(block, colour, AXIS_WIDTH + (number + 0.5) * pitch, pitch, ceiling)
        for number, (block, colour) in enumerate(blocks)
    ]
    return svg.drawing(
        name,
        f"Parameters of each block of {label}",
        _in_words(runs),
        [*lines, *columns],
        **svg.sized(svg.WIDTH, PROFILE_HEIGHT + LABELS_HEIGHT),
    )


def _level(value: int, floor: int, ceiling: int) -> str:
    y = floor - (floor - HEADROOM) * value / ceiling
    text = numbers.tick(value, numbers.COUNTS)
    line = svg.line(AXIS_WIDTH, svg.WIDTH, y, y)
    return svg.element("g", [line, svg.label(text, AXIS_WIDTH - 8, y + 4, "end")])


def _column(block: Block, colour: str, x: float, pitch: float, ceiling: int) -> str:
    height = (PROFILE_HEIGHT - HEADROOM) * block.parameters / ceiling
    bar = svg.element(
        "rect",
        [svg.element("title", f"{block.name}: {block.parameters:,} parameters")],
        x=svg.length(x - 0.36 * pitch),
        y=svg.length(PROFILE_HEIGHT - height),
        width=svg.length(0.72 * pitch),
        height=svg.length(max(height, 1)),
        fill=colour,
    )
    turned = f"translate({svg.length(x + 4)} {PROFILE_HEIGHT + 6}) rotate(-90)"
    return svg.element(
        "g", [bar, svg.element("text", block.name, transform=turned, text_anchor="end")]
    )


def _axis(highest: int) -> tuple[int, int]:
    """End and step of a linear axis with at most six steps of 1, 2 or 5 times a power of ten."""
    power = 10 ** max(0, math.floor(math.log10(max(highest, 1))) - 1)
    step = next(power * digit for digit in (1, 2, 5, 10, 20, 50) if highest <= 5 * power * digit)
    return step * math.ceil(highest / step), step


def _in_words(runs: Sequence[Run]) -> str:
    total = sum(run.parameters for run in runs)
    return ", ".join(
        f"{run.group} {numbers.count(run.parameters)} ({numbers.share(run.parameters, total)})"
        for run in runs
    )
