"""Versions of libraries, as records keep them."""

import importlib.metadata

import pytest

from generator.errors import MissingExtra
from generator.records import versions


def test_versions_without_the_tag_of_a_build(monkeypatch):
    monkeypatch.setattr(versions, "DECIDING", {"networks": ("torch", "x")})
    monkeypatch.setattr(importlib.metadata, "version", {"torch": "2.13.0+cpu", "x": "1.0"}.get)
    assert versions.library_versions("networks", "sd1") == {"torch": "2.13.0", "x": "1.0"}


def test_a_library_that_is_missing(monkeypatch):
    monkeypatch.setattr(versions, "DECIDING", {"text": ("numpy", "no-such-library")})
    assert versions.installed_versions("text") is None
    said = r"^words: needs the extra 'text', .*\. Install it with: pip install .*\[text\]'$"
    with pytest.raises(MissingExtra, match=said):
        versions.library_versions("text", "words")
