"""One HTML or SVG file -> its addresses, anchors, attributes, scripts and text, for checks."""

from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple

# Attributes that fetch something when the page loads, by element.
ASSETS = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "audio": ("src",),
    "video": ("src", "poster"),
    "track": ("src",),
    "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
}
# Kinds of <link> that fetch; others only refer.
FETCHING = frozenset({"stylesheet", "icon", "preload", "modulepreload", "prefetch", "preconnect"})
LINKS = {
    "a": ("href", "xlink:href"),
    "area": ("href",),
    "link": ("href",),
    "form": ("action",),
    "button": ("formaction",),
    "input": ("formaction",),
}
EMBEDDING = frozenset({"iframe", "frame", "embed", "object", "applet", "portal"})

# The content of these is not text of the page, or is displayed exactly as written.
RAW = frozenset({"script", "style", "title"})


class Reference(NamedTuple):
    """An address in a page; `fetched` if the browser requests it on load."""

    element: str
    address: str
    fetched: bool
    line: int


class Inline(NamedTuple):
    """An inline script."""

    kind: str
    text: str
    line: int


class Attribute(NamedTuple):
    """One attribute of one element."""

    element: str
    name: str
    value: str
    line: int


class Markup(HTMLParser):
    """The contents of one file. Feed it the file's text once."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.elements = 0
        self.anchors: set[str] = set()
        self.repeated: list[tuple[str, int]] = []
        self.references: list[Reference] = []
        self.scripts: list[Inline] = []
        self.attributes: list[Attribute] = []
        self.texts: list[tuple[str, int]] = []
        self.embedded: list[tuple[str, int]] = []
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element's address, id and attributes."""
        self.elements += 1
        given = {name: value or "" for name, value in attrs}
        line = self.getpos()[0]
        self.attributes.extend(Attribute(tag, *item, line) for item in given.items())
        self._anchor(given.get("id", ""), line)
        if tag == "a" and given.get("name"):
            self.anchors.add(given["name"])
        if tag in EMBEDDING:
            self.embedded.append((tag, line))
        self._refer(tag, given, line)
        if tag in RAW:
            self._open = tag
        if tag == "script":
            self.scripts.append(Inline(given.get("type", ""), "", line))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Handle a self-closing SVG element, which opens nothing."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """End the element with raw text."""
        if tag == self._open:
            self._open = ""

    def handle_data(self, data: str) -> None:
        """Record text, and the content of scripts."""
        if self._open == "script":
            script = self.scripts.pop()
            self.scripts.append(script._replace(text=script.text + data))
        elif not self._open:
            self.texts.append((data, self.getpos()[0]))

    def _anchor(self, name: str, line: int) -> None:
        if name in self.anchors:
            self.repeated.append((name, line))
        if name:
            self.anchors.add(name)

    def _refer(self, tag: str, given: dict[str, str], line: int) -> None:
        fetching = bool(FETCHING & set(given.get("rel", "").lower().split()))
        for name in LINKS.get(tag, ()):
            if name in given:
                fetched = tag == "link" and fetching
                self.references.append(Reference(tag, given[name], fetched, line))
        for name in ASSETS.get(tag, ()):
            if name == "srcset":
                candidates = [part.split()[0] for part in given.get(name, "").split(",") if part]
            else:
                candidates = [given[name]] if name in given else []
            self.references.extend(Reference(tag, one, True, line) for one in candidates)


def decoded(text: str) -> str:
    """An attribute value as a browser reads it: without entities, spaces and control characters."""
    return "".join(sign for sign in unescape(text) if sign > " ").lower()
