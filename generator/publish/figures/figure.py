"""A figure: Vega-Lite specifications with inline data -> static SVG markup.

A function makes the specification for a width in pixels; the page shows the static drawing that
fits, and `figures.js` makes the same specification interactive. Ink is `currentColor` and there is
no background, so one drawing suits both colour schemes.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

import vl_convert
from markupsafe import Markup

from generator.publish.figures import svg
from generator.publish.figures.simplify import simplified
from generator.records import Record
from generator.text.escaping import plain

Specification = dict[str, Any]

# Widths in pixels of the drawings for desktop and phone.
WIDE, NARROW = svg.WIDTH, svg.NARROW_WIDTH
VEGA_LITE = "6.4"
INK = "currentColor"
FAINT = 0.16

_AXIS = {
    "labelColor": INK,
    "titleColor": INK,
    "labelFontSize": svg.TEXT,
    # Labels are not cut: cutting measures them, which takes half of the drawing time.
    "labelLimit": 0,
    "titleFontSize": svg.TEXT,
    "titleFontWeight": "normal",
    "gridColor": INK,
    "gridOpacity": FAINT,
    "domainColor": INK,
    "domainOpacity": FAINT,
    "tickColor": INK,
    "tickOpacity": FAINT,
}
# The numbers of the highlighted members.
HIGHLIGHT: Specification = {"name": "highlight", "value": []}
IS_MARKED = "indexof(highlight, datum.number) >= 0"
# From the middle of a line of text to its base line.
MIDDLE = round(0.3 * svg.TEXT)
# Settings of all figures. Screen readers read marks that ask for it (`aria`); their `description`
# is then the title of the static drawing's element, which is shown on hover.
CONFIG: Specification = {
    "background": None,
    "padding": 0,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "mark": {"aria": False, "color": INK},
    "text": {"color": INK, "fontSize": svg.TEXT, "baseline": "alphabetic"},
    "title": {"color": INK, "fontSize": svg.TEXT + 1, "fontWeight": "normal", "anchor": "start"},
    "rule": {"color": INK},
    "tick": {"color": INK},
    "line": {"color": INK},
    "point": {"color": INK},
    "axis": _AXIS,
    "header": {"labelColor": INK, "labelFontSize": svg.TEXT},
    "legend": {name: value for name, value in _AXIS.items() if name.startswith(("label", "title"))},
}

# vl-convert takes a millisecond to measure a text, ten times as long as to draw it, and no time for
# text without size. On a base line text has the same place with and without size, so it gets its
# size afterwards; so do labels of axes if the specification's `usermeta` says `unmeasured`.
_STILL: Specification = CONFIG | {"text": CONFIG["text"] | {"fontSize": 0}}
_UNMEASURED: Specification = _STILL | {"axis": _AXIS | {"labelFontSize": 0}}

# How JSON writes what `plain` replaces, and some more: vl-convert ends the process on some of it.
_SUSPECT = re.compile(r"\\u(?:00[01]|d[89a-f]|fff[ef]|20[26])")


class Figure(Record):
    """One figure. `name` is unique on its page and starts the ids of its drawings.

    `description` is the text alternative. Without `narrow`, every screen has the `wide`
    specification. `links`: marks lead to other pages.

    If the reader chooses between figures, the figures that take turns at one place share `place`
    and differ in `choice`, which maps the name of a control to the chosen value. `captions` are
    those of the wide and the narrow drawing. The interactive figure puts two texts before them:
    `absent`, by the number of a member, says why the figure does not show that member if it is
    highlighted; `remarks` has a text by chosen value.
    """

    name: str
    title: str
    description: str
    wide: Specification
    narrow: Specification | None = None
    links: bool = False
    place: str = ""
    choice: Mapping[str, str] = {}
    captions: tuple[str, str] = ("", "")
    absent: Mapping[int, str] = {}
    remarks: Mapping[str, str] = {}


def figure(
    name: str,
    title: str,
    description: str,
    draw: Callable[[int], Specification],
    **more: Any,  # noqa: ANN401 -- the other fields
) -> Figure:
    """The figure that `draw` makes for a width in pixels, for wide and for narrow screens."""
    wide, narrow = draw(WIDE), draw(NARROW)
    return Figure(name=name, title=title, description=description, wide=wide, narrow=narrow, **more)


def static_svg(one: Figure) -> Markup:
    """The drawing of a figure; if there are two, the style sheet shows the one that fits.

    The same figure gives the same bytes.

    Raises:
        ValueError: a specification is not valid Vega-Lite.
    """
    if one.narrow is None:
        return _drawing(one, one.name, one.wide, "")
    narrow = _drawing(one, f"{one.name}-narrow", one.narrow, "narrow")
    return _drawing(one, one.name, one.wide, "wide") + narrow


def wide_svg(one: Figure) -> Markup:
    """The drawing for wide screens alone."""
    return _drawing(one, one.name, one.wide, "")


def cleaned(part: Any) -> Any:  # noqa: ANN401 -- any part of a specification
    """A specification whose texts are plain: allowed in XML, and read in one direction."""
    return _cleaned(part) if _SUSPECT.search(json.dumps(part)) else part


def _cleaned(part: Any) -> Any:  # noqa: ANN401 -- any part of a specification
    if isinstance(part, str):
        return plain(part)
    if isinstance(part, Mapping):
        return {key: _cleaned(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_cleaned(value) for value in part]
    return part


def _drawing(one: Figure, name: str, specification: Specification, screen: svg.Screen) -> Markup:
    unmeasured = specification.get("usermeta", {}).get("unmeasured", False)
    config = _UNMEASURED if unmeasured else _STILL
    written = json.dumps(cleaned({"config": config} | _still(specification)), allow_nan=False)
    width, height, parts = _parts(written, name)
    return svg.drawing(
        name,
        one.title,
        one.description,
        [parts],
        role="group" if one.links else "img",
        screen=screen,
        **svg.sized(width, height),
    )


@lru_cache(maxsize=64)
def _parts(specification: str, name: str) -> tuple[int, int, Markup]:
    """Width, height and parts of a drawing. Cached: the card of a page shows one of its figures."""
    return simplified(_drawn(specification), name)


@cache
def _drawn(specification: str) -> str:
    """SVG of a specification. Cached: checkpoints with the same component have the same drawing."""
    return vl_convert.vegalite_to_svg(specification, vl_version=VEGA_LITE, allowed_base_urls=[])


def _still(part: Specification) -> Specification:
    """The specification without what appears only on interaction, which takes half of the drawing
    time: tooltips and their names, zooming, highlight layers."""
    params = [param for param in part.get("params", ()) if param.get("bind") != "scales"]
    transform = [step for step in part.get("transform", ()) if "lookup" not in step]
    encoding = {key: value for key, value in part.get("encoding", {}).items() if key != "tooltip"}
    layers = [_still(layer) for layer in part.get("layer", ()) if not _is_hidden(layer)]
    found = {"params": params, "transform": transform, "encoding": encoding, "layer": layers}
    rest = {key: value for key, value in part.items() if key not in found and key != "usermeta"}
    return rest | {key: value for key, value in found.items() if value}


def _is_hidden(layer: Specification) -> bool:
    """Whether a layer shows only highlighted members: there are none at first."""
    return {"filter": IS_MARKED} in layer.get("transform", ())
