"""A folder of `data/` -> its records and the files beside them, all checked."""

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import msgspec

from generator.catalog.entries import ID_PATTERN
from generator.records import Finding, Record, ResultRecord, store
from generator.records.tables import read_rows

Result = TypeVar("Result", bound=ResultRecord)
Beside = TypeVar("Beside")
Row = TypeVar("Row", bound=Record)

# Exceptions from reading a file that is malformed or does not match its record.
NOT_IT = (LookupError, TypeError, ValueError, csv.Error, msgspec.MsgspecError)


class Loaded(NamedTuple, Generic[Result, Beside]):
    """A record, the parsed files `beside` it, and the bytes of all its files when checked."""

    record: Result
    beside: Beside
    files: dict[str, bytes]

    @property
    def id(self) -> str:
        """The record's id, which names its page and its files."""
        return self.record.id


class ResultFolder(NamedTuple, Generic[Result, Beside]):
    """How to read the results in one folder of `data/`.

    `read_beside` parses the files beside a record, and raises if they do not match it. `addresses`
    are the names in a record that become addresses; each must match `pattern`. `sentence` writes
    each of the `findings`, and raises if a finding lacks a field.
    """

    name: str
    record: type[Result]
    read_beside: Callable[[Path, store.StoredResult[Result]], Beside]
    addresses: Callable[[Result], tuple[str, ...]] = lambda record: (record.id,)
    pattern: str = ID_PATTERN
    findings: Callable[[Result], tuple[Finding, ...]] = lambda _: ()
    sentence: Callable[[Finding], object] = str


def read_all(data: Path, kind: ResultFolder[Result, Beside]) -> tuple[Loaded[Result, Beside], ...]:
    """All results in a folder, sorted by id; empty without a folder.

    Raises:
        DamagedRecord: a file is missing or does not match its record.
    """
    folder = data / kind.name
    loaded = []
    for stored in store.load_all(folder, kind.record):
        record, path = stored.record, folder / f"{stored.record.id}.json"
        # The catalogue refuses such ids, but a file placed here by hand may have one.
        if not all(re.fullmatch(kind.pattern, one) for one in kind.addresses(record)):
            raise store.damaged(path, "has an id that is no address")
        for finding in kind.findings(record):
            try:
                kind.sentence(finding)
            except (AttributeError, *NOT_IT) as error:
                reason = f"a finding of kind {finding.kind!r} is not whole ({error})"
                raise store.damaged(path, f"contradicts itself: {reason}") from error
        loaded.append(Loaded(record, kind.read_beside(folder, stored), stored.files))
    return tuple(loaded)


@contextmanager
def content_of(path: Path, files: dict[str, bytes]) -> Iterator[bytes]:
    """The content of `path`; errors while it is parsed or checked become `DamagedRecord`."""
    if path.name not in files:
        raise store.damaged(path, "is not among the files of its record")
    try:
        yield files[path.name]
    except NOT_IT as error:
        raise store.damaged(path, f"does not belong to its record ({error})") from error


def tensors_of(
    kind: type[Row], check: Callable[[Result, tuple[Row, ...]], None]
) -> Callable[[Path, store.StoredResult[Result]], tuple[Row, ...]]:
    """A reader of the table of all tensors beside a record, which checks it against the record."""

    def read(folder: Path, stored: store.StoredResult[Result]) -> tuple[Row, ...]:
        with content_of(folder / f"{stored.record.id}.tensors.parquet", stored.files) as content:
            rows = read_rows(kind, content)
            check(stored.record, rows)
        return rows

    return read
