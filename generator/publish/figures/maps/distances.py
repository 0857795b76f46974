"""Distances of prompts -> heat maps: of categories with numbers, of all pairs as an image."""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate

import numpy as np

from generator.publish.figures import svg
from generator.publish.figures.figure import FAINT, MIDDLE, NARROW, Figure, Specification, figure
from generator.publish.figures.parts import PLAIN_AXIS, axis, data, frame, named, placed
from generator.publish.figures.png import palette_png
from generator.records.arrays import Floats
from generator.text import numbers

# Tints are levels of opacity, so that one image suits both colour schemes.
COLOUR = "#0072b2"
LEVELS = 256
# A larger table cannot be read, and is slow to load.
MOST_CATEGORIES = 30
LONGEST_NAME, NARROW_NAME = 20, 10
TABLE_LEFT, TABLE_TOP, TABLE_ROW, WIDEST = 150, 96, 34, 90
LEFT, NARROW_LEFT, TOP, SIDE, MARGIN = 150, 84, 12, 720, 8


def category_distances(distances: Floats, labels: Sequence[str]) -> tuple[list[str], Floats]:
    """Mean distance between prompts of two categories, by pair; within a category, of different
    prompts.

    NaN within a category of one prompt.
    """
    names = list(dict.fromkeys(labels))
    member = np.array([[label == name for label in labels] for name in names], dtype=np.float64)
    sums = member @ distances @ member.T
    sizes = member.sum(1)
    pairs = np.outer(sizes, sizes) - np.diag(sizes)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Floats = np.where(pairs > 0, sums / pairs, np.nan)
    return names, means


def category_means(name: str, title: str, labels: Sequence[str], values: Floats) -> Figure:
    """A table of numbers in tinted cells: stronger tints are larger values. NaN is an en dash."""
    known = values[~np.isnan(values)]
    ends = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    description = f"From {ends[0]:.3f} to {ends[1]:.3f}. Rows and columns: {', '.join(labels)}."
    wide = _table(labels, values, ends)
    return Figure(name=name, title=title, description=description, wide=wide)


def _table(labels: Sequence[str], values: Floats, ends: tuple[float, float]) -> Specification:
    low, high = ends
    cell = min(WIDEST, (svg.WIDTH - TABLE_LEFT) // len(labels))
    width, height = TABLE_LEFT + cell * len(labels), TABLE_TOP + TABLE_ROW * len(labels)
    rows = [
        {
            "row": row,
            "column": column,
            "shown": numbers.MISSING if math.isnan(value) else f"{value:.3f}",
            "tint": 0.06 if math.isnan(value) else 0.06 + 0.5 * (value - low) / (high - low or 1.0),
        }
        for row, line in enumerate(values.tolist())
        for column, value in enumerate(line)
    ]
    names = [numbers.shortened(label, LONGEST_NAME) for label in labels]
    label = f"{json.dumps(names)}[datum.value]"
    sides = {"labelExpr": label, "labelLimit": 0}
    above = {"orient": "top", "labelAngle": -40, "labelAlign": "left", "labelPadding": 8}
    tint = {"field": "tint", "type": "quantitative", "scale": None}
    return frame(width, height, TABLE_LEFT, TABLE_TOP, 0, 0) | {
        "data": data(rows),
        "encoding": {
            "x": named("column", axis=PLAIN_AXIS | sides | above),
            "y": named("row", axis=PLAIN_AXIS | sides),
        },
        "layer": [
            {
                "mark": {"type": "rect", "color": COLOUR, "width": cell - 1},
                "encoding": {"fillOpacity": tint},
            },
            {
                "mark": {"type": "text", "dy": MIDDLE},
                "encoding": {"text": {"field": "shown"}},
            },
        ],
    }


def prompt_distances(
    name: str, title: str, address: str, labels: Sequence[str], extremes: tuple[float, float]
) -> Figure:
    """The image at `address`, a pixel for each pair of prompts, with a label at each category.

    `labels` are the categories of the rows, equal ones together; `extremes` the smallest and the
    largest distance, which have the weakest and the strongest tint.
    """
    sizes = Counter(labels)
    order = ", ".join(sizes) if len(sizes) <= MOST_CATEGORIES else f"{len(sizes)} of them"
    description = (
        f"A square for each pair of {len(labels)} prompts, tinted by distance, "
        f"from {extremes[0]:.3g} to {extremes[1]:.3g}. Rows and columns by category: {order}."
    )
    return figure(name, title, description, partial(_square, address, sizes))


def _square(address: str, sizes: Mapping[str, int], width: int) -> Specification:
    is_narrow = width <= NARROW
    left = NARROW_LEFT if is_narrow else LEFT
    side = min(SIDE, width - left - MARGIN)
    starts = list(accumulate(sizes.values(), initial=0))
    total = starts.pop()
    middles = [start + size / 2 for start, size in zip(starts, sizes.values(), strict=True)]
    kept = list(with_room([middle * side / total for middle in middles], svg.TEXT))
    longest = NARROW_NAME if is_narrow else LONGEST_NAME
    names = [numbers.shortened(label, longest) for label in sizes]
    places = axis(
        [middles[one] for one in kept],
        [names[one] for one in kept],
        grid=False,
        labelLimit=0,
        labelPadding=8,
    )
    rows = placed("row", total, 0) | {"axis": places, "title": None}
    edges = starts[1:] if len(sizes) <= MOST_CATEGORIES else []
    line = {"type": "rule", "strokeOpacity": FAINT}
    return frame(left + side + MARGIN, TOP + side + MARGIN, left, TOP, MARGIN, MARGIN) | {
        "layer": [
            {
                "data": data([{"url": address, "row": total / 2, "column": total / 2}]),
                "mark": {"type": "image", "width": side, "height": side, "aspect": False},
                "encoding": {
                    "x": placed("column", 0, total),
                    "y": rows,
                    "url": {"field": "url", "type": "nominal"},
                },
            },
            {
                "data": data([{"edge": edge} for edge in edges]),
                "layer": [
                    {"mark": line, "encoding": {"x": placed("edge", 0, total)}},
                    {"mark": line, "encoding": {"y": rows | {"field": "edge"}}},
                ],
            },
        ],
    }


def tinted_png(values: Floats, low: float, high: float) -> bytes:
    """A PNG with a pixel for each of `values` (H, W): `low` is transparent, `high` opaque; values
    beyond them are clipped."""
    share = np.clip((values - low) / (high - low or 1.0), 0, 1)
    pixels = np.round(share * (LEVELS - 1)).astype(np.uint8)
    palette = np.array([(*bytes.fromhex(COLOUR[1:]), level) for level in range(LEVELS)], np.uint8)
    return palette_png(pixels, palette)


def with_room(places: Sequence[float], room: float) -> Iterator[int]:
    """Which of the ascending places are far enough from the previous ones."""
    free = -math.inf
    for number, place in enumerate(places):
        if place >= free:
            yield number
            free = place + room
