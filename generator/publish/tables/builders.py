"""A value of a row -> a column, by a builder for each type of value.

A builder takes the column's key, title and help, then its value: a function of the row and the
page's context, or a path of attributes of the row (`total.l2`; by default the key). Other fields of
`Column` are passed by name.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypedDict, Unpack

import msgspec

from generator.publish.tables.table import C, Column, R, Value
from generator.text import numbers, words
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


def text(
    key: str,
    title: str,
    help_: str,
    value: Getter[R, C] = "",
    word: Callable[[str], str] = str,
    **options: Unpack[ColumnOptions],
) -> Column[R, C]:
    """Text; `word` turns a value into its displayed form."""
    return Column(
        key=key, title=title, help=help_, value=_get(value or key), format=word, **options
    )


def names(
    key: str,
    title: str,
    help_: str,
    value: Callable[[R, C], Iterable[str]],
    word: Callable[[str], str] = str,
    **options: Unpack[ColumnOptions],
) -> Column[R, C]:
    """Names separated by commas, each displayed by `word`; missing if there are none."""

    def joined(row: R, context: C) -> str | None:
        return ", ".join(value(row, context)) or None

    return text(key, title, help_, joined, each(word), **options)


def each(word: Callable[[str], str]) -> Callable[[str], str]:
    """A function that joins names with commas, each displayed by `word`."""
    return lambda found: ", ".join(map(word, found.split(", ")))


def code(
    key: str,
    title: str,
    help_: str,
    value: Getter[R, C] = "",
    digits: int | None = None,
    **options: Unpack[ColumnOptions],
) -> Column[R, C]:
    """An identifier from code, or a hash cut to its first `digits` characters."""
    return Column(
        key=key,
        title=title,
        help=help_,
        value=_get(value or key),
        format=lambda found: found[:digits],
        kind="code",
        **options,
    )


def number(
    key: str,
    title: str,
    help_: str,
    value: Getter[R, C] = "",
    shown_as: Callable[[Any], str] = numbers.grouped,
    **options: Unpack[ColumnOptions],
) -> Column[R, C]:
    """A number with all its digits, or formatted by `shown_as`."""
    return Column(
        key=key,
        title=title,
        help=help_,
        value=_get(value or key),
        format=shown_as,
        kind="number",
        **options,
    )


def scaled(divisor: float, decimals: int) -> Callable[[float], str]:
    """A function that formats a number in a larger unit with a fixed number of decimals."""
    return lambda value: numbers.fixed(value / divisor, decimals)


def share(
    key: str,
    title: str,
    help_: str,
    value: Callable[[R, C], float | None],
    **more: Unpack[ColumnOptions],
) -> Column[R, C]:
    """A fraction, displayed as a percentage."""
    column = number(key, title, help_, value, lambda part: numbers.percent(part, 1, 1), **more)
    return msgspec.structs.replace(column, unit="%", raw_unit="fraction")


def tensor(help_: str = "Its canonical name, the one diffusers uses") -> Column[Any, Any]:
    """The name of a tensor."""
    return code("name", "Tensor", help_)


def component(**options: Unpack[ColumnOptions]) -> Column[Any, Any]:
    """The component of a tensor."""
    return text("component", "Component", "Part of the model", "", words.component_title, **options)


def block() -> Column[Any, Any]:
    """The block of a tensor."""
    return text("block", "Block", "MBW block; REST is what lies outside all", choices=True)


def kind() -> Column[Any, Any]:
    """The kind of a tensor."""
    return text("kind", "Kind", "What the parameter does", choices=True)


def shape(**options: Unpack[ColumnOptions]) -> Column[Any, Any]:
    """The shape of a tensor, given as numbers or as text."""

    def written(row: Any, _: object) -> str:  # noqa: ANN401 -- any row that has a shape
        return row.shape or "scalar" if isinstance(row.shape, str) else shape_text(row.shape)

    def shown(value: str) -> str:
        return value.replace("x", numbers.TIMES)

    return text("shape", "Shape", "Sizes; a scalar has none", written, shown, **options)


def identity(value: Getter[R, C] = "") -> Column[R, C]:
    """The id of a record."""
    return text("id", "id", "Part of the file names in data/", value, hidden=True)


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
