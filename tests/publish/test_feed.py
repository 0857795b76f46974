"""The changelog as an Atom feed, read by the standard library."""

import re
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

from generator.publish.feed import changes, feed

ROOT = Path(__file__).parents[2]
ATOM = "{http://www.w3.org/2005/Atom}"
CHANGELOG = """# Changelog

## Next

- Not dated.

## [0.2.0] - 2026-02-03

### Added

- <b>&amp;</b> \u202eturned\x00

## 0.1.0 - 2025-12-31

- First.
"""


def read(changelog):
    return ElementTree.fromstring(feed(changelog))


def test_an_entry_is_a_section_with_a_date():
    assert [(one.version, one.date) for one in changes(CHANGELOG)] == [
        ("0.2.0", "2026-02-03"),
        ("0.1.0", "2025-12-31"),
    ]
    assert changes(CHANGELOG)[1].text == "- First."


def test_the_feed_has_what_atom_requires():
    root = read(CHANGELOG)
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 2
    names = []
    for one in (root, *entries):
        name = one.find(f"{ATOM}id").text
        assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name)
        names.append(name)
        assert one.find(f"{ATOM}title").text
        assert datetime.fromisoformat(one.find(f"{ATOM}updated").text).tzinfo
    assert len(set(names)) == 3
    assert root.find(f"{ATOM}updated").text == entries[0].find(f"{ATOM}updated").text
    assert root.find(f"{ATOM}author/{ATOM}name").text
    assert {link.get("rel") for link in root.findall(f"{ATOM}link")} == {"self", "alternate"}


def test_the_same_changelog_gives_the_same_bytes_and_hostile_texts_are_texts():
    assert feed(CHANGELOG) == feed(CHANGELOG)
    (content, _) = read(CHANGELOG).iter(f"{ATOM}content")
    assert content.get("type") == "text"
    assert content.text.endswith("- <b>&amp;</b> [U+202E]turned\N{REPLACEMENT CHARACTER}")
    assert len(content) == 0


def test_a_changelog_without_dates_is_a_feed_without_entries():
    root = read("# Changes\n")
    assert root.find(f"{ATOM}updated").text
    assert root.findall(f"{ATOM}entry") == []


def test_the_changelog_of_this_program_has_an_entry():
    assert changes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
