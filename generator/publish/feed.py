"""The changelog -> a feed of what is new (Atom, RFC 4287).

An entry is a section with a date, of Keep a Changelog: `## 1.2.0 - 2026-11-28`. Ids depend on the
version alone, links start at the feed, and no clock is read: the same changelog gives the same
bytes.
"""

import re
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from generator.records import Record
from generator.text.citation import DESCRIPTION
from generator.text.escaping import plain

FEED = "feed.xml"
ATOM = "http://www.w3.org/2005/Atom"
NAME = "urn:diffusion-atlas:changes"
# Of a feed without entries, which also has to say when it was updated.
NEVER = "1970-01-01"
_SECTION = re.compile(r"^## \[?([^\]\n]+?)\]? - (\d{4}-\d\d-\d\d)$", re.M)


class Release(Record):
    """What changed in one version, as plain text."""

    version: str
    date: str
    text: str


def changes(changelog: str) -> tuple[Release, ...]:
    """The sections with a date, in the order of the changelog, which is the newest first."""
    _, *parts = _SECTION.split(changelog)
    return tuple(
        Release(version=version, date=date, text=text.partition("\n## ")[0].strip())
        for version, date, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    )


def feed(changelog: str) -> bytes:
    """The feed, as the content of an XML file."""
    found = changes(changelog)
    root = Element("feed", xmlns=ATOM)
    _said(root, NAME, "Diffusion Atlas: what is new", found[0].date if found else NEVER)
    SubElement(root, "subtitle").text = DESCRIPTION
    SubElement(root, "link", rel="self", href=FEED)
    SubElement(root, "link", rel="alternate", type="text/html", href="changes.html")
    SubElement(SubElement(root, "author"), "name").text = "The Diffusion Atlas contributors"
    for one in found:
        entry = SubElement(root, "entry")
        _said(entry, f"{NAME}:{one.version}", f"Diffusion Atlas: {one.version}", one.date)
        SubElement(entry, "link", rel="alternate", type="text/html", href="changes.html")
        SubElement(entry, "content", type="text").text = plain(one.text)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _said(parent: Element, name: str, title: str, date: str) -> None:
    SubElement(parent, "id").text = f"urn:uuid:{uuid5(NAMESPACE_URL, name)}"
    SubElement(parent, "title").text = plain(title)
    SubElement(parent, "updated").text = f"{date}T00:00:00Z"
