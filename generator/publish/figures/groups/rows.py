"""Members -> rows, as several figures have them: a name, a number, and the content beside them."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from generator.publish.figures import svg
from generator.publish.figures.figure import WIDE, Specification
from generator.publish.figures.groups.labels import Label
from generator.publish.figures.pixels import Row, found_by, text, texts
from generator.publish.figures.text_width import cut

# Up to this many members, rows can be taller.
FEW = 40
NUMBER_WIDTH = 34
NAME_WIDTH = 226
ROW_NAME_WIDTH = NAME_WIDTH - 8
LABELS_WIDTH = NAME_WIDTH + NUMBER_WIDTH
# Height of a line of text.
LINE = svg.TEXT + 2


def row_height(members: int) -> int:
    """Height of a row in pixels."""
    return 22 if members <= FEW else LINE + 1


def labels_width(width: int) -> int:
    """Room for names and numbers beside rows; on a narrow screen, for numbers only."""
    return LABELS_WIDTH if width == WIDE else NUMBER_WIDTH


def member_rows(labels: Iterable[Label]) -> list[dict[str, Any]]:
    """A row of data for each member, in order: everything that figures with rows show of it."""
    return [
        {
            "row": row,
            "number": label.number,
            "name": label.text,
            "short": _shorter(label),
            "whole": label.whole,
            "link": label.link,
        }
        for row, label in enumerate(labels)
    ]


# The transform that computes the text of a member, which is its whole name if that is short.
LABEL = found_by(label="datum.short || datum.name")


def member_labels(
    rows: Sequence[Row], y: str, width: int, only: str = ""
) -> Iterator[list[Specification]]:
    """Names and numbers at the left ends of member rows, whose middle lines are at the expression
    `y`; on a narrow screen numbers alone. `only` filters rows."""
    middle = LABEL + found_by(y=y)
    columns = [({"number": "text"}, labels_width(width) - 8)]
    if width == WIDE:
        columns.insert(0, ({"label": "text", "whole": "whole", "link": "link"}, NAME_WIDTH - 4))
    else:
        columns[0][0]["whole"] = "whole"
    for channels, x in columns:
        yield texts(rows, only=only, then=middle, channels=channels, at={"x": x}, align="right")


def _shorter(label: Label) -> str:
    short = cut(label.text, ROW_NAME_WIDTH)
    return short if short != label.text else ""


def name(
    label: Label, x: float, y: float, width: float, align: str, more: str = ""
) -> dict[str, Any]:
    """The row of a member's name, cut to `width` and followed by `more`; it links to its page."""
    words = cut(label.text, width) + more
    told = {"whole": label.whole, "link": label.link}
    return text(x, y, words, align, number=label.number, **told)


def named_rows(members: int, height: int) -> range:
    """The rows of a `height` in pixels that have names: all, or as many as have room for text,
    evenly chosen."""
    return range(0, members, math.ceil(LINE / height))
