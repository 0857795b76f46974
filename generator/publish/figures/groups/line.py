"""Distances of a component from one member -> a line plot, the nearest first."""

from collections.abc import Iterator, Sequence

from generator.networks.palette import component_colour
from generator.publish.figures.figure import WIDE, Specification
from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.graph import marked_points
from generator.publish.figures.groups.rows import (
    LABEL,
    LABELS_WIDTH,
    NAME_WIDTH,
    labels_width,
    member_rows,
    row_height,
)
from generator.publish.figures.groups.scales import axis_end, ticks, value_text
from generator.publish.figures.pixels import Row, found_by, grid, marks, paper, text, texts
from generator.publish.figures.text_width import text_width
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
    end = axis_end(distances)
    scale = (right - left) / end
    bottom = TOP + len(order) * height
    rows = [
        row
        | {
            "value": float(f"{float(distances[member]):.6g}"),
            "told": value_text(metric, float(distances[member])),
        }
        for row, member in zip(
            member_rows(drawn.labels[member] for member in order), order, strict=True
        )
    ]
    middle = TOP + (0.5 if is_wide else 0.75) * height
    then = LABEL + found_by(
        x=f"{left} + min(datum.value, {end!r}) * {scale!r}",
        y=f"{middle} + datum.row * {height}",
        shape=f"datum.value > {end!r} ? 'triangle-right' : 'circle'",
        entry="datum.label + '  ' + datum.number",
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
            texts(_axis([(x, f"{value:g}") for value, x in places], width)),
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
            *_words(rows, width, then, -0.4 * height),
            marked_points(rows, tips, then, {"shape": "shape"}),
        ],
    )


def _words(
    rows: Sequence[Row], width: int, then: Sequence[Specification], above: float
) -> Iterator[list[Specification]]:
    """Names, numbers and distances of the rows; on a narrow screen above their points."""
    name = {"whole": "whole", "link": "link"}
    columns = [({"told": "text"}, width - 4, "right")]
    if width == WIDE:
        columns.append((name | {"label": "text"}, NAME_WIDTH - 4, "right"))
        columns.append(({"number": "text"}, LABELS_WIDTH - 8, "right"))
    else:
        columns.append((name | {"entry": "text"}, 2, "left"))
    dy = 0 if width == WIDE else above
    for channels, x, align in columns:
        yield texts(rows, then=then, channels=channels, at={"x": x}, align=align, dy=dy)


def _axis(places: list[tuple[float, str]], width: int) -> list[dict[str, object]]:
    """Numbers over the grid lines, as many as fit, none beyond the edge."""
    rows: list[dict[str, object]] = []
    free = 0.0
    for x, words in places:
        half = text_width(words) / 2
        at = min(max(x, half), width - half)
        if at - half >= free:
            rows.append(text(at, TOP - 14, words, "center"))
            free = at + half + 6
    return rows
