"""The few kinds of columns: what each takes a value for, and how it shows it.

A builder takes the column's key, title and help, then its value: a function of the row and of the
page's context, or a path of attributes in the row (`total.l2`), which is the key itself if none is
given. Anything else that a `Column` has is given by name.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypedDict, Unpack

import msgspec

from generator.publish.tables.table import C, Column, R, Value
from generator.text import numbers, words
from generator.text.words import shape_text


class ColumnOptions(TypedDict, total=False):
    """What any column may have; see `Column`."""

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
    """Text, which `word` says as people do."""
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
    """Several names with commas between them, each as `word` says it; missing where there are
    none."""

    def joined(row: R, context: C) -> str | None:
        return ", ".join(value(row, context)) or None

    return text(key, title, help_, joined, each(word), **options)


def each(word: Callable[[str], str]) -> Callable[[str], str]:
    """How `text` says several names with commas between them: each of them by `word`."""
    return lambda found: ", ".join(map(word, found.split(", ")))


def code(
    key: str,
    title: str,
    help_: str,
    value: Getter[R, C] = "",
    digits: int | None = None,
    **options: Unpack[ColumnOptions],
) -> Column[R, C]:
    """What programs call something, or a hash, of which the first `digits` are shown."""
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
    """A number, every digit of it, or as `shown_as` writes it."""
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
    """How `number` shows one in a larger unit, with so many decimals."""
    return lambda value: numbers.fixed(value / divisor, decimals)


def share(
    key: str,
    title: str,
    help_: str,
    value: Callable[[R, C], float | None],
    **more: Unpack[ColumnOptions],
) -> Column[R, C]:
    """A fraction, shown in per cent."""
    column = number(key, title, help_, value, scaled(0.01, 1), **more)
    return msgspec.structs.replace(column, unit="%", raw_unit="fraction")


def tensor(help_: str = "Its canonical name, the one diffusers uses") -> Column[Any, Any]:
    """The name of a tensor."""
    return code("name", "Tensor", help_)


def component(**options: Unpack[ColumnOptions]) -> Column[Any, Any]:
    """The component of a tensor."""
    return text("component", "Component", "Part of the model", "", words.component_title, **options)


def block() -> Column[Any, Any]:
    """The block of a tensor."""
    return text("block", "Block", "MBW block; BASE is what lies outside all", choices=True)


def kind() -> Column[Any, Any]:
    """The kind of a tensor."""
    return text("kind", "Kind", "What the parameter does", choices=True)


def shape(**options: Unpack[ColumnOptions]) -> Column[Any, Any]:
    """The shape of a tensor, of numbers or as text."""

    def written(row: Any, _: object) -> str:  # noqa: ANN401 -- any row that has a shape
        return row.shape or "scalar" if isinstance(row.shape, str) else shape_text(row.shape)

    def shown(value: str) -> str:
        return value.replace("x", numbers.TIMES)

    return text("shape", "Shape", "Sizes; a scalar has none", written, shown, **options)


def identity(value: Getter[R, C] = "") -> Column[R, C]:
    """The id of a record."""
    return text("id", "id", "Part of the file names in data/", value, hidden=True)


def _get(value: Getter[R, C]) -> Callable[[R, C], Value]:
    """A path of attributes as a function; what lies beyond a None is None."""
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
