"""Points -> a scatter plot on two logarithmic axes, each point labelled where there is room."""

from collections.abc import Sequence

from markupsafe import Markup

from generator.publish import numbers, svg
from generator.publish.scales import decades
from generator.records import Record


class Point(Record, frozen=True, kw_only=True):
    """One point of a scatter plot, in the units of its axes."""

    label: str
    x: float
    y: float


def scatter(name: str, title: str, axes: tuple[str, str], points: Sequence[Point]) -> Markup:
    """Points on two logarithmic axes, each labelled where there is room."""
    width, height, left, bottom, top = svg.WIDTH, 400, 64, 48, 12
    horizontal = decades([point.x for point in points])
    vertical = decades([point.y for point in points])

    def place(point: Point) -> tuple[float, float]:
        x = left + (width - left - 20) * horizontal.fraction(point.x)
        y = height - bottom - (height - bottom - top) * vertical.fraction(point.y)
        return x, y

    parts: list[str] = []
    for value in horizontal.ticks:
        x, _ = place(Point(label="", x=value, y=vertical.low))
        parts.append(svg.line(x, x, top, height - bottom))
        label = numbers.tick(value, numbers.COUNTS)
        parts.append(svg.label(label, x, height - bottom + 18, "middle"))
    for value in vertical.ticks:
        _, y = place(Point(label="", x=horizontal.low, y=value))
        parts.append(svg.line(left, width - 20, y, y))
        parts.append(svg.label(numbers.tick(value, numbers.SI), left - 8, y + 4, "end"))
    parts.append(svg.label(axes[0], (left + width) / 2, height - 6, "middle"))
    middle = (height - bottom) / 2
    parts.append(
        svg.element(
            "text", axes[1], transform=f"translate(14 {middle}) rotate(-90)", text_anchor="middle"
        )
    )
    taken: list[tuple[float, float, float, float]] = []
    places = [place(point) for point in points]
    taken.extend((x - 7, y - 7, x + 7, y + 7) for x, y in places)
    for point, (x, y) in zip(points, places, strict=True):
        parts.append(
            svg.element(
                "circle", cx=svg.length(x), cy=svg.length(y), r=5, class_="atlas-chart__dot"
            )
        )
        parts.append(_free_label(point.label, x, y, width, taken))
    text = "; ".join(
        f"{p.label}: {numbers.quantity(p.x, '')}, {numbers.quantity(p.y, '')}" for p in points
    )
    return svg.drawing(
        name,
        title,
        f"{axes[0]} and {axes[1]}. {text}",
        parts,
        **svg.sized(width, height),
    )


def _free_label(
    text: str, x: float, y: float, width: float, taken: list[tuple[float, float, float, float]]
) -> str:
    """A label beside its point, on the first side where it covers nothing; marks its place."""
    length = 0.56 * svg.TEXT * len(text)
    sides = (
        (x + 10, y + 4, "start", x + 10),
        (x - 10, y + 4, "end", x - 10 - length),
        (x, y - 12, "middle", x - length / 2),
        (x, y + 22, "middle", x - length / 2),
    )
    best = sides[0]
    for side in sides:
        box = (side[3], side[1] - svg.TEXT, side[3] + length, side[1] + 4)
        inside = box[0] > 0 and box[2] < width
        others = (b for b in taken if not (b[0] < x < b[2] and b[1] < y < b[3]))
        if inside and not any(_overlap(box, other) for other in others):
            best = side
            break
    taken.append((best[3], best[1] - svg.TEXT, best[3] + length, best[1] + 4))
    return svg.label(text, best[0], best[1], best[2], class_="atlas-chart__name")


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
