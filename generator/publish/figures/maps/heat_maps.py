"""Distances of prompts -> heat maps: of categories with numbers, of all pairs as an image."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from generator.publish.figures import svg
from generator.records.arrays import Floats
from generator.text import numbers

# A table with more rows and columns cannot be read, and is slow to load.
MOST_CATEGORIES = 30


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
    sizes = Counter(labels)
    start, free = 0, 0.0
    for label, size in sizes.items():
        y = top + start * scale
        middle = y + size * scale / 2 + 4
        # Of many categories, those have a label for which there is room.
        if middle >= free:
            parts.append(svg.label(numbers.shortened(label, 20), left - 8, middle, "end"))
            free = middle + svg.TEXT
        if start and len(sizes) <= MOST_CATEGORIES:
            x = left + start * scale
            parts.append(svg.line(left, left + side, y, y))
            parts.append(svg.line(x, x, top, top + side))
        start += size
    low, high = extremes
    named = len(sizes) <= MOST_CATEGORIES
    order = ", ".join(sizes) if named else f"{len(sizes)} of them"
    description = (
        f"A square for each pair of {len(labels)} prompts, tinted by distance, "
        f"from {low:.3g} to {high:.3g}. Rows and columns by category: {order}."
    )
    return svg.drawing(
        name, title, description, parts, **svg.sized(left + side + 8, top + side + 8)
    )
