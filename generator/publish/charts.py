"""Figures -> SVG with text as text: bars of parameters, the profile of a network, cost over size.

Ink is `currentColor` and there is no background, so one drawing serves both colour schemes. Bars
take per cent of the place where they stand, and their text keeps its size at any width.
"""

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from generator.palette import block_colour
from generator.publish import numbers
from generator.publish.escaping import inert
from generator.publish.quantities import Run
from generator.records import Block, Record

TEXT = 12
WIDTH = 1160
# Shown narrower than this, the text would fall below 11 px; the place of the drawing scrolls.
NARROWEST = 11 / TEXT
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


class Point(Record, frozen=True, kw_only=True):
    """One point of a scatter plot, in the units of its axes."""

    label: str
    x: float
    y: float


def element(tag: str, content: str | Iterable[str] = "", **attributes: object) -> Markup:
    """An SVG element; names of attributes are written with `_` for `-` and for a keyword."""
    inner = inert(content) if isinstance(content, str) else Markup("").join(content)
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{inert(value)}"'
        for name, value in attributes.items()
    )
    return Markup(f"<{tag}{written}>{inner}</{tag}>")


def drawing(
    name: str,
    title: str,
    description: str,
    parts: Iterable[str],
    role: object = "img",
    **size: object,
) -> Markup:
    """A whole `<svg>` with its text alternative; `name` is unique on the page.

    The role `img` hides what is inside from those who listen; a drawing with links is a `group`.
    """
    return element(
        "svg",
        [
            element("title", title, id=f"{name}-title"),
            element("desc", description, id=f"{name}-desc"),
            *parts,
        ],
        class_="atlas-chart",
        role=role,
        aria_labelledby=f"{name}-title {name}-desc",
        font_size=TEXT,
        fill="currentColor",
        **size,
    )


def parameter_bars(name: str, bars: Sequence[Bar]) -> Markup:
    """One bar per network on one scale, the largest full width, split by groups of blocks."""
    row, height = 50, 22
    scale = max((bar.parameters for bar in bars), default=1)
    parts: list[str] = []
    for number, bar in enumerate(bars):
        top = number * row
        label = element("text", bar.label, x=0, y=top + 14, font_weight=600)
        parts.append(element("a", [label], href=bar.link))
        parts.append(element("text", bar.value, x="100%", y=top + 14, text_anchor="end"))
        parts.extend(_segments(bar.runs, scale, top + 20, height))
    text = "; ".join(f"{bar.label}: {bar.value}, {_in_words(bar.runs)}" for bar in bars)
    return drawing(
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
    return drawing(name, title, _in_words(runs), parts, width="100%", height=26)


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
            element(
                "rect",
                [element("title", title)],
                x=_percent(start),
                y=top,
                width=_percent(max(width, 0.15)),
                height=height,
                fill=colour,
                fill_opacity=0.3,
                stroke=colour,
                stroke_width=1.5,
            )
        )
        # A character of this size is 2.4 % of the narrowest drawing.
        if width > 2.4 * len(run.group) + 3:
            middle = _percent(start + width / 2)
            parts.append(
                element("text", run.group, x=middle, y=top + height / 2 + 4, text_anchor="middle")
            )
        start += width
    return parts


def profile(name: str, label: str, runs: Sequence[Run]) -> Markup:
    """The blocks in order, each a bar as high as its parameters."""
    blocks = [(block, block_colour(run.group)) for run in runs for block in run.blocks]
    ceiling, step = _axis(max((block.parameters for block, _ in blocks), default=1))
    pitch = (WIDTH - AXIS_WIDTH) / max(len(blocks), 1)
    lines = [_level(value, PROFILE_HEIGHT, ceiling) for value in range(0, ceiling + 1, step)]
    columns = [
        _column(block, colour, AXIS_WIDTH + (number + 0.5) * pitch, pitch, ceiling)
        for number, (block, colour) in enumerate(blocks)
    ]
    return drawing(
        name,
        f"Parameters of each block of {label}",
        _in_words(runs),
        [*lines, *columns],
        **_sized(WIDTH, PROFILE_HEIGHT + LABELS_HEIGHT),
    )


def _level(value: int, floor: int, ceiling: int) -> str:
    y = floor - (floor - HEADROOM) * value / ceiling
    text = numbers.tick(value, numbers.COUNTS)
    line = _line(AXIS_WIDTH, WIDTH, y, y)
    return element("g", [line, _label(text, AXIS_WIDTH - 8, y + 4, "end")])


def _column(block: Block, colour: str, x: float, pitch: float, ceiling: int) -> str:
    height = (PROFILE_HEIGHT - HEADROOM) * block.parameters / ceiling
    bar = element(
        "rect",
        [element("title", f"{block.name}: {block.parameters:,} parameters")],
        x=_length(x - 0.36 * pitch),
        y=_length(PROFILE_HEIGHT - height),
        width=_length(0.72 * pitch),
        height=_length(max(height, 1)),
        fill=colour,
    )
    turned = f"translate({_length(x + 4)} {PROFILE_HEIGHT + 6}) rotate(-90)"
    return element("g", [bar, element("text", block.name, transform=turned, text_anchor="end")])


def scatter(name: str, title: str, axes: tuple[str, str], points: Sequence[Point]) -> Markup:
    """Points on two logarithmic axes, each labelled where there is room."""
    width, height, left, bottom, top = WIDTH, 400, 64, 48, 12
    horizontal = _decades([point.x for point in points])
    vertical = _decades([point.y for point in points])

    def place(point: Point) -> tuple[float, float]:
        x = left + (width - left - 20) * horizontal.fraction(point.x)
        y = height - bottom - (height - bottom - top) * vertical.fraction(point.y)
        return x, y

    parts: list[str] = []
    for value in horizontal.ticks:
        x, _ = place(Point(label="", x=value, y=vertical.low))
        parts.append(_line(x, x, top, height - bottom))
        label = numbers.tick(value, numbers.COUNTS)
        parts.append(_label(label, x, height - bottom + 18, "middle"))
    for value in vertical.ticks:
        _, y = place(Point(label="", x=horizontal.low, y=value))
        parts.append(_line(left, width - 20, y, y))
        parts.append(_label(numbers.tick(value, numbers.SI), left - 8, y + 4, "end"))
    parts.append(_label(axes[0], (left + width) / 2, height - 6, "middle"))
    middle = (height - bottom) / 2
    parts.append(
        element(
            "text", axes[1], transform=f"translate(14 {middle}) rotate(-90)", text_anchor="middle"
        )
    )
    taken: list[tuple[float, float, float, float]] = []
    places = [place(point) for point in points]
    taken.extend((x - 7, y - 7, x + 7, y + 7) for x, y in places)
    for point, (x, y) in zip(points, places, strict=True):
        parts.append(
            element("circle", cx=_length(x), cy=_length(y), r=5, class_="atlas-chart__dot")
        )
        parts.append(_free_label(point.label, x, y, width, taken))
    text = "; ".join(
        f"{p.label}: {numbers.quantity(p.x, '')}, {numbers.quantity(p.y, '')}" for p in points
    )
    return drawing(
        name,
        title,
        f"{axes[0]} and {axes[1]}. {text}",
        parts,
        **_sized(width, height),
    )


class _Scale(Record, frozen=True, kw_only=True):
    """A logarithmic axis from `low` to `high`."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def fraction(self, value: float) -> float:
        """Place of a value on the axis, 0 to 1."""
        return math.log(value / self.low) / math.log(self.high / self.low)


def _decades(values: Sequence[float]) -> _Scale:
    """The axis of 1-2-5 steps around positive values."""
    lowest, highest = min(values), max(values)
    first = math.floor(math.log10(lowest))
    last = math.ceil(math.log10(highest)) + 1
    steps = [digit * 10.0**power for power in range(first, last) for digit in (1, 2, 5)]
    low = max((step for step in steps if step < lowest), default=lowest / 2)
    high = min((step for step in steps if step > highest), default=highest * 2)
    return _Scale(low=low, high=high, ticks=tuple(s for s in steps if low <= s <= high))


def _free_label(
    text: str, x: float, y: float, width: float, taken: list[tuple[float, float, float, float]]
) -> str:
    """A label beside its point, on the first side where it covers nothing; marks its place."""
    length = 0.56 * TEXT * len(text)
    sides = (
        (x + 10, y + 4, "start", x + 10),
        (x - 10, y + 4, "end", x - 10 - length),
        (x, y - 12, "middle", x - length / 2),
        (x, y + 22, "middle", x - length / 2),
    )
    best = sides[0]
    for side in sides:
        box = (side[3], side[1] - TEXT, side[3] + length, side[1] + 4)
        inside = box[0] > 0 and box[2] < width
        others = (b for b in taken if not (b[0] < x < b[2] and b[1] < y < b[3]))
        if inside and not any(_overlap(box, other) for other in others):
            best = side
            break
    taken.append((best[3], best[1] - TEXT, best[3] + length, best[1] + 4))
    return _label(text, best[0], best[1], best[2], class_="atlas-chart__name")


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _line(x1: float, x2: float, y1: float, y2: float) -> str:
    ends = {"x1": x1, "x2": x2, "y1": y1, "y2": y2}
    lengths = {name: _length(value) for name, value in ends.items()}
    return element("line", class_="atlas-chart__grid", **lengths)


def _label(text: str, x: float, y: float, anchor: str, **more: object) -> str:
    return element("text", text, x=_length(x), y=_length(y), text_anchor=anchor, **more)


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


def _sized(width: int, height: int) -> dict[str, object]:
    """Attributes of a drawing that grows and shrinks with its place, down to readable text."""
    narrowest = math.ceil(NARROWEST * width)
    return {"viewBox": f"0 0 {width} {height}", "style": f"min-width:{narrowest}px"}


def _percent(value: float) -> str:
    return f"{value:.3f}%"


def _length(value: float) -> str:
    return f"{value:.1f}"
