"""Records of `data/` <-> files: written as one set with the files beside them, checked when read.

A record carries the SHA-256 of each of its files and of itself, so manual edits are detected, and
its `schema`, so that records of other versions of this program are not misread.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import msgspec

from generator.errors import DamagedRecord, NewerRecord, OlderRecord
from generator.records import ResultRecord, files

Result = TypeVar("Result", bound=ResultRecord)

# Not a result: it lists refusals, beside the results. No entry can have this id.
REFUSED = "refused"
MEASURE = "`atlas measure` makes it again"


class StoredResult(NamedTuple, Generic[Result]):
    """A record, and the content of all files of the set by name, its own JSON included."""

    record: Result
    files: dict[str, bytes]


class _Versioned(msgspec.Struct):
    """The part of a record that shows its version."""

    schema: int


def digest(*parts: object) -> str:
    """SHA-256 of the canonical JSON of `parts`: equal for equal content, in any process."""
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


def encode(record: msgspec.Struct) -> bytes:
    """Readable JSON, fields in the order of their declaration, mappings sorted by key."""
    return msgspec.json.format(msgspec.json.encode(record, order="deterministic"), indent=1) + b"\n"


def write_result(
    folder: Path,
    result: Result,
    beside: Mapping[str, bytes],
    made_from: str,
    others: Mapping[str, bytes] | None = None,
) -> Result:
    """Write the record `ID.json` and the files `beside` it; return the record as written.

    `made_from` is the digest of everything that the result depends on. Other existing files of the
    result are removed. `others` are files of the folder that change with it but do not belong to
    it.

    Raises:
        UsageError: the folder cannot be written.
    """
    sealed = _seal(
        msgspec.structs.replace(
            result,
            digest=made_from,
            files={name: hashlib.sha256(content).hexdigest() for name, content in beside.items()},
        )
    )
    contents = {**beside, **(others or {}), f"{result.id}.json": encode(sealed)}
    files.change(folder, contents, files_of(folder, result.id) - contents.keys())
    return sealed


def remove_result(folder: Path, identity: str) -> None:
    """Delete a result with all its files, if it exists."""
    if there := files_of(folder, identity):
        files.change(folder, {}, there)


def load(path: Path, kind: type[Result]) -> StoredResult[Result]:
    """Read the record at `path` and all files of its set, and check them.

    Raises:
        DamagedRecord: one of them is missing or changed.
        OlderRecord, NewerRecord: the record is of an older or a newer schema.
    """
    folder, name = path.parent, path.name
    while True:
        content = _read(path)
        try:
            return _load(path, content, kind)
        except DamagedRecord:
            # A writer may have replaced the set during the read.
            if name not in files.names(folder) or files.read(folder, name) == content:
                raise


def load_all(folder: Path, kind: type[Result]) -> list[StoredResult[Result]]:
    """All results of `folder`, by id. Raises as `load` does for the first bad one."""
    return [load(folder / f"{identity}.json", kind) for identity in result_ids(folder)]


def read_result(path: Path, kind: type[Result]) -> Result:
    """The record at `path`, checked with all its files. Raises as `load` does."""
    return load(path, kind).record


def read_record(path: Path, kind: type[Result]) -> Result:
    """The record at `path` alone, checked without its files, which need not be there.

    Raises:
        DamagedRecord: it is missing or changed.
        OlderRecord, NewerRecord: it is of an older or a newer schema.
    """
    return _decode(path, _read(path), kind)


def result_ids(folder: Path) -> list[str]:
    """Ids of the results in `folder`, complete or not."""
    records = (Path(name) for name in files.names(folder))
    return sorted(p.stem for p in records if p.suffix == ".json" and p.stem != REFUSED)


def files_of(folder: Path, identity: str) -> set[str]:
    """Names of the files of one result. Ids contain no full stop."""
    return {name for name in files.names(folder) if name.startswith(f"{identity}.")}


def damaged(path: Path, reason: str) -> DamagedRecord:
    """The error for an unusable file of `data/`."""
    return DamagedRecord(str(path), reason, MEASURE)


def _read(path: Path) -> bytes:
    try:
        return files.read(path.parent, path.name)
    except OSError:
        raise damaged(path, "is missing") from None


def _decode(path: Path, content: bytes, kind: type[Result]) -> Result:
    _check_schema(path, content, kind)
    try:
        record = msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise damaged(path, f"is not a record of this version ({error})") from error
    if _seal(record).checksum != record.checksum or path.stem != record.id:
        raise damaged(path, "is not what was written")
    try:
        record.check()
    except ValueError as error:
        raise damaged(path, f"contradicts itself: {error}") from error
    return record


def _load(path: Path, content: bytes, kind: type[Result]) -> StoredResult[Result]:
    record = _decode(path, content, kind)
    contents = {path.name: content}
    for name, expected in record.files.items():
        if Path(name).name != name:
            raise damaged(path, f"names a file outside its folder, {name!r}")
        try:
            contents[name] = files.read(path.parent, name)
        except OSError:
            raise damaged(path.parent / name, "is missing") from None
        if hashlib.sha256(contents[name]).hexdigest() != expected:
            raise damaged(path.parent / name, "is not what was written")
    return StoredResult(record, contents)


def _check_schema(path: Path, content: bytes, kind: type[Result]) -> None:
    ours = next(field.default for field in msgspec.structs.fields(kind) if field.name == "schema")
    try:
        found = msgspec.json.decode(content, type=_Versioned).schema
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise damaged(path, f"is not a record, or names no schema ({error})") from error
    if found < ours:
        reason = f"was written by an older version of this program (schema {found}, not {ours})"
        raise OlderRecord(str(path), reason, MEASURE)
    if found > ours:
        reason = f"was written by a newer version of this program (schema {found}, not {ours})"
        raise NewerRecord(str(path), reason, "Update diffusion-atlas to read it")


def _seal(result: Result) -> Result:
    blank = msgspec.structs.replace(result, checksum="")
    return msgspec.structs.replace(result, checksum=hashlib.sha256(encode(blank)).hexdigest())
