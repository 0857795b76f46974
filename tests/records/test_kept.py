"""What is kept for the next process is what would be made again, wherever it can be written."""

import errno
import os
from pathlib import Path

import pytest

from generator.records.kept import kept


class Making:
    """Counts how often something is made."""

    def __init__(self, content: bytes = b"machine code") -> None:
        self.times = 0
        self.content = content

    def __call__(self) -> bytes:
        self.times += 1
        return self.content


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """The user's cache on each system."""
    home = tmp_path / "home"
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    return home


def cannot_be_written(folder: Path) -> None:
    """Where a file has its name, no folder can be made: not even by an administrator."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_bytes(b"")


def test_it_is_made_once(tmp_path):
    make = Making()
    for _ in range(3):
        assert kept(tmp_path / "a.py", "loop", b"source", make) == b"machine code"
    assert make.times == 1
    assert len([*(tmp_path / "__pycache__").iterdir()]) == 1


@pytest.mark.parametrize(
    "changed", [{"source": "b.py"}, {"name": "other"}, {"made_of": b"another source"}]
)
def test_what_is_made_of_something_else_is_made_anew(tmp_path, changed):
    told = {"source": "a.py", "name": "loop", "made_of": b"source"}
    for each in (told, told | changed):
        make = Making(repr(each).encode())
        source = tmp_path / each["source"]
        assert kept(source, each["name"], each["made_of"], make) == make.content
        assert make.times == 1


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:-9], lambda raw: raw.replace(b"machine code", b"MADE")]
)
def test_a_damaged_file_is_made_again(tmp_path, damage):
    kept(tmp_path / "a.py", "loop", b"source", Making())
    (file,) = (tmp_path / "__pycache__").iterdir()
    file.write_bytes(damage(file.read_bytes()))
    make = Making()
    assert kept(tmp_path / "a.py", "loop", b"source", make) == b"machine code"
    assert make.times == 1
    assert kept(tmp_path / "a.py", "loop", b"source", make) == b"machine code"
    assert make.times == 1


def test_where_the_program_cannot_be_written_the_users_cache_is_used(tmp_path, cache):
    cannot_be_written(tmp_path / "__pycache__")
    make = Making()
    for _ in range(2):
        assert kept(tmp_path / "a.py", "loop", b"source", make) == b"machine code"
    assert make.times == 1
    assert [path for path in cache.rglob("*") if path.is_file()]


def test_where_nothing_can_be_written_it_is_made_each_time(tmp_path, cache):
    cannot_be_written(tmp_path / "__pycache__")
    cannot_be_written(cache)
    make = Making()
    for _ in range(2):
        assert kept(tmp_path / "a.py", "loop", b"source", make) == b"machine code"
    assert make.times == 2


def test_a_full_disk_keeps_nothing_and_disturbs_nobody(tmp_path, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert kept(tmp_path / "a.py", "loop", b"source", Making()) == b"machine code"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
