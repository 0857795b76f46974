"""Numbers and text -> SVG elements: the pieces that all charts are drawn with.

Ink is `currentColor` and there is no background, so one drawing serves both colour schemes.
"""

import math
from collections.abc import Iterable
from typing import Literal

from markupsafe import Markup

from generator.text.escaping import inert

TEXT = 12
WIDTH = 1160
# The drawing that a narrow screen shows in the place of a wide one.
NARROW_WIDTH = 340
# Shown narrower than this, the text would fall below 11 px; the place of the drawing scrolls.
NARROWEST = 11 / TEXT


# What is seldom more than its attributes.
SHAPES = frozenset({"circle", "image", "line", "path", "rect"})
# Where a drawing is shown: everywhere, or with `both` on screens of one kind.
Screen = Literal["", "wide", "narrow"]


def element(tag: str, content: str | Iterable[str] = "", **attributes: object) -> Markup:
    """An SVG element; names of attributes are written with `_` for `-` and for a keyword."""
    inner = inert(content) if isinstance(content, str) else Markup("").join(content)
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{inert(value)}"'
        for name, value in attributes.items()
    )
    if tag in SHAPES and not inner:
        return Markup(f"<{tag}{written}/>")
    return Markup(f"<{tag}{written}>{inner}</{tag}>")


def drawing(
    name: str,
    title: str,
    description: str,
    parts: Iterable[str],
    role: object = "img",
    screen: object = "",
    **size: object,
) -> Markup:
    """A whole `<svg>` with its text alternative, for a `Screen`; `name` is unique on the page.

    The role `img` hides what is inside from those who listen; a drawing with links is a `group`.
    """
    return element(
        "svg",
        [
            element("title", title, id=f"{name}-title"),
            element("desc", description, id=f"{name}-desc"),
            *parts,
        ],
        class_=f"atlas-chart atlas-chart--{screen}" if screen else "atlas-chart",
        role=role,
        aria_labelledby=f"{name}-title {name}-desc",
        font_size=TEXT,
        fill="currentColor",
        **size,
    )


def both(wide: Markup, narrow: Markup) -> Markup:
    """A drawing for wide screens and one for narrow ones, of which a page shows one."""
    return wide + narrow


def sized(width: int, height: int) -> dict[str, object]:
    """Attributes of a drawing that grows and shrinks with its place, down to readable text."""
    narrowest = math.ceil(NARROWEST * width)
    return {"viewBox": f"0 0 {width} {height}", "style": f"min-width:{narrowest}px"}


def percent(value: float) -> str:
    """A length in per cent of the place of the drawing."""
    return f"{value:.3f}%"
