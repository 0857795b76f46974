"""Distances of a component from one member -> a line plot, the nearest first."""

from typing import Any

from generator.networks.palette import component_colour
from generator.publish.figures.figure import WIDE, Specification
from generator.publish.figures.groups.graph import marked_points
from generator.publish.figures.groups.rows import labels_width, name, row_height, row_labels
from generator.publish.figures.groups.scales import axis_end, ticks, value_text
from generator.publish.figures.pixels import grid, marks, paper, text, texts
from generator.publish.figures.text_width import text_width
from generator.publish.pages.groups.components import Drawn
from generator.records.arrays import Floats
from generator.text.words import METRICS

TOP, BOTTOM = 44, 10
# Room at the right for the numbers, in a column that no line crosses: `0.00000123`.
VALUE_WIDTH = 96
# On a narrow screen, name and number stand above the point, over the whole width.
NARROW_ROW, NARROW_EDGE = 38, 12
# The line joins neighbours in the order, which are no relatives: it stands back behind the points.
LINE_STRENGTH = 0.4


def from_base(drawn: Drawn, distances: Floats) -> list[int]:
    """The other members whose distance from the base is known, the nearest first, in the order of
    the group where equal. `distances`, M: those from the base; NaN is not known."""
    others = [
        member
        for member, distance in enumerate(distances.tolist())
        if member != drawn.base and distance == distance
    ]
    return sorted(others, key=lambda member: (distances[member], member))


def line_plot(drawn: Drawn, metric: str, distances: Floats, width: int) -> Specification:
    """A row per member with its distance from the base, as a point of one profile and in figures.

    Those that are far are triangles at the end of the axis.
    """
    order = from_base(drawn, distances)
    is_wide = width == WIDE
    height = row_height(len(order)) if is_wide else NARROW_ROW
    left, right = (
        (labels_width(width), width - VALUE_WIDTH)
        if is_wide
        else (NARROW_EDGE, width - NARROW_EDGE)
    )
    end = axis_end(distances)
    scale = (right - left) / end
    bottom = TOP + len(order) * height
    points, words = [], list[dict[str, Any]]()
    for row, member in enumerate(order):
        label, value = drawn.labels[member], float(distances[member])
        top = TOP + row * height
        told = value_text(metric, value)
        points.append(
            {
                "x": left + min(value, end) * scale,
                "y": top + (0.5 if is_wide else 0.75) * height,
                "colour": component_colour(drawn.name),
                "shape": "circle" if value <= end else "triangle-right",
                "number": label.number,
                "name": label.text,
                "told": told,
            }
        )
        at = top + (0.5 if is_wide else 0.35) * height
        if is_wide:
            words += row_labels(label, at, width)
        else:
            words.append(name(label, 2, at, width - 110, "left", f"  {label.number}"))
        words.append(text(width - 4, at, told, "right"))
    tips = {"name": "Checkpoint", "number": "Number", "told": METRICS[metric]}
    near = [row for row in points if row["shape"] == "circle"]
    profile = [{"x": row["x"], "y": row["y"], "row": place} for place, row in enumerate(near)]
    places = [(value, left + value * scale) for value in ticks(end)]
    return paper(
        width,
        bottom + BOTTOM,
        [
            grid((x, TOP - 4, x, bottom) for _, x in places),
            texts([text(left, 10, METRICS[metric])]),
            texts(_axis([(x, f"{value:g}") for value, x in places], width)),
            marks(
                "line",
                profile,
                color=component_colour(drawn.name),
                strokeWidth=1.5,
                opacity=LINE_STRENGTH,
            ),
            marks("point", points, tips, filled=True, size=36, opacity=1, cursor="pointer"),
            texts(words),
            marked_points(points, tips),
        ],
    )


def _axis(places: list[tuple[float, str]], width: int) -> list[dict[str, object]]:
    """Numbers over the lines of the grid, as many as have room, none beyond the edge."""
    rows: list[dict[str, object]] = []
    free = 0.0
    for x, words in places:
        half = text_width(words) / 2
        at = min(max(x, half), width - half)
        if at - half >= free:
            rows.append(text(at, TOP - 14, words, "center"))
            free = at + half + 6
    return rows
