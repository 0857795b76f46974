"""Versions of libraries, as records keep them."""

import importlib.metadata

import pytest

from generator.errors import UsageError
from generator.records.versions import library_versions


def test_versions_without_the_tag_of_a_build(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", {"torch": "2.13.0+cpu", "x": "1.0"}.get)
    assert library_versions(["torch", "x"]) == {"torch": "2.13.0", "x": "1.0"}


def test_a_library_that_is_missing():
    with pytest.raises(UsageError, match=r"the package no-such-library: is not installed\. pip"):
        library_versions(["numpy", "no-such-library"])
