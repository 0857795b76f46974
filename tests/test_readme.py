"""The README of the package names rooms, functions and types that exist."""

import importlib
import inspect
import re
from pathlib import Path

import pytest
from test_layers import ALLOWED

PACKAGE = Path(__file__).parents[1] / "generator"
TEXT = (PACKAGE / "README.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`([^`]+)`", TEXT)))
PATHS = [name for name in NAMES if "/" in name]


def resolve(name: str) -> object:
    """The module, function or class `name`, relative to the package."""
    parts = name.removeprefix("generator.").split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["generator", *parts[:length]]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            found = getattr(found, attribute)
        return found
    raise LookupError(name)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PATHS])
def test_each_name_exists(name):
    assert resolve(name)


@pytest.mark.parametrize("path", PATHS)
def test_each_path_exists(path):
    assert (PACKAGE.parent / path).exists()


def test_all_rooms_are_drawn():
    drawing = TEXT.split("##")[0]
    assert set(ALLOWED) <= set(re.findall(r"[a-z]+", drawing))


def test_a_number_passes_through_eight_types_at_most():
    rows = re.findall(r"^\|.*\| `([\w.]+)` \| `([\w.]+)` \|$", TEXT, re.MULTILINE)
    functions, types = zip(*rows, strict=True)
    assert all(map(inspect.isfunction, map(resolve, functions)))
    assert all(map(inspect.isclass, map(resolve, types)))
    assert len(set(types)) == len(types) <= 8


def test_a_name_that_is_gone_is_noticed():
    with pytest.raises((LookupError, AttributeError)):
        resolve("distances.pair.no_such_function")
