"""Networks -> charts of their parameters: bars by group of blocks, and the profile of one network.

Bars take per cent of the place where they stand, and their text keeps its size at any width.
"""

import math
from collections.abc import Sequence

from markupsafe import Markup

from generator.networks.palette import block_colour
from generator.publish.figures import svg
from generator.publish.figures.block_rows import BlockBar, block_rows
from generator.publish.figures.block_runs import Run
from generator.publish.figures.scales import round_steps
from generator.records import CheckpointBlock, Record
from generator.text import numbers

PROFILE_HEIGHT = 190
HEADROOM = 16
LABELS_HEIGHT = 78
AXIS_WIDTH = 62
# Two blocks are no wider than two of many.
WIDEST_BAR = 64
MOST_STEPS = 5


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
    bars = [
        BlockBar(
            block=block.name,
            value=block.parameters,
            text=f"{block.name}: {block.parameters:,} parameters",
        )
        for run in runs
        for block in run.blocks
    ]
    title = f"Parameters of each block of {label}"
    return block_bars(name, title, _in_words(runs), bars, numbers.COUNTS)


def norms(name: str, label: str, blocks: Sequence[CheckpointBlock]) -> Markup:
    """The blocks in order, each a bar as high as the norm of its weights."""
    bars = [
        BlockBar(block=block.name, value=block.norm, text=f"{block.name}: {_norm_of(block)}")
        for block in blocks
    ]
    title = f"Norm of the weights of each block of {label}"
    return block_bars(name, title, "; ".join(bar.text for bar in bars), bars, ((1, ""),))


def block_bars(
    name: str,
    title: str,
    description: str,
    bars: Sequence[BlockBar],
    prefixes: Sequence[tuple[float, str]],
) -> Markup:
    """Bars of blocks on one linear axis, whose ticks are written with the `prefixes`; on a narrow
    screen they lie below one another."""
    ceiling, step = round_steps(max((bar.value or 0 for bar in bars), default=1), MOST_STEPS)
    pitch = min((svg.WIDTH - AXIS_WIDTH) / max(len(bars), 1), WIDEST_BAR)
    right = AXIS_WIDTH + pitch * len(bars)
    lines = []
    for number in range(round(ceiling / step) + 1):
        y = PROFILE_HEIGHT - (PROFILE_HEIGHT - HEADROOM) * number * step / ceiling
        text = numbers.tick(number * step, prefixes)
        lines.append(svg.line(AXIS_WIDTH, right, y, y))
        lines.append(svg.label(text, AXIS_WIDTH - 8, y + 4, "end"))
    columns = [
        _column(bar, AXIS_WIDTH + (number + 0.5) * pitch, pitch, ceiling)
        for number, bar in enumerate(bars)
    ]
    size = svg.sized(svg.WIDTH, PROFILE_HEIGHT + LABELS_HEIGHT)
    return svg.both(
        svg.drawing(name, title, description, [*lines, *columns], screen="wide", **size),
        block_rows(f"{name}-narrow", title, description, bars, prefixes),
    )


def _column(bar: BlockBar, x: float, pitch: float, ceiling: float) -> str:
    height = (PROFILE_HEIGHT - HEADROOM) * (bar.value or 0) / ceiling
    drawn: str = svg.element(
        "rect",
        [svg.element("title", bar.text)],
        x=svg.length(x - 0.36 * pitch),
        y=svg.length(PROFILE_HEIGHT - height),
        width=svg.length(0.72 * pitch),
        height=svg.length(max(height, 1)),
        fill=block_colour(bar.block),
    )
    if bar.value is None:
        drawn = svg.label(numbers.MISSING, x, PROFILE_HEIGHT - 6, "middle")
    turned = f"translate({svg.length(x + 4)} {PROFILE_HEIGHT + 6}) rotate(-90)"
    return svg.element(
        "g", [drawn, svg.element("text", bar.block, transform=turned, text_anchor="end")]
    )


def _norm_of(block: CheckpointBlock) -> str:
    if block.norm is None:
        return "no norm: it was not measured, or has NaN or infinite values"
    each = block.norm / math.sqrt(block.parameters) if block.parameters else None
    return f"norm {numbers.small(block.norm)}, {numbers.small(each)} a weight (RMS)"


def _in_words(runs: Sequence[Run]) -> str:
    total = sum(run.parameters for run in runs)
    return ", ".join(
        f"{run.group} {numbers.count(run.parameters)} ({numbers.share(run.parameters, total)})"
        for run in runs
    )
