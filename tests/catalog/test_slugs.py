"""Names of checkpoints become safe and unique ids."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.catalog.entries import ID_PATTERN, RESERVED_IDS
from generator.catalog.slugs import slug

HOSTILE = [
    "<script>alert(1)</script>",
    '"]; x [URL="javascript:alert(1)"]',
    "[a](javascript:alert(1))",
    "{{7*7}}",
    "a | b | `c`",
    "x" * 5000,
    "\u202egnp.exe",
    "CON",
    "con",
    "nul.safetensors",
    "index",
    "..",
    "../../etc/passwd",
    "",
    ".hidden",
    "-rf",
    "モデル",
    "a\0b",
    "\ud800",
]


def is_safe(text):
    return re.match(ID_PATTERN, text) and text not in RESERVED_IDS


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name):
    assert is_safe(slug(name))


@given(st.text())
def test_any_name(name):
    assert is_safe(slug(name))
    assert slug(name) == slug(name)


def test_a_name_that_is_an_id_stays():
    assert slug("demo-tune-1") == "demo-tune-1"


def test_names_that_differ_in_case_differ():
    assert len({slug(name) for name in ("Model", "model", "MODEL", "mOdel", "model ")}) == 5


def test_other_ids_are_not_taken_again():
    taken = [slug("Model")]
    for _ in range(5):
        taken.append(slug("Model", taken))
    assert len(set(taken)) == 6
    assert slug("model", {"model"}) != "model"


def test_all_hostile_names_are_told_apart():
    assert len({slug(name) for name in HOSTILE}) == len(HOSTILE)
