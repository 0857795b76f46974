"""The files beside a record -> what they hold, or `DamagedRecord` with their name."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from generator.catalog.reading import ID_PATTERN
from generator.records import Finding, store

# What reading a table raises that is none, or not of its record.
NOT_IT = (pa.ArrowException, LookupError, TypeError, ValueError, csv.Error, msgspec.MsgspecError)


@contextmanager
def table_of(path: Path, stored: store.Stored[Any]) -> Iterator[None]:
    """Have what goes wrong while the file at `path` is read, or checked against its record, be
    `DamagedRecord`."""
    if path.name not in stored.files:
        raise store.damaged(path, "is not among the files of its record")
    try:
        yield
    except NOT_IT as error:
        raise store.damaged(path, f"does not belong to its record ({error})") from error


def check_findings(
    path: Path, findings: Sequence[Finding], sentence: Callable[[Finding], object]
) -> None:
    """Refuse a record of which a finding has not the subjects or figures of its `sentence`."""
    for finding in findings:
        try:
            sentence(finding)
        except (AttributeError, *NOT_IT) as error:
            reason = (
                f"contradicts itself: a finding of kind {finding.kind!r} is not whole ({error})"
            )
            raise store.damaged(path, reason) from error


def require_address(
    folder: Path, record: str, identity: str | None = None, pattern: str = ID_PATTERN
) -> None:
    """Refuse a record whose id, or another `identity` in it, is no part of an address.

    The catalogue refuses such ids; a file put here by hand may have one.
    """
    if not re.fullmatch(pattern, record if identity is None else identity):
        raise store.damaged(folder / f"{record}.json", "has an id that is no address")
