"""A declared column and what a row is about -> one cell of a table: its raw value and its text."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from generator.publish import numbers
from generator.records import Record

Value = str | int | float | None


class Column(Record, frozen=True, kw_only=True):
    """One column.

    `value` is raw, in the plain unit that `raw_unit` names (FLOP, bytes): it is what is sorted and
    downloaded. `format` makes the text of the cell, in `unit`. A `hidden` column is there, and
    shown on demand. `missing` says why a value can be missing.
    """

    key: str
    title: str
    help: str
    value: Callable[[Any], Value]
    format: Callable[[Value], str] = str
    unit: str = ""
    raw_unit: str = ""
    kind: Literal["text", "number"] = "number"
    hidden: bool = False
    missing: str = "not among the inputs of this network"


class Cell(Record, frozen=True, kw_only=True):
    """One cell: the raw value, and its text."""

    raw: Value
    text: str


def cells(subject: object, columns: Iterable[Column]) -> tuple[Cell, ...]:
    """The cells of the row about `subject`, in the order of `columns`."""
    return tuple(_cell(column, column.value(subject)) for column in columns)


def _cell(column: Column, raw: Value) -> Cell:
    return Cell(raw=raw, text=numbers.MISSING if raw is None else column.format(raw))
