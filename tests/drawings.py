"""The static drawings of a figure, as tests read them."""

import re
from xml.etree import ElementTree

from generator.publish.figures.figure import static_svg

Element = ElementTree.Element
RECTANGLE = re.compile(r"M(\S+?),(\S+?)h(\S+?)v(\S+?)h\S+?Z")


def drawings(figure) -> list[Element]:
    """The drawing for wide screens, and the one for narrow screens."""
    return list(ElementTree.fromstring(f"<both>{static_svg(figure)}</both>"))


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
    moves = re.findall(r"translate\(([-\d.]+)(?:,([-\d.]+))?\)", text.get("transform"))
    return sum(float(x) for x, _ in moves), sum(float(y or 0) for _, y in moves)


def texts(root: Element) -> list[str]:
    """All that is written in a drawing."""
    return ["".join(each.itertext()) for each in root.iter("text")]


def hexadecimal(colour: str) -> str:
    """`rgb(0, 114, 178)` as `#0072b2`."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour))


def points(drawing: str) -> list[str]:
    """The prompts of a map, by the edge of their points."""
    return re.findall(r'<path [^>]*stroke-width="0.5"', drawing)


def arrows(drawing: str) -> list[str]:
    """The arrows of a map, by their heads."""
    return re.findall(r"<path [^>]*rotate\(", drawing)
