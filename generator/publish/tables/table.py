"""Declared columns and the rows of a subject -> a table: in a page, as CSV, and as JSON."""

import csv
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from io import StringIO
from itertools import groupby
from typing import Any, Generic, Literal, TypeVar

import msgspec

from generator.records import Record
from generator.text import numbers

# A table of more rows is slow to open: a page has its first ones, and its script shows all, a
# window at a time.
LONGEST_WHOLE = 300
WINDOW = 100
# Characters that make a spreadsheet read a cell's text as a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

Value = str | int | float | None
R = TypeVar("R")
C = TypeVar("C")


class Column(Record, Generic[R, C]):
    """One column of a table with rows of type `R`, in a page with context `C`.

    `value` is raw, in the plain unit `raw_unit` (FLOP, bytes); it is sorted and downloaded.
    `format` makes the text of a cell, in `unit`; `shown` replaces it, takes the row, and may return
    markup. A `hidden` column is displayed on demand. `missing` is the reason for a missing value,
    for all rows or for each; `note` adds a short remark to a value, `link` an address. With
    `choices`, readers can filter the rows by the column's few distinct values; with `wraps`, its
    text may take several lines. Adjacent columns of the same `group` share a title above theirs.
    """

    key: str
    title: str = ""
    help: str = ""
    value: Callable[[R, C], Value]
    format: Callable[[Any], str] = str
    unit: str = ""
    raw_unit: str = ""
    kind: Literal["text", "code", "number"] = "text"
    hidden: bool = False
    choices: bool = False
    wraps: bool = False
    group: str = ""
    missing: str | Callable[[R, C], str] = ""
    note: Callable[[R, C], str] | None = None
    link: Callable[[R, C], str] | None = None
    shown: Callable[[R, C], str] | None = None


class Cell(Record):
    """One cell: raw value, text, note, link, and the reason for a missing value."""

    raw: Value
    text: str
    note: str = ""
    link: str = ""
    missing: str = ""


class Table(Record):
    """The cells of all rows, in the order of `columns`.

    `ids` are those of the subjects, if rows can be linked to: each row has the anchor `row-ID`.
    """

    columns: tuple[Column[Any, Any], ...]
    rows: tuple[tuple[Cell, ...], ...]
    ids: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """The number of rows."""
        return len(self.rows)

    @property
    def is_long(self) -> bool:
        """Whether its page shows a window of it at a time."""
        return self.total > LONGEST_WHOLE

    @property
    def key(self) -> str:
        """What tells a long table from the others of its page."""
        told = repr((self.columns[0].key, self.total, self.rows[:1], self.rows[-1:]))
        return sha256(told.encode()).hexdigest()[:8]

    @property
    def first(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows in the page."""
        return self.rows[:WINDOW] if self.is_long else self.rows

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Groups of adjacent columns, each with its number of columns; empty if there are none."""
        found = [
            (name, len(tuple(columns))) for name, columns in groupby(c.group for c in self.columns)
        ]
        return tuple(found) if any(name for name, _ in found) else ()


def table(
    columns: Sequence[Column[R, C]], subjects: Sequence[R], context: C, ids: Sequence[str] = ()
) -> Table:
    """A table with one row for each of the `subjects`."""
    return Table(
        ids=tuple(ids),
        columns=tuple(columns),
        rows=tuple(
            tuple(_cell(column, subject, context) for column in columns) for subject in subjects
        ),
    )


def table_csv(columns: Sequence[Column[R, C]], subjects: Iterable[R], context: C) -> bytes:
    """All columns with raw values, a row per subject; the header names the units."""
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
    """Rows as CSV, without cells that a spreadsheet would read as formulas.

    Numbers have all digits or `digits` significant ones; None and NaN are empty.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(plain, head))
    writer.writerows([_written(value, digits) for value in row] for row in rows)
    return text.getvalue().encode()


def plain(value: object) -> object:
    """A value that no spreadsheet reads as a formula; empty if missing."""
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
