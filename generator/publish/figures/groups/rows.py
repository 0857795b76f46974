"""Rows of members, as several figures have them: a name, a number, and what stands beside them."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from generator.publish.figures import svg
from generator.publish.figures.groups.canvas import INK, Name
from generator.publish.figures.groups.labels import Label

# Up to this many members there is room for taller rows.
FEW = 40
NUMBER_WIDTH = 34
NAME_WIDTH = 226
ROW_NAME_WIDTH = NAME_WIDTH - 8
LABELS_WIDTH = NAME_WIDTH + NUMBER_WIDTH


def row_height(members: int) -> int:
    """Height of a row in pixels: text of 12 px takes 14."""
    return 22 if members <= FEW else 15


def label_rows(axes: Axes, labels: Sequence[Label], top: float, height: float) -> None:
    """Names and numbers of members, one below the other, at the left end of pixel axes."""
    for row, label in enumerate(labels):
        label_row(axes, label, top + (row + 0.5) * height)


def label_row(axes: Axes, label: Label, y: float) -> None:
    """Name and number of one member at the left end of pixel axes."""
    add_name(axes, NAME_WIDTH - 4, y, label, ROW_NAME_WIDTH)
    write(axes, LABELS_WIDTH - 8, y, str(label.number), ha="right", alpha=0.75)


def add_name(
    axes: Axes, x: float, y: float, label: Label, width: float, more: str = "", ha: str = "right"
) -> None:
    """The name of a member at a point, cut to `width`, and what follows it."""
    axes.add_artist(
        Name(x, y, label, width, more, ha=ha, va="center", fontsize=svg.TEXT, color=INK)
    )


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    ha: str = "left",
    va: str = "center",
    rotation: float = 0,
    alpha: float = 1.0,
) -> None:
    """Text of this program at a point."""
    axes.text(
        x, y, text, ha=ha, va=va, rotation=rotation, fontsize=svg.TEXT, color=INK, alpha=alpha
    )
