"""Points -> a scatter plot on two logarithmic axes, each point labelled where there is room."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from generator.publish.figures import svg
from generator.publish.figures.scales import decades
from generator.records import Record
from generator.text import numbers

LEFT, RIGHT, BOTTOM, TOP = 64, 20, 48, 12
# A character of the names, which are bold.
SIGN = 0.62 * svg.TEXT


class Point(Record, frozen=True, kw_only=True):
    """One point of a scatter plot, in the units of its axes."""

    label: str
    x: float
    y: float


class Frame(NamedTuple):
    """The size of the drawing in pixels, and how many ticks its horizontal axis has room for."""

    screen: svg.Screen
    width: int
    height: int
    most_ticks: int


WIDE = Frame("wide", svg.WIDTH, 400, 10)
NARROW = Frame("narrow", svg.NARROW_WIDTH, 380, 4)


def scatter(name: str, title: str, axes: tuple[str, str], points: Sequence[Point]) -> Markup:
    """Points on two logarithmic axes, each labelled where there is room."""
    return svg.both(
        _drawing(name, title, axes, points, WIDE),
        _drawing(f"{name}-narrow", title, axes, points, NARROW),
    )


def _drawing(
    name: str, title: str, axes: tuple[str, str], points: Sequence[Point], frame: Frame
) -> Markup:
    horizontal = decades([point.x for point in points])
    vertical = decades([point.y for point in points])
    floor = frame.height - BOTTOM

    def place(point: Point) -> tuple[float, float]:
        x = LEFT + (frame.width - LEFT - RIGHT) * horizontal.fraction(point.x)
        y = floor - (floor - TOP) * vertical.fraction(point.y)
        return x, y

    parts: list[str] = []
    for value in horizontal.some(frame.most_ticks):
        x, _ = place(Point(label="", x=value, y=vertical.low))
        parts.append(svg.line(x, x, TOP, floor))
        parts.append(svg.label(numbers.tick(value, numbers.COUNTS), x, floor + 18, "middle"))
    for value in vertical.ticks:
        _, y = place(Point(label="", x=horizontal.low, y=value))
        parts.append(svg.line(LEFT, frame.width - RIGHT, y, y))
        parts.append(svg.label(numbers.tick(value, numbers.SI), LEFT - 8, y + 4, "end"))
    parts.append(svg.label(axes[0], (LEFT + frame.width) / 2, frame.height - 6, "middle"))
    turned = f"translate(14 {floor / 2}) rotate(-90)"
    parts.append(svg.element("text", axes[1], transform=turned, text_anchor="middle"))
    parts.extend(_points([(point.label, *place(point)) for point in points], frame))
    text = "; ".join(
        f"{p.label}: {numbers.quantity(p.x, '')}, {numbers.quantity(p.y, '')}" for p in points
    )
    description = f"{axes[0]} and {axes[1]}. {text}"
    size = svg.sized(frame.width, frame.height)
    return svg.drawing(name, title, description, parts, screen=frame.screen, **size)


def _points(placed: Sequence[tuple[str, float, float]], frame: Frame) -> Iterator[str]:
    taken = [(x - 7, y - 7, x + 7, y + 7) for _, x, y in placed]
    for label, x, y in placed:
        yield svg.element(
            "circle",
            [svg.element("title", label)],
            cx=svg.length(x),
            cy=svg.length(y),
            r=5,
            class_="atlas-chart__dot",
        )
        yield _free_label(label, x, y, frame.width, taken)


def _free_label(
    text: str, x: float, y: float, width: float, taken: list[tuple[float, float, float, float]]
) -> str:
    """A label beside its point, or above or below it and moved in from the edge: on the first side
    where it covers nothing; marks its place."""
    length = SIGN * len(text)
    within = min(max(x, LEFT + length / 2), width - 2 - length / 2)
    sides = (
        (x + 10, y + 4, "start", x + 10),
        (x - 10, y + 4, "end", x - 10 - length),
        (within, y - 12, "middle", within - length / 2),
        (within, y + 22, "middle", within - length / 2),
        (within, y - 27, "middle", within - length / 2),
        (within, y + 37, "middle", within - length / 2),
    )
    best = sides[0]
    for side in sides:
        box = (side[3], side[1] - svg.TEXT, side[3] + length, side[1] + 4)
        inside = box[0] > LEFT - 4 and box[2] < width
        others = (b for b in taken if not (b[0] < x < b[2] and b[1] < y < b[3]))
        if inside and not any(_overlap(box, other) for other in others):
            best = side
            break
    taken.append((best[3], best[1] - svg.TEXT, best[3] + length, best[1] + 4))
    return svg.label(text, best[0], best[1], best[2], class_="atlas-chart__name")


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
