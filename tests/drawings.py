"""The static drawings of a figure, as tests read them."""

import re
from xml.etree import ElementTree

from generator.publish.figures.figure import static_svg

Element = ElementTree.Element
SHARED = ("fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "text-anchor")
RECTANGLE = re.compile(r"M(\S+?),(\S+?)h(\S+?)v(\S+?)h\S+?Z")


def drawings(figure) -> list[Element]:
    """The drawing for wide screens, and the one for narrow screens."""
    return read(static_svg(figure))


def read(markup: str) -> list[Element]:
    """All drawings in some markup, where each mark has what is said of its group."""
    found = [ElementTree.fromstring(one) for one in re.findall(r"<svg.*?</svg>", markup, re.S)]
    for root in found:
        for group in root.iter("g"):
            for mark in group:
                said = {key: group.get(key) for key in SHARED if group.get(key, "none") != "none"}
                mark.attrib = said | mark.attrib
    return found


def description(root: Element) -> str:
    return root.find("desc").text


def marks(root: Element, tag: str = "path") -> list[tuple[str, Element]]:
    """What each mark says on hover, and the mark."""
    found = [(each.find("title"), each) for each in root.iter(tag)]
    return [(title.text, each) for title, each in found if title is not None]


def size(mark: Element) -> tuple[float, float]:
    """Width and height of a rectangle, in pixels."""
    _, _, width, height = map(float, RECTANGLE.fullmatch(mark.get("d")).groups())
    return abs(width), abs(height)


def place(text: Element) -> tuple[float, float]:
    """Where a text is, in pixels, inside what it is drawn in."""
    if "x" in text.attrib:
        return float(text.get("x")), float(text.get("y"))
    moves = re.findall(r"translate\(([-\d.]+)(?:,([-\d.]+))?\)", text.get("transform"))
    return sum(float(x) for x, _ in moves), sum(float(y or 0) for _, y in moves)


def texts(root: Element) -> list[str]:
    """All that is written in a drawing."""
    return ["".join(each.itertext()) for each in root.iter("text")]


def hexadecimal(colour: str) -> str:
    """`rgb(0, 114, 178)` as `#0072b2`."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour))


def points(drawing: str) -> list[Element]:
    """The prompts of a map, by the edge of their points."""
    marks = (mark for root in read(drawing) for mark in root.iter() if mark.tag != "g")
    return [mark for mark in marks if mark.get("stroke-width") == "0.5"]


def arrows(drawing: str) -> list[str]:
    """The arrows of a map, by their heads."""
    return re.findall(r"<path [^>]*rotate\(", drawing)
