"""Any path -> an open regular file, read at offsets, never memory-mapped.

A mapped file that shrinks kills the process with a signal, and page faults are slow on network
disks. `preadv` into an existing buffer avoids both.
"""

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol

from generator.errors import CheckpointError, UsageError

LONGEST_NAME = 80


def shown(name: str) -> str:
    """A name from a file on one line of a message: quoted, escaped, shortened in the middle."""
    if len(name) > LONGEST_NAME:
        half = LONGEST_NAME // 2
        name = f"{name[:half]}…{name[-half:]}"
    return ascii(name).replace("\\u2026", "…")


def name_error(path: Path) -> CheckpointError | None:
    """Why results, which are JSON and TOML, cannot name the file at `path`; None if they can."""
    with suppress(UnicodeEncodeError):
        str(path).encode()
        return None
    try:
        os.fsencode(path).decode()
    except UnicodeError:
        return CheckpointError(str(path), "name_not_utf8")
    # A fine name, which Python was told to take for another encoding.
    return CheckpointError(str(path), "locale_not_utf8", encoding=sys.getfilesystemencoding())


class Readable(Protocol):
    """A file whose header can be read: its path, its size in bytes, and when it was modified."""

    path: Path
    size: int
    modified: int

    def read(self, offset: int, size: int) -> bytes:
        """`size` bytes from `offset`. Raises `CheckpointError` if there are fewer."""


class WeightFile:
    """An open regular file; a context manager.

    Raises:
        CheckpointError: the path is missing, a loop of links or not a regular file (a pipe,
            device or folder), its path is not UTF-8, or the file may not be read.
        UsageError: too many files are open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # Without O_NONBLOCK, opening a pipe would block.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        if error := name_error(path):
            raise error
        try:
            # Before opening: opening a device can have side effects.
            _require_regular(path, path.stat())
            self._handle = os.open(path, flags)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
                # The fault is the limit, not the file.
                limit = f"cannot be opened ({error.strerror})"
                raise UsageError(str(path), limit, "Raise the limit (ulimit -n)") from error
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise CheckpointError(str(path), "not_opened", why=reason or "") from error
        try:
            status = os.fstat(self._handle)
            _require_regular(path, status)
        except CheckpointError:
            os.close(self._handle)
            raise
        self.size = status.st_size
        self.modified = status.st_mtime_ns

    def __enter__(self) -> "WeightFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._handle)

    def require_unchanged(self, size: int, modified: int) -> None:
        """Raise `CheckpointError` unless the file still has this size and time of modification."""
        status = os.fstat(self._handle)
        if (status.st_size, status.st_mtime_ns) != (size, modified):
            raise CheckpointError(str(self.path), "changed")

    def read_into(self, buffer: memoryview, offset: int) -> None:
        """Fill `buffer` from `offset`.

        Raises:
            CheckpointError: the file is shorter (it shrank while it was read), or reading fails.
        """
        done = 0
        while done < len(buffer):
            try:
                count = _read_at(self._handle, buffer[done:], offset + done)
            except OSError as error:
                raise CheckpointError(
                    str(self.path), "not_read", offset=offset + done, why=error.strerror or ""
                ) from error
            if count == 0:
                raise CheckpointError(
                    str(self.path), "shrank", offset=offset + done, size=self.size
                )
            done += count

    def read(self, offset: int, size: int) -> bytes:
        """`size` bytes from `offset`; see `read_into`."""
        buffer = bytearray(size)
        self.read_into(memoryview(buffer), offset)
        return bytes(buffer)


def _require_regular(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = "folder" if stat.S_ISDIR(status.st_mode) else "special_file"
        raise CheckpointError(str(path), "not_weights", format=kind)


if hasattr(os, "preadv"):

    def _read_at(handle: int, buffer: memoryview, offset: int) -> int:
        return os.preadv(handle, [buffer], offset)

else:  # Windows has no reads at an offset.

    def _read_at(handle: int, buffer: memoryview, offset: int) -> int:
        os.lseek(handle, offset, os.SEEK_SET)
        with os.fdopen(handle, "rb", buffering=0, closefd=False) as file:
            return file.readinto(buffer) or 0
