"""Points of prompts and distances of categories -> the figures of a map's page."""

import math
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from generator.arrays import Floats
from generator.palette import CATEGORY_COLOURS
from generator.publish import numbers, svg
from generator.publish.maps.reading import Mapped, encoder_name
from generator.records import Record

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


def movement_map(mapped: Mapped, kind: str, reference: int, moved: int | None) -> Markup:
    """Prompts on the reference's axes, with an arrow to where another encoder has them."""
    record = mapped.record
    points = mapped.points[reference, kind].own
    ends = mapped.points[moved, kind].shared if moved is not None else points
    width, height, margin = svg.WIDTH, 620, 40
    place = _Place(np.concatenate([points, ends]), width, height, margin)
    drawn = range(0, len(points), math.ceil(len(points) / MOST_DRAWN))
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
    named = mapped.space(moved, kind).most_moved[:NAMED] if moved is not None else ()
    for row in named:
        x, y = place(points[row])
        text = numbers.shortened(shown(record.prompts[row].text), LONGEST_NAME)
        anchor = "start" if x < width / 2 else "end"
        shift = 8 if anchor == "start" else -8
        parts.append(svg.label(text, x + shift, y + 4, anchor, class_="atlas-map__name"))
    other = encoder_name(record.encoders[moved]) if moved is not None else ""
    title = (
        f"{len(points)} prompts on the two main axes of {encoder_name(record.encoders[reference])}"
    )
    description = f"One point per prompt, of {len(record.categories)} categories." + (
        f" Arrows lead to the same prompts in {other}." if other else ""
    )
    return svg.drawing(f"map-{kind}", title, description, parts, **svg.sized(width, height))


def category_distances(distances: Floats, labels: Sequence[str]) -> tuple[list[str], Floats]:
    """Mean distance between prompts of two categories, by pair; within one, of different ones.

    NaN for the inside of a category of one prompt.
    """
    names = list(dict.fromkeys(labels))
    member = np.array([[label == name for label in labels] for name in names], dtype=np.float64)
    sums = member @ distances @ member.T
    sizes = member.sum(1)
    pairs = np.outer(sizes, sizes) - np.diag(sizes)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Floats = np.where(pairs > 0, sums / pairs, np.nan)
    return names, means


def heat_map(name: str, title: str, labels: Sequence[str], values: Floats) -> Markup:
    """A table of numbers in tinted cells: the stronger, the larger. NaN is an en dash."""
    row, left, top = 34, 150, 96
    cell = min(90, (svg.WIDTH - left) // len(labels))
    width, height = left + cell * len(labels), top + row * len(labels)
    known = values[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    parts: list[str] = []
    for column, label in enumerate(labels):
        x = left + (column + 0.5) * cell
        turned = f"translate({svg.length(x + 4)} {top - 8}) rotate(-40)"
        parts.append(svg.element("text", numbers.shortened(label, 18), transform=turned))
    for line, label in enumerate(labels):
        y = top + line * row
        parts.append(svg.label(numbers.shortened(label, 20), left - 8, y + row / 2 + 4, "end"))
        for column, value in enumerate(values[line]):
            share = 0.0 if math.isnan(value) or high <= low else (value - low) / (high - low)
            parts.append(
                svg.element(
                    "rect",
                    x=left + column * cell,
                    y=y,
                    width=cell - 1,
                    height=row - 1,
                    class_="atlas-map__cell",
                    fill_opacity=f"{0.06 + 0.5 * share:.3f}",
                )
            )
            text = numbers.MISSING if math.isnan(value) else f"{value:.3f}"
            parts.append(svg.label(text, left + (column + 0.5) * cell, y + row / 2 + 4, "middle"))
    description = f"From {low:.3f} to {high:.3f}. Rows and columns: {', '.join(labels)}."
    return svg.drawing(name, title, description, parts, **svg.sized(width, height))


def prompt_heat_map(
    name: str, title: str, address: str, labels: Sequence[str], extremes: tuple[float, float]
) -> Markup:
    """The image at `address`, a pixel for each pair of prompts, with a label at each category.

    `labels` are the categories of the rows, equal ones together; `extremes` the least and the
    largest distance, which have the weakest and the strongest tint.
    """
    left, top, side = 150, 12, 720
    scale = side / len(labels)
    parts: list[str] = [
        svg.element(
            "image",
            href=address,
            x=left,
            y=top,
            width=side,
            height=side,
            class_="atlas-map__pixels",
        )
    ]
    start = 0
    for label in dict.fromkeys(labels):
        size = labels.count(label)
        y = top + start * scale
        middle = y + size * scale / 2 + 4
        parts.append(svg.label(numbers.shortened(label, 20), left - 8, middle, "end"))
        if start:
            x = left + start * scale
            parts.append(svg.line(left, left + side, y, y))
            parts.append(svg.line(x, x, top, top + side))
        start += size
    low, high = extremes
    description = (
        f"A square for each pair of {len(labels)} prompts, tinted by distance, "
        f"from {low:.3g} to {high:.3g}. Rows and columns by category: "
        f"{', '.join(dict.fromkeys(labels))}."
    )
    return svg.drawing(
        name, title, description, parts, **svg.sized(left + side + 8, top + side + 8)
    )


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
