"""A declared column and what a row is about -> one cell of a table: its raw value and its text."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from generator.records import Record
from generator.text import numbers

# Rows of a table in a page; with more, a page is slow to open and to sort.
LONGEST_TABLE = 3000

Value = str | int | float | None


class Column(Record, frozen=True, kw_only=True):
    """One column.

    `value` is raw, in the plain unit that `raw_unit` names (FLOP, bytes): it is what is sorted and
    downloaded. `format` makes the text of the cell, in `unit`. A `hidden` column is there, and
    shown on demand. `missing` says why a value is missing, of all rows or of each; `note` adds a
    few words to a value. The rows can be filtered by the values of a column with `choices`, which
    are few; the text of one that `wraps` has several lines.
    """

    key: str
    title: str
    help: str
    value: Callable[[Any], Value]
    format: Callable[[Value], str] = str
    unit: str = ""
    raw_unit: str = ""
    kind: Literal["text", "code", "number"] = "number"
    hidden: bool = False
    choices: bool = False
    wraps: bool = False
    missing: str | Callable[[Any], str] = "not among the inputs of this network"
    note: Callable[[Any], str] | None = None


class Cell(Record, frozen=True, kw_only=True):
    """One cell: the raw value, its text, a note on it, and why there is none."""

    raw: Value
    text: str
    note: str = ""
    missing: str = ""


class Row(Record, frozen=True, kw_only=True):
    """The cells of one row, and where the first of them leads; empty if nowhere."""

    link: str
    cells: tuple[Cell, ...]


def cells(subject: object, columns: Iterable[Column]) -> tuple[Cell, ...]:
    """The cells of the row about `subject`, in the order of `columns`."""
    return tuple(_cell(column, column.value(subject), subject) for column in columns)


def rows(subjects: Iterable[object], columns: Iterable[Column]) -> tuple[Row, ...]:
    """A row about each of the `subjects`, none of which has a page."""
    declared = tuple(columns)
    return tuple(Row(link="", cells=cells(subject, declared)) for subject in subjects)


def in_words(word: Callable[[str], str]) -> Callable[[Value], str]:
    """Text of names with commas between them, each as `word` says it."""
    return lambda names: ", ".join(map(word, str(names).split(", ")))


def grouped(value: Value) -> str:
    """Text of a whole number: every digit."""
    return f"{value:,}"


def _cell(column: Column, raw: Value, subject: object) -> Cell:
    if raw is not None:
        note = column.note(subject) if column.note else ""
        return Cell(raw=raw, text=column.format(raw), note=note)
    reason = column.missing if isinstance(column.missing, str) else column.missing(subject)
    return Cell(raw=None, text=numbers.MISSING, missing=reason)
