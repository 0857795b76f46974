"""A writer that is killed at each of its write points, one after the other."""

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

# What Python tells its audit hooks before it changes a file system.
CHANGES = ("os.rename", "os.remove", "os.chmod", "os.mkdir", "os.rmdir", "tempfile.mkstemp")
KILLED = 9


def killed_at_each_write(folder: Path, prepare: Callable[[], None], write: Callable[[], None]):
    """Run `prepare`, then `write` in a process that dies just before its first change of `folder`;
    yield; again with the second; and so on until `write` ends of itself.

    `os._exit` runs no handler, as SIGKILL does not. Yields the number of the change.
    """
    number = 0
    while True:
        prepare()
        number += 1
        child = os.fork()
        if child == 0:
            _die_at(folder, number, write)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            return
        assert code == KILLED, f"the writer failed with {code}"
        yield number


def _die_at(folder: Path, number: int, write: Callable[[], None]) -> NoReturn:
    left = number

    def count() -> None:
        nonlocal left
        left -= 1
        if not left:
            os._exit(KILLED)

    def hook(event: str, arguments: tuple) -> None:
        opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
        if (opened or event in CHANGES) and str(folder) in str(arguments[0]):
            count()

    sync = os.fsync

    def counted_sync(handle: int) -> None:
        # Contents may be written, but have no name yet.
        count()
        sync(handle)

    os.fsync = counted_sync
    sys.addaudithook(hook)
    code = 1
    try:
        write()
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)


def contents(folder: Path) -> dict[str, bytes]:
    """Files of a folder and below that are results, not what writers work with."""
    return dict(_contents(folder))


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path.relative_to(folder).as_posix(), path.read_bytes()
