"""Texts -> their widths in pixels, and texts cut to a width."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache

from generator.publish.figures import svg

# Widths of the printable ASCII characters in DejaVu Sans, which is wider than most fonts of
# readers, in ems, rounded up to the widest of each line.
_EMS = {
    0.32: " ',.ijlIJ",
    0.402: "/:;\\|f-()[]t!",
    0.461: 'r"',
    0.532: "*_`sz?",
    0.593: "ckvxyFL",
    0.637: "abdeghnopqu$0123456789{}EPSTY",
    0.699: "ABCKRVXZ",
    0.788: "DGHNOQU&",
    0.839: "w#+<=>^~",
    1.0: "mM%W@",
}
_WIDTHS = {sign: width for width, signs in _EMS.items() for sign in signs}


@cache
def cut(text: str, width: float) -> str:
    """`text`, cut in the middle to at most `width` pixels."""
    if text_width(text) <= width:
        return text
    lengths = range(2, len(text))
    fitting = bisect_right(lengths, width, key=lambda kept: text_width(_without_middle(text, kept)))
    return _without_middle(text, lengths[fitting - 1]) if fitting else "…"


@cache
def text_width(text: str) -> float:
    """Width of `text` in pixels at the size of figures; a character that is not Latin counts as one
    em."""
    return svg.TEXT * sum(map(_ems, text))


def with_room(places: Iterable[tuple[float, str]], width: float) -> Iterator[tuple[float, str]]:
    """The texts centred at ascending places that do not touch the text before them, moved in from
    the edges of a drawing of that `width`."""
    free = 0.0
    for place, text in places:
        half = text_width(text) / 2
        x = min(max(place, half), width - half)
        if x - half >= free:
            yield x, text
            free = x + half + 6


def _ems(sign: str) -> float:
    return _WIDTHS.get(unicodedata.normalize("NFD", sign)[0], 1.0)


def _without_middle(text: str, kept: int) -> str:
    """The first and last characters of `text`, `kept` in all."""
    return f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"
