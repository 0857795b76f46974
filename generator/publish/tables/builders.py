"""A value of a row -> a column, by a builder for each type of value.

A builder takes the column's key, then its value: a function of the row and the page's context, or a
path of attributes of the row (`total.l2`; by default the key). Other fields of `Column` are passed
by name. `titled` adds the title and help of each.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypedDict, Unpack

import msgspec

from generator.publish.tables.table import C, Column, R, Value
from generator.text import numbers, words
from generator.text.columns import Words
from generator.text.words import shape_text


class ColumnOptions(TypedDict, total=False):
    """The optional fields of a column; see `Column`."""

    hidden: bool
    choices: bool
    wraps: bool
    unit: str
    raw_unit: str
    missing: str | Callable[[Any, Any], str]
    note: Callable[[Any, Any], str]
    link: Callable[[Any, Any], str]
    shown: Callable[[Any, Any], str]


Getter = str | Callable[[R, C], Value]


def titled(words: Words, *columns: Column[R, C]) -> tuple[Column[R, C], ...]:
    """The columns, each with the title and help that `words` holds for its key."""
    found = ((column, *words[column.key]) for column in columns)
    return tuple(
        msgspec.structs.replace(column, title=title, help=help_) for column, title, help_ in found
    )


def group(title: str, *columns: Column[R, C]) -> tuple[Column[R, C], ...]:
    """The columns, as a group with this title."""
    return tuple(msgspec.structs.replace(column, group=title) for column in columns)


def text(
    key: str,
    value: Getter[R, C] = "",
    word: Callable[[str], str] = str,
    **options: Unpack[ColumnOptions],
) -> Column[R, C]:
    """Text; `word` turns a value into its displayed form."""
    return Column(key=key, value=_get(value or key), format=word, **options)


def names(
    key: str,
    value: Callable[[R, C], Iterable[str]],
    word: Callable[[str], str] = str,
    **options: Unpack[ColumnOptions],
) -> Column[R, C]:
    """Names separated by commas, each displayed by `word`; missing if there are none."""

    def joined(row: R, context: C) -> str | None:
        return ", ".join(value(row, context)) or None

    return text(key, joined, each(word), **options)


def each(word: Callable[[str], str]) -> Callable[[str], str]:
    """A function that joins names with commas, each displayed by `word`."""
    return lambda found: ", ".join(map(word, found.split(", ")))


def code(
    key: str,
    value: Getter[R, C] = "",
    digits: int | None = None,
    **options: Unpack[ColumnOptions],
) -> Column[R, C]:
    """An identifier from code, or a hash cut to its first `digits` characters."""
    column = text(key, value, lambda found: found[:digits], **options)
    return msgspec.structs.replace(column, kind="code")


def number(
    key: str,
    value: Getter[R, C] = "",
    shown_as: Callable[[Any], str] = numbers.grouped,
    **options: Unpack[ColumnOptions],
) -> Column[R, C]:
    """A number with all its digits, or formatted by `shown_as`."""
    return msgspec.structs.replace(text(key, value, shown_as, **options), kind="number")


def scaled(divisor: float, decimals: int) -> Callable[[float], str]:
    """A function that formats a number in a larger unit with a fixed number of decimals."""
    return lambda value: numbers.fixed(value / divisor, decimals)


class Unit(NamedTuple):
    """A unit of `size` raw ones, and the decimals that are displayed in it."""

    name: str
    size: float
    decimals: int
    raw: str = "bytes"


GB = Unit("GB", 1e9, 2)


def quantity(
    key: str, value: Getter[R, C], scale: Unit, **more: Unpack[ColumnOptions]
) -> Column[R, C]:
    """A number of raw units, displayed in a larger one."""
    column = number(key, value, scaled(scale.size, scale.decimals), **more)
    return msgspec.structs.replace(column, unit=scale.name, raw_unit=scale.raw)


def share(
    key: str, value: Getter[R, C] = "", decimals: int = 1, **more: Unpack[ColumnOptions]
) -> Column[R, C]:
    """A fraction, displayed as a percentage."""
    column = number(key, value, lambda part: numbers.percent(part, 1, decimals), **more)
    return msgspec.structs.replace(column, unit="%", raw_unit="fraction")


def component(**options: Unpack[ColumnOptions]) -> Column[Any, Any]:
    """A component."""
    return text("component", "", words.component_title, **options)


def block() -> Column[Any, Any]:
    """The block of a tensor."""
    return text("block", choices=True)


def kind() -> Column[Any, Any]:
    """The kind of a tensor."""
    return text("kind", choices=True)


def shape(**options: Unpack[ColumnOptions]) -> Column[Any, Any]:
    """The shape of a tensor, given as numbers or as text."""

    def written(row: Any, _: object) -> str:  # noqa: ANN401 -- any row that has a shape
        return row.shape or "scalar" if isinstance(row.shape, str) else shape_text(row.shape)

    def shown(value: str) -> str:
        return value.replace("x", numbers.TIMES)

    return text("shape", written, shown, **options)


def _get(value: Getter[R, C]) -> Callable[[R, C], Value]:
    """A function that reads a path of attributes; None if any attribute on it is None."""
    if not isinstance(value, str):
        return value
    path = value.split(".")

    def followed(row: R, _: C) -> Value:
        found: Any = row
        for name in path:
            found = getattr(found, name) if found is not None else None
        reached: Value = found
        return reached

    return followed
