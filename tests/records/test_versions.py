"""Versions of libraries, as records keep them."""

import importlib.metadata

import pytest

from generator.errors import MissingExtra
from generator.records.versions import Libraries, installed_versions, library_versions


def test_versions_without_the_tag_of_a_build(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", {"torch": "2.13.0+cpu", "x": "1.0"}.get)
    found = library_versions(Libraries("networks", ("torch", "x")), "sd1")
    assert found == {"torch": "2.13.0", "x": "1.0"}


def test_a_library_that_is_missing():
    libraries = Libraries("text", ("numpy", "no-such-library"))
    assert installed_versions(libraries) is None
    said = r"^words: needs the extra 'text', .*\. Install it with: pip install .*\[text\]'$"
    with pytest.raises(MissingExtra, match=said):
        library_versions(libraries, "words")
