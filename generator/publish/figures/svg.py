"""Numbers and text -> SVG elements: the pieces of all hand-written charts.

Ink is `currentColor` and there is no background, so one drawing suits both colour schemes.
"""

import math
from collections.abc import Iterable
from typing import Literal

from markupsafe import Markup

from generator.text.escaping import inert

TEXT = 12
WIDTH = 1160
# Width of the drawing that replaces the wide one on narrow screens.
NARROW_WIDTH = 340
# Below this scale, text would be smaller than 11 px; the drawing then scrolls.
NARROWEST = 11 / TEXT


# Elements that rarely have more than attributes.
SHAPES = frozenset({"circle", "image", "line", "path", "rect"})
# Where a drawing is shown: everywhere, or on one kind of screen.
Screen = Literal["", "wide", "narrow"]


def element(tag: str, content: str | Iterable[str] = "", **attributes: object) -> Markup:
    """An SVG element; in attribute names, `_` stands for `-` and follows a Python keyword."""
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

    The role `img` hides the content from screen readers; a drawing with links is a `group`.
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


def sized(width: int, height: int) -> dict[str, object]:
    """Attributes of a drawing that scales with the available width, down to readable text."""
    narrowest = math.ceil(NARROWEST * width)
    return {"viewBox": f"0 0 {width} {height}", "style": f"min-width:{narrowest}px"}


def percent(value: float) -> str:
    """A length in per cent of the available width."""
    return f"{value:.3f}%"
