"""Distances of a component from one member -> a line plot, the nearest first."""

from generator.networks.palette import component_colour
from generator.publish.figures.figure import WIDE, Specification
from generator.publish.figures.groups.distances import axis_end, ticks, value_text
from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.graph import marked_points
from generator.publish.figures.groups.rows import (
    LABEL,
    labels_width,
    member_labels,
    member_rows,
    row_height,
)
from generator.publish.figures.pixels import found_by, grid, marks, paper, text, texts
from generator.publish.figures.text_width import with_room
from generator.records.arrays import Floats
from generator.text.words import METRICS

TOP, BOTTOM = 44, 10
# Room at the right for the numbers, in a column without lines: `0.00000123`.
VALUE_WIDTH = 96
# On a narrow screen, name and number stand above the point, over the whole width.
NARROW_ROW, NARROW_EDGE = 38, 12
# The line joins neighbours in the order, which need not be related, so it is fainter than the
# points.
LINE_STRENGTH = 0.4


def rounded(distance: float) -> float:
    """A distance with the digits that a place in a figure needs."""
    return float(f"{distance:.6g}")


def from_base(drawn: Drawn, distances: Floats) -> list[int]:
    """The other members with a known distance from the base, the nearest first, in group order if
    equal. `distances`, M: those from the base; NaN is unknown."""
    others = [
        member
        for member, distance in enumerate(distances.tolist())
        if member != drawn.base and distance == distance
    ]
    return sorted(others, key=lambda member: (distances[member], member))


def line_plot(drawn: Drawn, metric: str, distances: Floats, width: int) -> Specification:
    """A row per member with its distance from the base, as a point of one profile and as a number.

    Far members are triangles at the end of the axis.
    """
    order = from_base(drawn, distances)
    is_wide = width == WIDE
    height = row_height(len(order)) if is_wide else NARROW_ROW
    left, right = (
        (labels_width(width), width - VALUE_WIDTH)
        if is_wide
        else (NARROW_EDGE, width - NARROW_EDGE)
    )
    # Rounded as the values are: the farthest on the axis would else be beyond it.
    end = rounded(axis_end(distances))
    scale = (right - left) / end
    bottom = TOP + len(order) * height
    rows = [
        row
        | {
            "value": rounded(float(distances[member])),
            "told": value_text(metric, float(distances[member])),
        }
        for row, member in zip(
            member_rows(drawn.labels[member] for member in order), order, strict=True
        )
    ]
    y = f"{TOP + (0.5 if is_wide else 0.75) * height} + datum.row * {height}"
    then = LABEL + found_by(
        x=f"{left} + min(datum.value, {end!r}) * {scale!r}",
        y=y,
        shape=f"datum.value > {end!r} ? 'triangle-right' : 'circle'",
        entry="datum.label + '  ' + datum.number",
    )
    # On a narrow screen, above the points.
    above = 0 if is_wide else -0.4 * height
    entries = texts(
        rows,
        then=then,
        channels={"whole": "whole", "link": "link", "entry": "text"},
        at={"x": 2},
        align="left",
        dy=above,
    )
    tips = {"name": "Checkpoint", "number": "Number", "told": METRICS[metric]}
    colour = component_colour(drawn.name)
    places = [(value, left + value * scale) for value in ticks(end)]
    return paper(
        width,
        bottom + BOTTOM,
        [
            grid((x, TOP - 4, x, bottom) for _, x in places),
            texts([text(left, 10, METRICS[metric])]),
            texts(
                text(x, TOP - 14, words, "center")
                for x, words in with_room(((x, f"{value:g}") for value, x in places), width)
            ),
            marks(
                "line",
                rows,
                only=f"datum.value <= {end!r}",
                then=then,
                channels={"row": "order"},
                color=colour,
                strokeWidth=1.5,
                opacity=LINE_STRENGTH,
            ),
            marks(
                "point",
                rows,
                tips,
                then=then,
                channels={"shape": "shape"},
                color=colour,
                filled=True,
                size=36,
                opacity=1,
                cursor="pointer",
            ),
            texts(
                rows,
                then=then,
                channels={"told": "text"},
                at={"x": width - 4},
                align="right",
                dy=above,
            ),
            *(member_labels(rows, y, width) if is_wide else [entries]),
            marked_points(rows, tips, then, {"shape": "shape"}),
        ],
    )
