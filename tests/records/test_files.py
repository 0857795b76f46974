"""Sets of files: the old or the new one, whenever the writer is killed. One writer at a time."""

import errno
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from kills import contents, killed_at_each_write

from generator.errors import DamagedRecord, UsageError
from generator.records import Benchmarks, files, lock, store

OLD = {"a.json": b"old a", "a.table": b"old table", "a.gone": b"only in the old set"}
NEW = {"a.json": b"new a", "a.table": b"new, longer table", "a.more": b"only in the new set"}
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


def seen(folder: Path) -> dict[str, bytes]:
    """What a reader sees."""
    return {name: files.read(folder, name) for name in files.names(folder)}


def write_new(folder: Path) -> None:
    files.change(folder, NEW, {"a.gone"})


@pytest.fixture
def folder(tmp_path) -> Path:
    files.change(tmp_path / "set", OLD)
    return tmp_path / "set"


def test_a_set_is_replaced(folder):
    assert seen(folder) == contents(folder) == OLD
    write_new(folder)
    assert seen(folder) == contents(folder) == NEW
    assert {path.name for path in folder.iterdir()} == NEW.keys()


@pytest.mark.parametrize(
    "write", [write_new, lambda folder: files.write_file(folder / "a.json", NEW["a.json"])]
)
def test_a_file_is_replaced_by_another_and_never_written_over(folder, write):
    """Whoever has the old one open goes on reading it: here, by a second name."""
    os.link(folder / "a.json", folder.parent / "old")
    write(folder)
    assert (folder / "a.json").read_bytes() == NEW["a.json"]
    assert (folder.parent / "old").read_bytes() == OLD["a.json"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no handles of folders")
def test_names_reach_the_disk_before_and_after_the_journal(folder, monkeypatch):
    synced = []

    def sync(handle):
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"
        synced.append((kind, (folder / files.JOURNAL).exists()))

    monkeypatch.setattr(os, "fsync", sync)
    write_new(folder)
    # Three files, their names, the journal, and its name.
    contents = [("file", False)] * len(NEW)
    assert synced == [*contents, ("folder", False), ("file", False), ("folder", True)]


@needs_fork
def test_killed_at_any_write_a_reader_sees_one_whole_set(folder):
    def prepare() -> None:
        shutil.rmtree(folder)
        files.change(folder, OLD)

    states = []
    for number in killed_at_each_write(folder, prepare, lambda: write_new(folder)):
        found = seen(folder)
        assert found in (OLD, NEW), f"a mixture after write {number}"
        states.append(found == NEW)
        # The next writer ends it, and leaves nothing behind.
        files.recover(folder)
        assert contents(folder) == found
        assert {path.name for path in folder.iterdir()} == found.keys()
    # Not always one of them, and never back to the old.
    assert states == sorted(states)
    assert len(states) > 15
    assert 0 < sum(states) < len(states)


@needs_fork
def test_killed_while_it_finishes_another_s_work(folder):
    def prepare() -> None:
        shutil.rmtree(folder)
        files.change(folder, OLD)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(files, "_carry_out", lambda *_: None)
            write_new(folder)

    for _ in killed_at_each_write(folder, prepare, lambda: files.recover(folder)):
        assert seen(folder) == NEW


@pytest.mark.parametrize(
    "journal",
    [
        b"",
        b"{",
        b'{"replace":{"../out":"a.json"},"remove":[]}',
        b'{"replace":{},"remove":["../out"]}',
        b'{"replace":{"a.json":"../out"},"remove":[]}',
    ],
)
def test_a_journal_of_somebody_else_changes_nothing(folder, journal):
    (folder.parent / "out").write_bytes(b"outside")
    (folder / files.JOURNAL).write_bytes(journal)
    assert seen(folder) == OLD
    files.recover(folder)
    assert contents(folder) == OLD
    assert (folder.parent / "out").read_bytes() == b"outside"
    write_new(folder)
    assert contents(folder) == NEW


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_disk_that_is_full_leaves_the_old_set(folder, monkeypatch, function):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    with monkeypatch.context() as patched:
        patched.setattr(os, function, full)
        with pytest.raises(UsageError, match=r"set: cannot be written \(disk full\)"):
            write_new(folder)
    assert seen(folder) == contents(folder) == OLD
    assert {path.name for path in folder.iterdir()} == OLD.keys()


def test_folders_on_the_way_are_made(tmp_path):
    files.write_file(tmp_path / "a" / "b" / "c.json", b"x")
    assert files.read(tmp_path / "a" / "b", "c.json") == b"x"


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="cannot be written"):
        files.change(tmp_path / "file" / "set", OLD)


def test_a_file_that_a_reader_has_open_is_replaced_once_it_is_closed(folder, monkeypatch):
    replace, refusals = Path.replace, [PermissionError(13, "in use")] * 3

    def as_on_windows(source: Path, target: Path) -> Path:
        if refusals:
            raise refusals.pop()
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", as_on_windows)
    write_new(folder)
    assert contents(folder) == NEW


def test_a_file_that_stays_open_is_told_and_left_as_it_was(folder, monkeypatch):
    def in_use(*_: object) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(files.time, "sleep", lambda _: None)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", in_use)
        with pytest.raises(UsageError, match=r"a\.json: cannot be written \(in use\)"):
            files.write_file(folder / "a.json", NEW["a.json"])
    assert (folder / "a.json").read_bytes() == OLD["a.json"]


def test_a_reader_beside_a_writer_sees_whole_results(tmp_path):
    """Hundreds of changes of one result, whose record and table must always agree."""

    def write(number: int) -> None:
        table = {"benchmarks.table": str(number).encode() * 100}
        store.write_result(tmp_path, Benchmarks(id="benchmarks", benches={}), table, str(number))

    stop = threading.Event()

    def go_on() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            write(number)

    write(0)
    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        for _ in range(200):
            found = store.load(tmp_path / "benchmarks.json", Benchmarks)
            assert found.files["benchmarks.table"] == found.record.digest.encode() * 100
    finally:
        stop.set()
        writer.join()


def test_damage_is_still_named(tmp_path):
    store.write_result(
        tmp_path, Benchmarks(id="benchmarks", benches={}), {"benchmarks.table": b"x"}, ""
    )
    (tmp_path / "benchmarks.table").write_bytes(b"y")
    with pytest.raises(DamagedRecord, match="table: is not what was written"):
        store.load(tmp_path / "benchmarks.json", Benchmarks)


def test_what_can_be_written_is_told_before_the_work_and_nothing_is_left(tmp_path):
    files.check_writable(tmp_path / "new" / "out.json")
    (tmp_path / "out.json").write_bytes(b"old")
    files.check_writable(tmp_path / "out.json")
    assert contents(tmp_path) == {"out.json": b"old"}


def test_what_a_rename_would_replace_for_all_programs_is_refused(tmp_path):
    (tmp_path / "set").mkdir()
    with pytest.raises(UsageError, match=r"set: cannot be written \(not a regular file\)$"):
        files.check_writable(tmp_path / "set")


def test_a_folder_that_takes_no_files_is_told_before_the_work(tmp_path, monkeypatch):
    """Root may write everywhere: so the system's answer is made up, for this folder alone."""
    make = files.tempfile.TemporaryFile

    def refused(*, prefix, dir):
        if dir == tmp_path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return make(prefix=prefix, dir=dir)

    monkeypatch.setattr(files.tempfile, "TemporaryFile", refused)
    with pytest.raises(UsageError, match=r"out\.json: cannot be written \(Permission denied\)"):
        files.check_writable(tmp_path / "a" / "out.json")


HOLD = """
import sys
from pathlib import Path
from generator.records.lock import only_writer
with only_writer(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_lock_that_is_held_names_its_holder(tmp_path, holder):
    with pytest.raises(UsageError) as refused, lock.only_writer(tmp_path):
        pass
    assert f"process {holder.pid} on " in str(refused.value)
    assert "UTC" in str(refused.value)
    assert "Wait until it ends" in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_lock_of_the_dead_is_free(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert (tmp_path / lock.HOLDER).exists()
    with lock.only_writer(tmp_path):
        pass
    assert not (tmp_path / lock.HOLDER).exists()


def test_a_writer_finishes_what_a_killed_one_left(tmp_path, monkeypatch):
    folder = tmp_path / "set"
    files.change(folder, OLD)
    (folder / f"{files.TEMPORARY_PREFIX}litter").write_bytes(b"half")
    with monkeypatch.context() as patched:
        patched.setattr(files, "_carry_out", lambda *_: None)
        write_new(folder)
    with lock.only_writer(tmp_path):
        assert contents(folder) == NEW
        assert {path.name for path in folder.iterdir()} == NEW.keys()


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(UsageError, match="nowhere"), lock.only_writer(tmp_path / "nowhere"):
        pass
    assert not (tmp_path / "nowhere").exists()
