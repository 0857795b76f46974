"""Points of prompts -> the drawn map, with arrows to where another encoder has them."""

import math
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from generator.networks.palette import CATEGORY_COLOURS
from generator.publish.figures import svg
from generator.publish.reading.maps import Mapped, encoder_name
from generator.records import Record
from generator.records.arrays import Floats
from generator.text import numbers

# Shapes of points around (0, 0), for a radius of 5: they tell categories apart without colours.
SHAPES = (
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0",
    "M-4 -4h8v8h-8z",
    "M0 -5.2l4.8 8.4h-9.6z",
    "M0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
)
# A picture of more points shows no more, and is slow to load.
MOST_DRAWN = 2000
NAMED = 5
LONGEST_NAME = 28


class Mark(Record, frozen=True, kw_only=True):
    """How a category is drawn."""

    name: str
    colour: str
    shape: str


def marks(categories: Sequence[str]) -> tuple[Mark, ...]:
    """A colour and a shape for each category. Seven and four: the first 28 all differ."""
    return tuple(
        Mark(
            name=name,
            colour=CATEGORY_COLOURS[place % len(CATEGORY_COLOURS)],
            shape=SHAPES[place % len(SHAPES)],
        )
        for place, name in enumerate(categories)
    )


def rows_drawn(mapped: Mapped, kind: str, moved: int | None) -> list[int]:
    """The prompts that a drawing shows: all, or as many as it may, evenly, the named among them."""
    n = len(mapped.record.prompts)
    if n <= MOST_DRAWN:
        return list(range(n))
    named = set(_named(mapped, kind, moved))
    others = [row for row in range(n) if row not in named]
    room = MOST_DRAWN - len(named)
    return sorted([*named, *(others[place * len(others) // room] for place in range(room))])


def _named(mapped: Mapped, kind: str, moved: int | None) -> tuple[int, ...]:
    """The prompts with a label: those that moved most."""
    return mapped.space(moved, kind).most_moved[:NAMED] if moved is not None else ()


def movement_map(mapped: Mapped, kind: str, reference: int, moved: int | None) -> Markup:
    """Prompts on the reference's axes, with an arrow to where another encoder has them."""
    record = mapped.record
    points = mapped.points[reference, kind].own
    ends = mapped.points[moved, kind].shared if moved is not None else points
    width, height, margin = svg.WIDTH, 620, 40
    place = _Place(np.concatenate([points, ends]), width, height, margin)
    drawn = rows_drawn(mapped, kind, moved)
    look = {mark.name: mark for mark in marks(record.categories)}
    parts: list[str] = [*_axes(mapped, kind, reference, width, height, margin)]
    if moved is not None:
        for row in drawn:
            (x, y), (to_x, to_y) = place(points[row]), place(ends[row])
            if math.hypot(to_x - x, to_y - y) >= 1:
                parts.append(_arrow(x, y, to_x, to_y, look[record.prompts[row].category].colour))
    for row in drawn:
        x, y = place(points[row])
        mark = look[record.prompts[row].category]
        parts.append(
            svg.element(
                "path",
                d=mark.shape,
                transform=f"translate({svg.length(x)} {svg.length(y)})",
                fill=mark.colour,
                class_="atlas-map__point",
            )
        )
    for row in _named(mapped, kind, moved):
        x, y = place(points[row])
        text = numbers.shortened(shown(record.prompts[row].text), LONGEST_NAME)
        anchor = "start" if x < width / 2 else "end"
        shift = 8 if anchor == "start" else -8
        parts.append(svg.label(text, x + shift, y + 4, anchor, class_="atlas-map__name"))
    other = encoder_name(record.encoders[moved]) if moved is not None else ""
    count = f"{len(points):,} prompts"
    if len(drawn) < len(points):
        count = f"{len(drawn):,} of {len(points):,} prompts shown,"
    title = f"{count} on the two main axes of {encoder_name(record.encoders[reference])}"
    description = (
        f"One point for each prompt shown, of {len(record.categories)} categories."
        + (f" {len(drawn):,} of {len(points):,} shown." if len(drawn) < len(points) else "")
        + (f" Arrows lead to the same prompts in {other}." if other else "")
    )
    name = f"map-{reference}-{kind}"
    return svg.drawing(name, title, description, parts, **svg.sized(width, height))


def _axes(
    mapped: Mapped, kind: str, reference: int, width: int, height: int, margin: int
) -> list[str]:
    first, second = mapped.space(reference, kind).explained
    middle = f"translate(14 {height / 2}) rotate(-90)"
    return [
        svg.line(margin, width - margin, height - margin, height - margin),
        svg.line(margin, margin, margin, height - margin),
        svg.label(
            f"First axis: {100 * first:.1f} % of the variance", width / 2, height - 12, "middle"
        ),
        svg.element(
            "text",
            f"Second axis: {100 * second:.1f} %",
            transform=middle,
            text_anchor="middle",
        ),
    ]


def _arrow(x: float, y: float, to_x: float, to_y: float, colour: str) -> str:
    """A line with a small head at its end."""
    angle = math.atan2(to_y - y, to_x - x)
    size = min(6.0, math.hypot(to_x - x, to_y - y))
    head = " ".join(
        f"L{to_x - size * math.cos(angle + turn):.1f} {to_y - size * math.sin(angle + turn):.1f}"
        f"M{to_x:.1f} {to_y:.1f}"
        for turn in (0.5, -0.5)
    )
    path = f"M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}{head}"
    return svg.element("path", d=path, stroke=colour, class_="atlas-map__arrow")


class _Place:
    """Coordinates -> places in the drawing, with one scale for both axes."""

    def __init__(self, points: Floats, width: int, height: int, margin: int) -> None:
        low, high = points.min(0), points.max(0)
        extent = np.maximum(high - low, 1e-9)
        self._scale = float(
            min((width - 2 * margin) / extent[0], (height - 2 * margin) / extent[1])
        )
        self._scale *= 0.96
        self._centre = (low + high) / 2
        self._middle = (width / 2, height / 2)

    def __call__(self, point: Floats) -> tuple[float, float]:
        x, y = (point - self._centre) * self._scale
        return self._middle[0] + float(x), self._middle[1] - float(y)


def shown(text: str) -> str:
    """A prompt, or what stands for the empty one."""
    return text if text.strip() else "(empty prompt)"
