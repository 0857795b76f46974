"""One writer at a time in `data/`: a lock that the system releases when its holder dies."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from generator.errors import CannotWrite, UsageError
from generator.records import files
from generator.records.base import Record

LOCK = ".lock"
# Beside the lock: Windows does not allow a locked file to be read.
HOLDER = ".lock-holder"


class Holder(Record):
    """The holder of a lock: process and computer, and since when (UTC)."""

    process: int
    host: str
    since: str


@contextmanager
def only_writer(data: Path, patience: float = 0.0) -> Iterator[None]:
    """Be the only process that writes in `data`; first finish the changes of a killed writer.

    Waits up to `patience` seconds for another writer to end.

    Raises:
        UsageError: another process writes there, or the folder cannot be written.
    """
    if not data.is_dir():
        raise UsageError(str(data), "is not a folder", "Name the folder of the catalogue: --data")
    lock = FileLock(data / LOCK)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        advice = "Wait until it ends, or stop it. Nothing was changed"
        reason = f"another atlas command is writing there{_held_by(data)}"
        raise UsageError(str(data), reason, advice) from None
    except OSError as error:
        raise CannotWrite(str(data), f"cannot be written ({error.strerror})") from error
    try:
        holder = Holder(
            process=os.getpid(),
            host=socket.gethostname(),
            since=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        )
        files.write_file(data / HOLDER, msgspec.json.encode(holder))
        for folder in (data, *(path for path in sorted(data.iterdir()) if path.is_dir())):
            files.recover(folder)
        yield
    finally:
        with suppress(OSError):
            (data / HOLDER).unlink(missing_ok=True)
        lock.release()


def _held_by(data: Path) -> str:
    try:
        holder = msgspec.json.decode((data / HOLDER).read_bytes(), type=Holder)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return f" (process {holder.process} on {holder.host}, since {holder.since} UTC)"
