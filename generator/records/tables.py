"""Records of one type <-> a Parquet file with a column per field: the same rows, the same bytes.

Fields of an optional nested record have separate columns, null where the record is None.
"""

import asyncio
import io
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import msgspec
import numpy as np
from arro3.core import (
    Array,
    DataType,
    Field,
    RecordBatch,
    Schema,
    Table,
    list_array,
    list_flatten,
    list_offsets,
)
from arro3.io import read_parquet_async, write_parquet
from arro3.io.store import LocalStore
from msgspec import inspect
from numpy.typing import NDArray

from generator.records.base import Record

Row = TypeVar("Row", bound=Record)
# Integers are stored in the narrowest of these types that holds the field's largest allowed value.
INTEGERS = {2**15: DataType.int16(), 2**31: DataType.int32()}
# How Parquet names the items of a list.
ELEMENT = "element"
# A Parquet file begins and ends with it.
MARK = b"PAR1"
# Bytes of both marks and of the length of the footer.
SMALLEST = 12
# The file that is read.
TABLE = "table"
# Of zstd: small files count for more than the time of writing them once.
LEVEL = 9


def columns(kind: type[Record]) -> Schema:
    """Names and types of the columns, in the order of the fields."""
    return Schema([Field(name, _type(field)) for name, field in _flat(kind)])


def write_rows(kind: type[Row], rows: Iterable[Row]) -> bytes:
    """The rows as a Parquet file, in the order given; None is null."""
    nested = _nested(kind)
    records = []
    for row in rows:
        record = msgspec.structs.asdict(row)
        for name, part in nested.items():
            held = record.pop(name)
            record |= (
                msgspec.structs.asdict(held) if held else dict.fromkeys(part.__struct_fields__)
            )
        records.append(record)
    return write_columns(
        kind, [{name: [record[name] for record in records] for name in columns(kind).names}]
    )


def read_rows(kind: type[Row], content: bytes) -> tuple[Row, ...]:
    """The rows written by `write_rows`.

    Raises:
        ValueError: it is another file.
    """
    nested, lists = _nested(kind), _lists(kind)
    table = _read(kind, content)
    names = table.column_names
    rows = []
    for values in zip(*(table[name].to_pylist() for name in names), strict=True):
        record = dict(zip(names, values, strict=True))
        for name in lists:
            record[name] = tuple(record[name])
        for name, part in nested.items():
            held = {key: record.pop(key) for key in part.__struct_fields__}
            there = any(value is not None for value in held.values())
            record[name] = part(**held) if there else None
        rows.append(kind(**record))
    return tuple(rows)


def write_columns(kind: type[Record], parts: Iterable[Mapping[str, Any]]) -> bytes:
    """The rows of all `parts`, each of which has the values of every column, as a Parquet file.

    Values are lists or arrays; of a column of lists, as many lists, or the rows of a matrix. None
    is a column of nulls.
    """
    schema = columns(kind)
    batches = []
    for part in parts:
        n_rows = next(len(values) for values in part.values() if values is not None)
        arrays = [
            _array([None] * n_rows if part[name] is None else part[name], schema.field(name).type)
            for name in schema.names
        ]
        batches.append(RecordBatch.from_arrays(arrays, schema=schema))
    buffer = io.BytesIO()
    write_parquet(Table.from_batches(batches, schema=schema), buffer, compression=f"zstd({LEVEL})")
    return buffer.getvalue()


def read_columns(kind: type[Record], content: bytes) -> dict[str, NDArray[Any]]:
    """The columns as arrays. Null is NaN; lists, which have one length, are rows of a matrix.

    Raises:
        ValueError: it is another file.
    """
    table = _read(kind, content)
    return {name: _values(table[name].combine_chunks()) for name in table.column_names}


def _read(kind: type[Record], content: bytes) -> Table:
    # Of a file that is cut short, arro3 would print where its code panics.
    whole = content.startswith(MARK) and content.endswith(MARK) and len(content) >= SMALLEST
    if not whole:
        raise ValueError("it is not a Parquet file, or is cut short")
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # A full disk is no fault of the table: its error is not caught here.
        Path(folder, TABLE).write_bytes(content)
        try:
            table = _decoded(folder)
        except BaseException as error:
            # A panic of its Rust code has a type that cannot be imported, perhaps no `Exception`.
            if isinstance(error, Exception) or type(error).__name__ == "PanicException":
                raise ValueError(f"it is not a Parquet file ({error})") from error
            raise
    if table.schema != columns(kind):
        raise ValueError(f"its columns are not those of a {kind.__name__}")
    return table


def _decoded(folder: str) -> Table:
    """The table in the file `TABLE`. Only arro3's asynchronous reader, which reads files, decodes
    before it returns; the other hands batches on through C, where a panic ends the process."""

    async def read() -> Table:
        return await read_parquet_async(TABLE, store=LocalStore(folder))

    # This thread may run an event loop already, as that of a notebook does.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(read())).result()


def _array(values: Sequence[Any] | NDArray[Any], kind: DataType) -> Array:
    if DataType.is_list(kind):
        offsets = np.cumsum([0, *map(len, values)], dtype=np.int32)
        flat = values.ravel() if isinstance(values, np.ndarray) else list(chain(*values))
        assert kind.value_type is not None
        return list_array(Array(offsets), _array(flat, kind.value_type)).cast(kind)
    if not isinstance(values, np.ndarray):
        return Array(values, kind)
    stored = Array(np.ascontiguousarray(values)).cast(kind)
    assert not stored.null_count, "a number is too large for its column"
    return stored


def _values(array: Array) -> NDArray[Any]:
    if DataType.is_list(array.type):
        lengths = np.unique(np.diff(np.asarray(list_offsets(array))))
        if len(lengths) > 1:
            raise ValueError("its lists have several lengths")
        return np.asarray(list_flatten(array)).reshape(len(array), *lengths)
    if array.null_count or DataType.is_string(array.type):
        return np.array(array.to_pylist(), None if DataType.is_string(array.type) else float)
    return array.to_numpy()


def _flat(kind: type[msgspec.Struct]) -> list[tuple[str, inspect.Type]]:
    """Fields with their types; a nested record is replaced by its fields."""
    flat = []
    for field in inspect.type_info(kind).fields:  # type: ignore[attr-defined]
        inner = _not_none(field.type)
        if isinstance(inner, inspect.StructType):
            flat += _flat(inner.cls)
        else:
            flat.append((field.name, inner))
    return flat


def _nested(kind: type[Record]) -> dict[str, type[msgspec.Struct]]:
    fields = inspect.type_info(kind).fields  # type: ignore[attr-defined]
    inner = {field.name: _not_none(field.type) for field in fields}
    return {name: one.cls for name, one in inner.items() if isinstance(one, inspect.StructType)}


def _lists(kind: type[Record]) -> list[str]:
    return [name for name, one in _flat(kind) if isinstance(one, inspect.VarTupleType)]


def _not_none(one: inspect.Type) -> inspect.Type:
    if isinstance(one, inspect.UnionType):
        return next(each for each in one.types if not isinstance(each, inspect.NoneType))
    return one


def _type(one: inspect.Type) -> DataType:
    if isinstance(one, inspect.Metadata):
        # Narrow floats are marked: msgspec has only one float.
        return DataType.float32() if one.extra == {"bits": 32} else _type(one.type)
    if isinstance(one, inspect.VarTupleType):
        return DataType.list(Field(ELEMENT, _type(one.item_type)))
    if isinstance(one, inspect.IntType):
        return INTEGERS.get((one.le or -1) + 1, DataType.int64())
    if isinstance(one, inspect.FloatType):
        return DataType.float64()
    return DataType.bool() if isinstance(one, inspect.BoolType) else DataType.string()
