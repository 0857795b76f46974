"""Categories of prompts -> their marks, and the prompts that a drawing shows."""

from collections.abc import Sequence

from generator.networks.palette import CATEGORY_COLOURS
from generator.publish.reading.maps import LoadedMap, space_of
from generator.records import Record

# Shapes of points around (0, 0), for a radius of 5: they distinguish categories without colours.
SHAPES = (
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0",
    "M-4 -4h8v8h-8z",
    "M0 -5.2l4.8 8.4h-9.6z",
    "M0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
)
# More points would not show more, and are slow to load.
MOST_DRAWN = 2000
NAMED = 5


class Mark(Record):
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


def rows_drawn(mapped: LoadedMap, kind: str, moved: int | None) -> list[int]:
    """The prompts that a drawing shows: all, or the maximum number, evenly chosen, including the
    named ones."""
    n = len(mapped.record.prompts)
    if n <= MOST_DRAWN:
        return list(range(n))
    kept = set(named(mapped, kind, moved))
    others = [row for row in range(n) if row not in kept]
    room = MOST_DRAWN - len(kept)
    return sorted([*kept, *(others[place * len(others) // room] for place in range(room))])


def named(mapped: LoadedMap, kind: str, encoder: int | None) -> tuple[int, ...]:
    """The prompts with a label: those that moved most."""
    return space_of(mapped, encoder, kind).most_moved[:NAMED] if encoder is not None else ()


def shown(text: str) -> str:
    """A prompt, or the placeholder for the empty one."""
    return text if text.strip() else "(empty prompt)"
