"""Atomic, deterministic reading and writing of `data/`, and the digests that say what is fresh.

A result is one JSON record and the files that belong to it. The files are written first and the
record last, each under a temporary name that is then renamed over the old one: whoever is stopped
in the middle leaves old or new files, never half ones. The record carries the SHA-256 of each of
its files and of itself, so that a file changed by hand is noticed.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from generator.errors import DamagedRecord, UsageError
from generator.records import ResultRecord

Result = TypeVar("Result", bound=ResultRecord)

# Not a result of its own: what was refused, beside the results. No entry may have this id.
REFUSED = "refused"

TEMPORARY_PREFIX = ".tmp-"


def digest(*parts: object) -> str:
    """SHA-256 of the canonical JSON of `parts`: equal for equal content, in any process."""
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


def encode(record: msgspec.Struct) -> bytes:
    """Readable JSON, fields in the order of their declaration, mappings sorted by key."""
    return msgspec.json.format(msgspec.json.encode(record, order="deterministic"), indent=1) + b"\n"


def write_file(path: Path, content: bytes) -> None:
    """Put `content` at `path`, whole or not at all.

    Raises:
        UsageError: it cannot be written there, for want of space or otherwise.
    """
    try:
        _write_file(path, content)
    except OSError as error:
        raise UsageError(
            str(path),
            f"cannot be written ({error.strerror})",
            "What was written before is whole: run again once this is mended",
        ) from error


def _write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; these are to be published.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_result(
    folder: Path, result: Result, files: Mapping[str, bytes], made_from: str
) -> Result:
    """Write `files` and then the record `ID.json` into `folder`; return the record as written.

    `made_from` is the digest of everything that the result depends on.
    """
    for name, content in sorted(files.items()):
        write_file(folder / name, content)
    sealed = _seal(
        msgspec.structs.replace(
            result,
            digest=made_from,
            files={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        )
    )
    write_file(folder / f"{result.id}.json", encode(sealed))
    return sealed


def read_result(path: Path, kind: type[Result]) -> Result:
    """Read the record at `path` and check it and all its files.

    Raises:
        DamagedRecord: the record or one of its files is missing, half written, of another schema,
            or not what was written.
    """
    try:
        result = msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        raise _damaged(path, "is missing") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(path, f"is not a record of this version ({error})") from error
    if _seal(result).checksum != result.checksum or path.stem != result.id:
        raise _damaged(path, "is not what was written")
    for name, expected in result.files.items():
        file = path.parent / name
        if Path(name).name != name or not file.is_file():
            raise _damaged(file, "is missing")
        if hashlib.sha256(file.read_bytes()).hexdigest() != expected:
            raise _damaged(file, "is not what was written")
    return result


def read_results(folder: Path, kind: type[Result]) -> list[Result]:
    """All results of `folder`, by file name. Raises `DamagedRecord` for the first bad one."""
    return [read_result(folder / f"{identity}.json", kind) for identity in result_ids(folder)]


def result_ids(folder: Path) -> list[str]:
    """Ids of the results that lie in `folder`, whole or not."""
    return sorted(path.stem for path in folder.glob("*.json") if path.stem != REFUSED)


def sweep(folder: Path) -> None:
    """Remove the temporary files that a killed process left in `folder`."""
    for leftover in folder.glob(f"{TEMPORARY_PREFIX}*"):
        leftover.unlink(missing_ok=True)


def _seal(result: Result) -> Result:
    blank = msgspec.structs.replace(result, checksum="")
    return msgspec.structs.replace(result, checksum=hashlib.sha256(encode(blank)).hexdigest())


def _damaged(path: Path, reason: str) -> DamagedRecord:
    return DamagedRecord(str(path), reason, "`atlas measure` makes it again")
