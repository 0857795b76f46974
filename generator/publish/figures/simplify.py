"""A drawing as vl-convert writes it -> the same drawing with fewer words.

What shows nothing is left out, places are attributes and no transforms, circles are circles, and
what all marks of a group have in common is said of the group.
"""

import re
from xml.etree.ElementTree import Element

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


def simplify(element: Element) -> None:
    """Simplify an element and all that is in it, in place; names lose their namespaces."""
    element.tag = _local(element.tag)
    element.attrib = {_local(name): value for name, value in element.attrib.items()}
    for child in list(element):
        if _local(child.tag) == "path" and not child.attrib.keys() & {"fill", "stroke"}:
            element.remove(child)
            continue
        simplify(child)
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
