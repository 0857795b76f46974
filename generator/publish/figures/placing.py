"""Points and the texts for them -> which text fits beside which point."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

Side = Literal["right", "left", "above", "below"]

# Distance of a text from the middle of its point, and between two texts.
GAP = 7.0
APART = 2.0
LINE = 15.0


class LabelBox(NamedTuple):
    """A rectangle, in pixels from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "LabelBox") -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: "LabelBox") -> bool:
        """Whether this box lies inside the other."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


class Line(NamedTuple):
    """A straight line from one point to another."""

    x1: float
    y1: float
    x2: float
    y2: float

    def crosses(self, box: LabelBox) -> bool:
        """Whether the line crosses the box: it is clipped side by side (Liang and Barsky)."""
        start, end = 0.0, 1.0
        for origin, step, low, high in (
            (self.x1, self.x2 - self.x1, box.left, box.right),
            (self.y1, self.y2 - self.y1, box.top, box.bottom),
        ):
            if not step:
                if not low < origin < high:
                    return False
                continue
            one, other = (low - origin) / step, (high - origin) / step
            start, end = max(start, min(one, other)), min(end, max(one, other))
        return start < end


class Wanted(NamedTuple):
    """A point and the widths of its possible texts, the best one first."""

    x: float
    y: float
    widths: tuple[float, ...]


class Placed(NamedTuple):
    """The chosen text of a point, its side, and its box."""

    text: int
    side: Side
    box: LabelBox


def beside(point: Wanted, width: float, _area: LabelBox) -> tuple[tuple[Side, LabelBox], ...]:
    """The boxes of a text of `width` next to its point, the best side first."""
    x, y, half = point.x, point.y, LINE / 2
    return (
        ("right", LabelBox(x + GAP, y - half, x + GAP + width, y + half)),
        ("left", LabelBox(x - GAP - width, y - half, x - GAP, y + half)),
        ("above", LabelBox(x - width / 2, y - GAP - LINE, x + width / 2, y - GAP)),
        ("below", LabelBox(x - width / 2, y + GAP, x + width / 2, y + GAP + LINE)),
    )


# A point, the width of its text and the area -> where the text may stand, the best place first.
Sides = Callable[[Wanted, float, LabelBox], Iterable[tuple[Side, LabelBox]]]


def place_texts(
    wanted: Sequence[Wanted],
    order: Sequence[int],
    area: LabelBox,
    radius: float,
    lines: Sequence[Line] = (),
    sides: Sides = beside,
) -> list[Placed | None]:
    """A text for every point, or None if none fits inside `area`.

    No text covers another text, or another point, which takes `radius` around it. All first texts
    are tried, in the given order of the points, before any second text. Of the `sides` with room,
    the first that is crossed by the fewest `lines` is chosen.
    """
    points = [LabelBox(p.x - radius, p.y - radius, p.x + radius, p.y + radius) for p in wanted]
    found: list[Placed | None] = [None] * len(wanted)
    taken: list[LabelBox] = []
    for text in range(max((len(point.widths) for point in wanted), default=0)):
        for number in order:
            if found[number] is None and text < len(wanted[number].widths):
                point = wanted[number]
                free = [
                    Placed(text, side, box)
                    for side, box in sides(point, point.widths[text], area)
                    if box.within(area) and not _covers(box, (*points, *taken))
                ]
                placed = min(free, key=lambda one: _crossings(one.box, lines), default=None)
                if placed:
                    found[number] = placed
                    taken.append(placed.box)
    return found


def _covers(box: LabelBox, taken: Iterable[LabelBox]) -> bool:
    wide = LabelBox(box.left - APART, box.top, box.right + APART, box.bottom)
    return any(wide.meets(other) for other in taken)


def _crossings(box: LabelBox, lines: Sequence[Line]) -> int:
    return sum(line.crosses(box) for line in lines)
