"""matplotlib's figures -> SVG markup: ink is the colour of the page's text, text stays text.

Sizes are in pixels at the width at which a figure is shown; matplotlib's point is our pixel. What
comes from files never reaches matplotlib: a name is drawn as a stand-in of the same width, and put
into the markup afterwards through the one escaping function.
"""

import io
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from markupsafe import Markup
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from generator.publish.figures import svg
from generator.publish.figures.groups.labels import Label
from generator.text.escaping import inert

INK = "#000000"
# Functions that make a figure are decorated with `styled`: nobody's own settings change it.
SETTINGS: Any = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": svg.TEXT,
    "axes.linewidth": 0.8,
    "text.parse_math": False,
}
styled = mpl.rc_context(SETTINGS)
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))

_NAMESPACE = re.compile(r"\{[^}]*\}")
_NUMBER = re.compile(r"-?\d+\.\d+")
# Of what matplotlib writes as style, what says more than the defaults of the page.
_DROPPED = re.compile(r"font|stroke-linejoin|stroke-linecap|stroke-miterlimit")


class Name(Text):
    """The name of a member in a figure; in the markup its title holds the whole of it."""

    def __init__(
        self,
        x: float,
        y: float,
        label: Label,
        width: float,
        more: str = "",
        **options: Any,  # noqa: ANN401 -- matplotlib's
    ) -> None:
        """At a point in the coordinates of the axes; cut in the middle to `width` pixels, and
        followed by `more`."""
        self.whole = label.whole
        self.shown = cut(label.text, width) + more
        super().__init__(x, y, stand_in(self.shown), parse_math=False, **options)


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of that size in pixels."""
    return Figure(figsize=(width / 72, height / 72), dpi=72)


def new_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes without frame and ticks in a rectangle, in pixels from the upper left corner."""
    whole_width, whole_height = figure.get_size_inches() * 72
    bottom = whole_height - top - height
    axes = figure.add_axes(
        (left / whole_width, bottom / whole_height, width / whole_width, height / whole_height)
    )
    axes.set_frame_on(False)
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def pixel_axes(figure: Figure) -> Axes:
    """Axes over the whole figure whose coordinates are pixels from the upper left corner."""
    width, height = figure.get_size_inches() * 72
    axes = new_axes(figure, 0, 0, width, height)
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    return axes


@cache
def cut(text: str, width: float) -> str:
    """`text`, cut in the middle so that it is at most `width` pixels wide."""
    if text_width(text) <= width:
        return text
    lengths = range(2, len(text))
    fitting = bisect_right(lengths, width, key=lambda kept: text_width(_without_middle(text, kept)))
    return _without_middle(text, lengths[fitting - 1]) if fitting else "…"


@cache
def text_width(text: str) -> float:
    """Width of `text` in pixels, in a font that is wider than most that pages are shown in."""
    font = _font()
    font.set_text(stand_in(text))
    width: float = font.get_width_height()[0] / 64
    return width


def stand_in(text: str) -> str:
    """`text` with signs as wide in the place of those that matplotlib's font does not have."""
    return "".join(sign if _is_plain(sign) else "—" for sign in text)


def drawn(
    figure: Figure, name: str, title: str, description: str, more: Iterable[Markup] = ()
) -> Markup:
    """The markup of a figure, with `more` on top; `name` is unique on the page."""
    names: dict[str, Name] = {}
    for number, text in enumerate(figure.findobj(Name)):
        text.set_gid(f"name{number}")
        names[f"name{number}"] = text
    buffer = io.StringIO()
    with mpl.rc_context(SETTINGS | {"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata=NO_METADATA)
    root = ElementTree.fromstring(buffer.getvalue())
    parts = [part for child in root for part in _converted(child, names)]
    width, height = (round(float(side) * 72) for side in figure.get_size_inches())
    return svg.drawing(name, title, description, [*parts, *more], **svg.sized(width, height))


def _converted(element: ElementTree.Element, names: dict[str, Name]) -> Iterator[Markup]:
    """An element as markup; groups that say nothing are left out, what is in them is not."""
    tag = _NAMESPACE.sub("", element.tag)
    if tag in ("metadata", "style"):
        return
    name = names.get(element.get("id", ""))
    if name is not None:
        yield from (_named(text, name) for text in element.iter() if text.tag.endswith("}text"))
        return
    inner = [part for child in element for part in _converted(child, names)]
    attributes = _attributes(element, tag)
    if tag == "g" and (not attributes or not inner):
        yield from inner
    elif tag != "defs" or inner:
        yield svg.element(tag, inner or (element.text or "").strip(), **attributes)


def _named(text: ElementTree.Element, name: Name) -> Markup:
    title = svg.element("title", name.whole)
    attributes = _attributes(text, "text") | {"class_": "atlas-chart__member"}
    return svg.element("text", [title, inert(name.shown)], **attributes)


def _attributes(element: ElementTree.Element, tag: str) -> dict[str, object]:
    """Attributes with short numbers, style among them; ids only where they are referred to."""
    found: dict[str, object] = {}
    for key, value in element.attrib.items():
        if key == "style":
            for part in filter(None, map(str.strip, value.split(";"))):
                name, _, setting = part.partition(":")
                if not _DROPPED.match(name):
                    found[name.strip()] = setting.strip()
        elif key != "id" or tag not in ("g", "text"):
            found[_NAMESPACE.sub("", key)] = value
    return {
        key: _NUMBER.sub(_short, str(value).replace(INK, "currentColor")).strip()
        for key, value in found.items()
    }


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _without_middle(text: str, kept: int) -> str:
    """The first and last signs of `text`, `kept` in all."""
    return f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"


def _is_plain(sign: str) -> bool:
    return sign.isprintable() and bool(_font().get_char_index(ord(sign)))


@cache
def _font() -> FT2Font:
    # Not the one that matplotlib keeps, whose size it changes.
    font = FT2Font(font_manager.findfont("DejaVu Sans"))
    font.set_size(svg.TEXT, 72)
    return font
