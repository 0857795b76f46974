"""A drawing as vl-convert writes it -> the same drawing in shorter markup.

Invisible elements are removed, places are attributes instead of transforms, circles are `circle`
elements, and attributes shared by all marks of a group move to the group.
"""

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from markupsafe import Markup

from generator.publish.figures import svg
from generator.text.escaping import inert

_NUMBER = r"(-?[\d.]+(?:e-?\d+)?)"
_PLACE = re.compile(rf"translate\({_NUMBER},{_NUMBER}\)")
_CIRCLE = re.compile(r"M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0")
_SHARED = (
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-opacity",
    "stroke-width",
    "text-anchor",
)
# Base that vl-convert uses for relative addresses.
_ELSEWHERE = "https://vega.github.io/vega-datasets/"
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_DROPPED = re.compile(r"aria|role$|class$|font-family$|stroke-miterlimit$|style$|pointer-events$")
# Attributes that only repeat the defaults of a drawing.
_DEFAULTS = {
    ("opacity", "1"),
    ("font-size", f"{svg.TEXT}px"),
    ("font-size", "0px"),
    ("transform", "translate(0,0)"),
    ("stroke-width", "1"),
}
_EMPTY = {("defs", ""), ("a", "")}


def simplified(drawing: str, name: str) -> tuple[int, int, Markup]:
    """Width and height in pixels of an SVG drawing, and its content; ids start with `name`."""
    root = ElementTree.fromstring(drawing)
    _simplify(root)
    width, height = (round(float(side)) for side in root.attrib["viewBox"].split()[2:])
    return width, height, _inside(root, _Ids(name))


def _simplify(element: Element) -> None:
    """Simplify an element and its content, in place; names lose their namespaces."""
    element.tag = _local(element.tag)
    element.attrib = {_local(name): value for name, value in element.attrib.items()}
    for child in list(element):
        if _local(child.tag) == "path" and not child.attrib.keys() & {"fill", "stroke"}:
            element.remove(child)
            continue
        _simplify(child)
        _place(child)
    if element.tag == "g":
        _share(element)


def _place(element: Element) -> None:
    """A translation -> the place of a text, a line or a circle."""
    found = _PLACE.fullmatch(element.get("transform", ""))
    circle = _CIRCLE.fullmatch(element.get("d", ""))
    if not found or (element.tag not in ("text", "line") and not circle):
        return
    x, y = float(found[1]), float(found[2])
    del element.attrib["transform"]
    if circle:
        element.tag = "circle"
        del element.attrib["d"]
        element.attrib.update(cx=f"{x:g}", cy=f"{y:g}", r=circle[1])
    elif element.tag == "text":
        element.attrib.update(x=f"{x:g}", y=f"{y:g}")
    else:
        x2, y2 = (float(element.get(name, "0")) for name in ("x2", "y2"))
        element.attrib.update(x1=f"{x:g}", y1=f"{y:g}", x2=f"{x + x2:g}", y2=f"{y + y2:g}")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _share(group: Element) -> None:
    marks = [child[0] if child.tag == "a" and len(child) else child for child in group]
    if len(marks) < 2 or any(mark.tag in ("g", "defs", "a") for mark in marks):
        return
    for name in _SHARED:
        values = {mark.get(name) for mark in marks}
        if len(values) == 1 and None not in values:
            group.set(name, values.pop() or "")
            for mark in marks:
                del mark.attrib[name]


class _Ids(dict[str, str]):
    """New ids: vl-convert numbers ids across all its drawings; here each id has its drawing's
    name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, found: str) -> str:
        self[found] = f"{self._name}-{len(self)}"
        return self[found]


def _inside(element: Element, ids: _Ids) -> Markup:
    """The content of an element, as markup."""
    parts = [inert(element.text or "")]
    for child in element:
        parts += [*_converted(child, ids), inert(child.tail or "")]
    return Markup("").join(parts)


def _converted(element: Element, ids: _Ids) -> Iterator[Markup]:
    """An element as markup; an element that shows nothing is left out, but its content is kept."""
    tag = element.tag
    attributes, inside = _attributes(element, ids), _inside(element, ids)
    if tag == "g" and (not attributes or not inside):
        yield inside
        return
    if (tag, inside) in _EMPTY:
        return
    if tag == "a" and not "".join(element.itertext()).strip():
        # A mark: its name beside it, or its row in the page's table, has the same link in words.
        attributes |= {"tabindex": "-1", "aria-hidden": "true"}
    if element.get("role") == "graphics-symbol" and "aria-label" in element.attrib:
        inside = svg.element("title", element.attrib["aria-label"]) + inside
    yield svg.element(tag, inside, **attributes)


def _attributes(element: Element, ids: _Ids) -> dict[str, str]:
    """Attributes with short numbers and new ids, without those that only repeat the defaults."""
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
