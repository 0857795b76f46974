"""The catalogue: one message for each thing that is wrong, and the rest stands."""

import pytest

from generator.catalog.entries import InputSizes
from generator.catalog.reading import read_catalog
from generator.errors import UsageError

GOOD = """
[[architecture]]
id = "good"
name = "Good"
repo = "someone/good"
config = "good.json"
"""


def read(tmp_path, text):
    (tmp_path / "catalog.toml").write_text(text)
    (tmp_path / "good.json").write_text("{}")
    return read_catalog(tmp_path)


def test_a_good_entry(tmp_path):
    catalog = read(tmp_path, GOOD + "sizes = { batch = 2, text_tokens = 256 }\n")
    (entry,) = catalog.architectures
    assert entry.id == "good"
    assert entry.sizes == InputSizes(batch=2, text_tokens=256)
    assert catalog.refused == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("id =", "idd ="), "idd"),
        (('id = "bad"', 'id = "good"'), "taken"),
        (('id = "bad"', 'id = "../bad"'), "id"),
        (('id = "bad"', 'id = "Bad"'), "id"),
        (('id = "bad"', 'id = "con"'), "reserved"),
        (('id = "bad"', 'id = ".."'), "id"),
        (('id = "bad"', 'id = "<script>"'), "id"),
        (('id = "bad"', "id = 5"), "id"),
        (('"good.json"', '"gone.json"'), "missing"),
        (('"good.json"', '"../good.json"'), "outside"),
        (('"good.json"', '"/etc/hosts"'), "outside"),
        (('name = "Good"', 'name = ""'), "name"),
        (('name = "Good"', f'name = "{"x" * 5000}"'), "name"),
        (('name = "Good"', 'colour = "red"'), "colour"),
        (("[[architecture]]", "[[architecture]]\nsizes = { batch = 0 }"), "batch"),
        (("[[architecture]]", "[[architecture]]\nsizes = { batch = 1.5 }"), "batch"),
        (("[[architecture]]", "[[architecture]]\nsizes = { depth = 1 }"), "depth"),
    ],
)
def test_a_bad_entry_is_refused_by_itself(tmp_path, change, reason):
    bad = GOOD.replace('id = "good"', 'id = "bad"').replace(*change)
    catalog = read(tmp_path, GOOD + bad)
    assert [entry.id for entry in catalog.architectures] == ["good"]
    (refused,) = catalog.refused
    assert reason in str(refused.error)
    assert "catalog.toml" in str(refused.error)


CHECKPOINTS = """
[[checkpoint]]
id = "one"
path = "one.ckpt"

[[checkpoint]]
id = "other"
path = "other.ckpt"
"""
ENTRIES = {
    "group": 'name = "G"\nmembers = ["o*"]\nreference = "one"\n',
    "pair": 'name = "P"\na = "one"\nb = "other"\n',
    "archive": 'name = "A"\nfiles = ["a.json"]\n',
}


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_good_entry_of_each_kind(tmp_path, kind):
    catalog = read(tmp_path, f'{CHECKPOINTS}\n[[{kind}]]\nid = "x"\n{ENTRIES[kind]}')
    assert catalog.refused == ()
    (entry,) = getattr(catalog, f"{kind}s")
    assert entry.id == "x"


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("pair", ('b = "other"', 'b = "one"'), "compares 'one' with itself"),
        ("pair", ('b = "other"', 'b = "gone"'), "gone"),
        ("pair", ('b = "other"\n', ""), "`b`"),
        ("group", ('members = ["o*"]', "members = []"), "names no checkpoints"),
        ("group", ('reference = "one"', 'reference = "gone"'), "gone"),
        ("archive", ('files = ["a.json"]', "files = []"), "files"),
    ],
)
def test_a_bad_entry_of_each_kind(tmp_path, kind, change, reason):
    bad = f'[[{kind}]]\nid = "x"\n{ENTRIES[kind].replace(*change)}'
    assert bad.count(change[0]) == 0
    catalog = read(tmp_path, f"{CHECKPOINTS}\n{bad}")
    assert not getattr(catalog, f"{kind}s")
    assert len(catalog.checkpoints) == 2
    (refused,) = catalog.refused
    assert reason in str(refused.error)


@pytest.mark.parametrize(
    "text", ["[[architecture", "\x00", "architecture = 5", "[[network]]", "x=1"]
)
def test_a_file_that_is_no_catalogue_is_unusable(tmp_path, text):
    with pytest.raises(UsageError, match=r"catalog\.toml"):
        read(tmp_path, text)


def test_a_missing_catalogue_is_unusable(tmp_path):
    with pytest.raises(UsageError, match=r"catalog\.toml"):
        read_catalog(tmp_path)


def test_bad_utf8_is_unusable(tmp_path):
    (tmp_path / "catalog.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(UsageError, match=r"catalog\.toml"):
        read_catalog(tmp_path)
