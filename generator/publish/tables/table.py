"""Declared columns and the rows of a subject -> a table: in a page, as CSV, and as JSON."""

import csv
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from itertools import islice
from typing import Any, Generic, Literal, TypeVar

import msgspec

from generator.records import Record
from generator.text import numbers

# Rows of a table in a page; with more, a page is slow to open and to sort.
LONGEST_TABLE = 3000
# Signs that make a spreadsheet take the text of a cell for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

Value = str | int | float | None
R = TypeVar("R")
C = TypeVar("C")


class Column(Record, Generic[R, C], frozen=True, kw_only=True):
    """One column of a table whose rows are about an `R` each, in a page about a `C`.

    `value` is raw, in the plain unit that `raw_unit` names (FLOP, bytes): it is what is sorted and
    downloaded. `format` makes the text of a cell, in `unit`. A `hidden` column is there, and shown
    on demand. `missing` says why a value is missing, of all rows or of each; `note` adds a few
    words to a value, `link` an address; `shown` makes the text of a cell in the place of `format`,
    from the row, and may make markup. The rows can be filtered by the values of a column with
    `choices`, which are few; the text of one that `wraps` has several lines.
    """

    key: str
    title: str
    help: str
    value: Callable[[R, C], Value]
    format: Callable[[Any], str] = str
    unit: str = ""
    raw_unit: str = ""
    kind: Literal["text", "code", "number"] = "text"
    hidden: bool = False
    choices: bool = False
    wraps: bool = False
    missing: str | Callable[[R, C], str] = ""
    note: Callable[[R, C], str] | None = None
    link: Callable[[R, C], str] | None = None
    shown: Callable[[R, C], str] | None = None


class Cell(Record, frozen=True, kw_only=True):
    """One cell: the raw value, its text, a note on it, where it leads, and why there is none."""

    raw: Value
    text: str
    note: str = ""
    link: str = ""
    missing: str = ""


class Table(Record, frozen=True, kw_only=True):
    """The cells of the first rows, in the order of `columns`; `total` counts all rows."""

    columns: tuple[Column[Any, Any], ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int


def table(columns: Sequence[Column[R, C]], subjects: Sequence[R], context: C) -> Table:
    """A row about each of the first `LONGEST_TABLE` of the `subjects` of a page."""
    return Table(
        columns=tuple(columns),
        rows=tuple(
            tuple(_cell(column, subject, context) for column in columns)
            for subject in islice(subjects, LONGEST_TABLE)
        ),
        total=len(subjects),
    )


def table_csv(columns: Sequence[Column[R, C]], subjects: Iterable[R], context: C) -> bytes:
    """All columns, raw, a row per subject; the header names the unit."""
    head = [f"{c.key} [{c.raw_unit}]" if c.raw_unit else c.key for c in columns]
    rows = ([column.value(subject, context) for column in columns] for subject in subjects)
    return written_csv(head, rows)


def table_json(columns: Sequence[Column[R, C]], subjects: Iterable[R], context: C) -> bytes:
    """All columns, raw: `{columns: [{key, title, unit, help}], rows: [{key: value}]}`."""
    found = {
        "columns": [
            {"key": c.key, "title": c.title, "unit": c.raw_unit, "help": c.help} for c in columns
        ],
        "rows": [{c.key: c.value(subject, context) for c in columns} for subject in subjects],
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


def written_csv(
    head: Iterable[object], rows: Iterable[Iterable[object]], digits: int | None = None
) -> bytes:
    """Rows as CSV, of which no cell is a formula; numbers with all digits, or so many significant
    ones, and empty for None and NaN."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(plain, head))
    writer.writerows([_written(value, digits) for value in row] for row in rows)
    return text.getvalue().encode()


def plain(value: object) -> object:
    """A value that no spreadsheet takes for a formula; missing is empty."""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return "" if value is None else value


def _written(value: object, digits: int | None) -> object:
    if isinstance(value, float):
        if value != value:
            return ""
        return value if digits is None else f"{value:.{digits}g}"
    return plain(value)


def _cell(column: Column[R, C], subject: R, context: C) -> Cell:
    raw = column.value(subject, context)
    if raw is None:
        reason = column.missing
        reason = reason if isinstance(reason, str) else reason(subject, context)
        return Cell(raw=None, text=numbers.MISSING, missing=reason)
    return Cell(
        raw=raw,
        text=column.shown(subject, context) if column.shown else column.format(raw),
        note=column.note(subject, context) if column.note else "",
        link=column.link(subject, context) if column.link else "",
    )
