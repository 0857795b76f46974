"""An SVG file of `data/` -> markup that is safe inside a page."""

import re
from pathlib import Path
from xml.etree import ElementTree

from markupsafe import Markup

from generator.errors import DamagedRecord

DIAGRAM_CLASS = "atlas-diagram"
SVG = "{http://www.w3.org/2000/svg}"

# Everything that a drawing needs. The file becomes part of a page, so anything else (scripts,
# foreign objects, links, external images) is refused.
ELEMENTS = frozenset(
    [
        "svg",
        "g",
        "path",
        "polygon",
        "polyline",
        "line",
        "rect",
        "circle",
        "ellipse",
        "text",
        "tspan",
        "title",
        "desc",
        "defs",
        "marker",
        "style",
        "linearGradient",
        "stop",
        "clipPath",
    ]
)
_REFERENCE = re.compile(r"(?:^|:|\})href$", re.IGNORECASE)
_OUTSIDE = re.compile(r"url\((?!#)|@import|javascript:", re.IGNORECASE)


def read_diagram(path: Path, text: str) -> Markup:
    """The `<svg>` element of `text`, which was read from `path`.

    Raises:
        DamagedRecord: it is not a drawing of this project.
    """
    start = text.find("<svg")
    try:
        if "<!ENTITY" in text:
            raise ValueError("declares entities")
        root = ElementTree.fromstring(text)
        _check(root)
    except (ElementTree.ParseError, ValueError) as error:
        raise DamagedRecord(str(path), f"is no diagram: {error}", "`atlas measure`") from error
    return Markup(text[start:].strip())


def _check(root: ElementTree.Element) -> None:
    """Raises `ValueError` for the first element or attribute not allowed in a drawing."""
    if root.tag != f"{SVG}svg" or DIAGRAM_CLASS not in root.get("class", "").split():
        raise ValueError(f'the root is not <svg class="{DIAGRAM_CLASS}">')
    for element in root.iter():
        name = str(element.tag).removeprefix(SVG)
        if name not in ELEMENTS:
            raise ValueError(f"<{name}> is not allowed")
        for attribute, value in element.items():
            if attribute.lower().startswith("on"):
                raise ValueError(f"the event handler {attribute} is not allowed")
            if _REFERENCE.search(attribute) and not value.startswith("#"):
                raise ValueError(f"a reference to {value} is not allowed")
            if _OUTSIDE.search(value):
                raise ValueError(f"{attribute} reaches outside the file")
        if name == "style" and _OUTSIDE.search(element.text or ""):
            raise ValueError("a style reaches outside the file")
