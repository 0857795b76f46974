"""Values of blocks -> bars below one another, each with its name: the chart of a narrow screen."""

from collections.abc import Sequence

from markupsafe import Markup

from generator.networks.palette import block_colour
from generator.publish.figures import svg
from generator.publish.figures.scales import round_steps
from generator.records import Record
from generator.text import numbers

ROW, BAR = 18, 12
TOP, BOTTOM = 24, 6
NAMES_WIDTH = 70
# Room for half of the last label.
RIGHT = 24
MOST_STEPS = 4


class BlockBar(Record, frozen=True, kw_only=True):
    """The bar of one block; `value` is None where it is missing, `text` says it in words."""

    block: str
    value: float | None
    text: str


def block_rows(
    name: str,
    title: str,
    description: str,
    bars: Sequence[BlockBar],
    prefixes: Sequence[tuple[float, str]],
) -> Markup:
    """Bars of blocks on one linear axis, whose ticks are written with the `prefixes`."""
    end, step = round_steps(max((bar.value or 0 for bar in bars), default=1), MOST_STEPS)
    scale = (svg.NARROW_WIDTH - NAMES_WIDTH - RIGHT) / end
    height = TOP + ROW * len(bars) + BOTTOM
    parts = []
    for number in range(round(end / step) + 1):
        x = NAMES_WIDTH + number * step * scale
        parts.append(svg.line(x, x, TOP - 4, height - BOTTOM))
        parts.append(svg.label(numbers.tick(number * step, prefixes), x, TOP - 10, "middle"))
    for row, bar in enumerate(bars):
        parts.append(_row(bar, TOP + row * ROW, scale))
    size = svg.sized(svg.NARROW_WIDTH, height)
    return svg.drawing(name, title, description, parts, screen="narrow", **size)


def _row(bar: BlockBar, top: float, scale: float) -> Markup:
    middle = top + ROW / 2
    name = svg.label(bar.block, NAMES_WIDTH - 6, middle + 4, "end")
    if bar.value is None:
        missing = svg.label(numbers.MISSING, NAMES_WIDTH + 4, middle + 4, "start")
        return svg.element("g", [svg.element("title", bar.text), name, missing])
    drawn = svg.element(
        "rect",
        [svg.element("title", bar.text)],
        x=NAMES_WIDTH,
        y=svg.length(middle - BAR / 2),
        width=svg.length(max(bar.value * scale, 1)),
        height=BAR,
        fill=block_colour(bar.block),
    )
    return svg.element("g", [name, drawn])
