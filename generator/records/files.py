"""Files of one folder that change as a set: all or none, even if the writer is stopped.

New contents are written under temporary names. One rename then puts a journal in place, which lists
which of them replace which files: from then on the new set counts. Readers use the journal, so they
never see a mixture; the next writer finishes the renames. Without a journal the old set counts and
the temporary files are litter.
"""

import os
import stat
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from generator.errors import CannotWrite
from generator.records.base import Record

TEMPORARY_PREFIX = ".tmp-"
JOURNAL = ".journal"
# Windows refuses to replace a file while a reader has it open: seconds to wait between tries.
PAUSES = (0.01, 0.05, 0.1, 0.5, 1.0)


class Journal(Record):
    """A set of changes that counts: file -> temporary file that replaces it, and files to remove.

    A missing temporary file has already replaced its file.
    """

    replace: dict[str, str]
    remove: tuple[str, ...]


def write_file(path: Path, content: bytes) -> None:
    """Put `content` at `path`, completely or not at all.

    Raises:
        CannotWrite: it cannot be written there.
    """
    change(path.parent, {path.name: content})


def check_writable(path: Path) -> None:
    """Check, before work whose result goes to `path`, that `write_file` can put it there.

    Raises:
        CannotWrite: it cannot.
    """
    with _writable(path):
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(path.stat().st_mode):
                # A rename would replace a device, such as /dev/null, for all programs.
                raise CannotWrite(str(path), "cannot be written (not a regular file)")
        folder = next(parent for parent in path.absolute().parents if parent.exists())
        tempfile.TemporaryFile(prefix=TEMPORARY_PREFIX, dir=folder).close()


def change(folder: Path, contents: Mapping[str, bytes], remove: Collection[str] = ()) -> None:
    """Replace the files of `folder` that `contents` names, and remove others, as one set.

    Raises:
        CannotWrite: they cannot be written there.
    """
    subject = folder / next(iter(contents)) if len(contents) == 1 else folder
    with _writable(subject):
        folder.mkdir(parents=True, exist_ok=True)
        finish(folder)
        temporary: list[str] = []
        try:
            for content in contents.values():
                temporary.append(_write_temporary(folder, content))
            journal = Journal(
                replace=dict(zip(contents, temporary, strict=True)), remove=tuple(sorted(remove))
            )
            if len(contents) + len(remove) == 1:
                _carry_out(folder, journal)
                return
            _sync_folder(folder)
            temporary.append(_write_temporary(folder, msgspec.json.encode(journal)))
            _replace(folder / temporary[-1], folder / JOURNAL)
            _sync_folder(folder)
        except BaseException:
            # The journal first: while it exists, the temporary files count.
            for name in (JOURNAL, *temporary):
                (folder / name).unlink(missing_ok=True)
            raise
        _carry_out(folder, journal)


def finish(folder: Path) -> None:
    """Carry out the changes of a writer that was stopped midway."""
    if journal := _read_journal(folder):
        _carry_out(folder, journal)


def recover(folder: Path) -> None:
    """Finish the changes of a stopped writer in `folder`, and remove its temporary files."""
    finish(folder)
    sweep(folder)


def sweep(folder: Path) -> None:
    """Remove temporary files that a stopped writer left in `folder`."""
    for leftover in folder.glob(f"{TEMPORARY_PREFIX}*"):
        leftover.unlink(missing_ok=True)


def names(folder: Path) -> set[str]:
    """Names of the files in `folder`, without a writer's working files."""
    journal = _read_journal(folder)
    there = {path.name for path in folder.glob("*") if path.is_file()}
    if journal:
        there = there.union(journal.replace).difference(journal.remove)
    return {name for name in there if not name.startswith((TEMPORARY_PREFIX, JOURNAL))}


def read(folder: Path, name: str) -> bytes:
    """Content of one file of `folder`, as of the last complete change.

    Raises:
        FileNotFoundError: it is not there.
    """
    journal = _read_journal(folder)
    if journal and name in journal.remove:
        raise FileNotFoundError(name)
    if journal and name in journal.replace:
        with suppress(FileNotFoundError):
            return (folder / journal.replace[name]).read_bytes()
    return (folder / name).read_bytes()


def _read_journal(folder: Path) -> Journal | None:
    """The journal, if there is one; a file that this program did not write is ignored."""
    try:
        journal = msgspec.json.decode((folder / JOURNAL).read_bytes(), type=Journal)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    touched = (*journal.replace, *journal.replace.values(), *journal.remove)
    # A name with a folder in it would reach outside.
    return journal if all(Path(name).name == name for name in touched) else None


def _carry_out(folder: Path, journal: Journal) -> None:
    for name, temporary in journal.replace.items():
        with suppress(FileNotFoundError):
            _replace(folder / temporary, folder / name)
    for name in journal.remove:
        (folder / name).unlink(missing_ok=True)
    (folder / JOURNAL).unlink(missing_ok=True)


def _write_temporary(folder: Path, content: bytes) -> str:
    handle, temporary = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; these will be published.
        Path(temporary).chmod(0o644)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return Path(temporary).name


def _replace(source: Path, target: Path) -> None:
    for pause in PAUSES:
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    source.replace(target)


def _sync_folder(folder: Path) -> None:
    """Make sure that the names in `folder` reach the disk in order; Windows does so anyway."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _writable(subject: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(
            str(subject),
            f"cannot be written ({error.strerror})",
            "Files written before are unchanged. Fix this and run the command again",
        ) from error
