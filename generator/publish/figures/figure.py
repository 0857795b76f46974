"""A figure: Vega-Lite specifications with their data inline -> static SVG markup.

A function makes the specification for a width in pixels; the page shows the static drawing that
fits, and `figures.js` makes the same specification interactive. Ink is `currentColor` and there is
no background, so one drawing serves both colour schemes.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from xml.etree import ElementTree

import vl_convert
from markupsafe import Markup

from generator.publish.figures import svg
from generator.publish.figures.simplify import simplify
from generator.records import Record
from generator.text.escaping import inert

Specification = dict[str, Any]

# Widths in pixels of the drawings for a desk and for a phone.
WIDE, NARROW = svg.WIDTH, svg.NARROW_WIDTH
VEGA_LITE = "6.4"
INK = "currentColor"
FAINT = 0.16

_AXIS = {
    "labelColor": INK,
    "titleColor": INK,
    "labelFontSize": svg.TEXT,
    # To cut a label is to measure it, which takes half of the time of a drawing.
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
# The number of the member that a reader highlighted, 0 for none.
HIGHLIGHT: Specification = {"name": "highlight", "value": 0}
IS_MARKED = "datum.number === highlight"
# From the middle of a line of text to its base line.
MIDDLE = round(0.3 * svg.TEXT)
# What all figures have in common. Marks are read aloud where they say so (`aria`), and then their
# `description` is the title of the static drawing's element, which is shown on hover.
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

# vl-convert takes a millisecond to measure a text, ten times as long as to draw it, and none for
# text without size. On a base line text has the same place with and without it, so it gets its size
# afterwards; labels of axes do in a specification whose `usermeta` says that they are `unmeasured`.
_STILL: Specification = CONFIG | {"text": CONFIG["text"] | {"fontSize": 0}}
_UNMEASURED: Specification = _STILL | {"axis": _AXIS | {"labelFontSize": 0}}

# Characters that XML does not have; vl-convert ends the process on some of them.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# How JSON writes them, and some that XML has.
_SUSPECT = re.compile(r"\\u(?:00[01]|d[89a-f]|fff[ef])")
# Where vl-convert looks for relative addresses.
_ELSEWHERE = "https://vega.github.io/vega-datasets/"
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_DROPPED = re.compile(r"aria|role$|class$|font-family$|stroke-miterlimit$|style$|pointer-events$")
# What says no more than the defaults of a drawing.
_DEFAULTS = {
    ("opacity", "1"),
    ("font-size", f"{svg.TEXT}px"),
    ("font-size", "0px"),
    ("transform", "translate(0,0)"),
    ("stroke-width", "1"),
}
_EMPTY = {("defs", ""), ("a", "")}


class Figure(Record, frozen=True, kw_only=True):
    """One figure. `name` is unique on its page and begins the ids of its drawings.

    `description` is the text alternative. Without `narrow`, every screen has the `wide`
    specification. `links`: marks lead to other pages.

    Where a reader chooses between figures, those that take one place on the page share `place` and
    differ in `choice`, from the name of a control to the chosen value. `captions` are those of the
    wide and the narrow drawing. Before them the interactive figure says its `absent`, by the number
    of a member that a reader may highlight: why the figure does not show it; and its `remarks`, by
    a value that a reader may choose.
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
    """The figure that `draw` makes of a width in pixels, for wide and for narrow screens."""
    wide, narrow = draw(WIDE), draw(NARROW)
    return Figure(name=name, title=title, description=description, wide=wide, narrow=narrow, **more)


def static_svg(one: Figure) -> Markup:
    """The drawing of a figure; of two drawings, the style sheet shows the one that fits.

    The same figure gives the same bytes.

    Raises:
        ValueError: a specification is not valid Vega-Lite.
    """
    if one.narrow is None:
        return _drawing(one, one.name, one.wide, "")
    return svg.both(
        _drawing(one, one.name, one.wide, "wide"),
        _drawing(one, f"{one.name}-narrow", one.narrow, "narrow"),
    )


def cleaned(part: Any) -> Any:  # noqa: ANN401 -- any part of a specification
    """A specification whose texts hold only characters that XML has."""
    return _cleaned(part) if _SUSPECT.search(json.dumps(part)) else part


def _cleaned(part: Any) -> Any:  # noqa: ANN401 -- any part of a specification
    if isinstance(part, str):
        return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", part)
    if isinstance(part, Mapping):
        return {key: _cleaned(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_cleaned(value) for value in part]
    return part


def _drawing(one: Figure, name: str, specification: Specification, screen: svg.Screen) -> Markup:
    unmeasured = specification.get("usermeta", {}).get("unmeasured", False)
    config = _UNMEASURED if unmeasured else _STILL
    written = json.dumps(cleaned({"config": config} | _still(specification)), allow_nan=False)
    root = ElementTree.fromstring(_drawn(written))
    simplify(root)
    width, height = (round(float(side)) for side in root.attrib["viewBox"].split()[2:])
    ids = _Ids(name)
    return svg.drawing(
        name,
        one.title,
        one.description,
        [_inside(root, ids)],
        role="group" if one.links else "img",
        screen=screen,
        **svg.sized(width, height),
    )


@cache
def _drawn(specification: str) -> str:
    """SVG of a specification: checkpoints with the same component have the same."""
    return vl_convert.vegalite_to_svg(specification, vl_version=VEGA_LITE, allowed_base_urls=[])


def _still(part: Specification) -> Specification:
    """The specification without what only a reader's hand brings out, which takes half the time:
    tooltips and the names in them, zooming, layers of what is highlighted."""
    params = [param for param in part.get("params", ()) if param.get("bind") != "scales"]
    transform = [step for step in part.get("transform", ()) if "lookup" not in step]
    encoding = {key: value for key, value in part.get("encoding", {}).items() if key != "tooltip"}
    layers = [_still(layer) for layer in part.get("layer", ()) if not _is_hidden(layer)]
    found = {"params": params, "transform": transform, "encoding": encoding, "layer": layers}
    rest = {key: value for key, value in part.items() if key not in found and key != "usermeta"}
    return rest | {key: value for key, value in found.items() if value}


def _is_hidden(layer: Specification) -> bool:
    """Whether a layer shows only what is highlighted, and that is nothing at first."""
    if {"filter": IS_MARKED} not in layer.get("transform", ()):
        return False
    return not any(row.get("number") == 0 for row in layer["data"]["values"])


class _Ids(dict[str, str]):
    """vl-convert numbers ids through all its drawings; here each bears the name of its own."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, found: str) -> str:
        self[found] = f"{self._name}-{len(self)}"
        return self[found]


def _inside(element: ElementTree.Element, ids: _Ids) -> Markup:
    """All that is in an element, as markup."""
    parts = [inert(element.text or "")]
    for child in element:
        parts += [*_converted(child, ids), inert(child.tail or "")]
    return Markup("").join(parts)


def _converted(element: ElementTree.Element, ids: _Ids) -> Iterator[Markup]:
    """An element as markup; what shows nothing is left out, what is in it is not."""
    tag = element.tag
    attributes, inside = _attributes(element, ids), _inside(element, ids)
    if tag == "g" and (not attributes or not inside):
        yield inside
        return
    if (tag, inside) in _EMPTY:
        return
    if element.get("role") == "graphics-symbol" and "aria-label" in element.attrib:
        inside = svg.element("title", element.attrib["aria-label"]) + inside
    yield svg.element(tag, inside, **attributes)


def _attributes(element: ElementTree.Element, ids: _Ids) -> dict[str, str]:
    """Attributes with short numbers, own ids, and without what says no more than the defaults."""
    found = {}
    for key, value in element.attrib.items():
        if _DROPPED.match(key) or (key, value) in _DEFAULTS:
            continue
        if key == "id":
            found[key] = ids[value]
        elif key == "href":
            found[key] = value.removeprefix(_ELSEWHERE)
        else:
            own = _REFERENCE.sub(lambda one: f"url(#{ids[one[1]]})", value)
            found[key] = _LONG_NUMBER.sub(_short, own)
    return found


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
