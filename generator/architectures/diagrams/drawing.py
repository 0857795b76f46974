"""Parts of a diagram: boxes with text, links between them, and their positions.

Lengths are CSS pixels at the diagram's own size. Text is monospaced, so its width is known without
the reader's fonts.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from generator.architectures.diagrams.trace import Shape

# Widths of monospaced faces: 0.55 em (Consolas) to 0.602 em (DejaVu Sans Mono).
GLYPH = 0.602
FONT_SIZE = 12.0
LINE_HEIGHT = 17.0
PADDING = 10.0

Point = tuple[float, float]


class Badge(NamedTuple):
    """A short label on a box: a conditioning input that the box produces or uses."""

    text: str
    colour: str


class Box(NamedTuple):
    """One node. `mark` is bold before the first line; `x` and `y` are the centre.

    `hint` is shown on hover: the module path.
    """

    id: str
    mark: str
    lines: tuple[str, ...]
    colour: str = ""
    form: Literal["module", "function", "tensor", "stack"] = "module"
    badges: tuple[Badge, ...] = ()
    hint: str = ""
    width: float = 0.0
    height: float = 0.0
    x: float = 0.0
    y: float = 0.0


class Link(NamedTuple):
    """One edge; `points` are the ends and control points of cubic Bezier curves (1 + 3n)."""

    source: str
    target: str
    points: tuple[Point, ...] = ()
    label: str = ""
    form: Literal["flow", "skip"] = "flow"


class Drawing(NamedTuple):
    """A laid-out diagram with its title and text alternative."""

    id: str
    title: str
    description: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """Width of `text` in pixels, in the widest of the usual monospaced faces."""
    return len(text) * GLYPH * size


def fitted(box: Box, width: float = 0.0) -> Box:
    """The box with the height of its lines and the width of its text, at least `width`."""
    first = f"{box.mark} {box.lines[0]}" if box.mark else box.lines[0]
    badges = sum(badge_width(badge) + 4 for badge in box.badges)
    widest = max(text_width(first) + badges, *(text_width(line) for line in box.lines), 0.0)
    return box._replace(
        width=max(width, round(widest + 2 * PADDING)),
        height=len(box.lines) * LINE_HEIGHT + 2 * PADDING - 5,
    )


def badge_width(badge: Badge) -> float:
    """Width of a badge in pixels."""
    return text_width(badge.text, 11) + 10


def shape_text(shape: Shape) -> str:
    """`1×4×64×64`; a scalar is `scalar`."""
    return "×".join(map(str, shape)) or "scalar"


def shapes_text(shapes: Sequence[Shape]) -> str:
    """Shapes in order, equal neighbours counted: `2 of 1×320×64×64, 1×1280`."""
    counted = ((shape, len(list(group))) for shape, group in groupby(shapes))
    return ", ".join(f"{n} of {shape_text(s)}" if n > 1 else shape_text(s) for s, n in counted)


def quantity(number: int) -> str:
    """A large number in three significant digits: `859 M`, `11.9 B`, `3.28 K`."""
    rounded = float(f"{number:.2e}")
    for limit, unit in ((10**9, " B"), (10**6, " M"), (10**3, " K")):
        if rounded >= limit:
            return f"{rounded / limit:#.3g}".rstrip(".") + unit
    return str(number)


def marks_text(marks: Iterable[str]) -> str:
    """Block names, three or more in sequence as a range: `IN01 IN02`, `DOUBLE01–18`."""
    sequences: list[list[str]] = []
    for mark in marks:
        if sequences and _follows(sequences[-1][-1], mark):
            sequences[-1].append(mark)
        else:
            sequences.append([mark])
    return " ".join(
        f"{run[0]}–{_split(run[-1])[1]}" if len(run) > 2 else " ".join(run) for run in sequences
    )


def wrapped(text: str, width: int) -> list[str]:
    """`text` broken at commas into lines of at most `width` characters, if possible."""
    lines = [""]
    for part in re.split(r"(?<=, )", text):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return [line.rstrip() for line in lines]


def _follows(before: str, after: str) -> bool:
    (prefix, number), (next_prefix, next_number) = _split(before), _split(after)
    return (
        prefix == next_prefix
        and number.isdecimal()
        and next_number.isdecimal()
        and int(next_number) == int(number) + 1
    )


def _split(mark: str) -> tuple[str, str]:
    prefix = mark.rstrip("0123456789")
    return prefix, mark.removeprefix(prefix)
