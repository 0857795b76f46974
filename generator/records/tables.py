"""Records of one type <-> a Parquet file with a column per field: the same rows, the same bytes.

Fields of an optional nested record have separate columns, null where the record is None.
"""

import io
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import inspect

from generator.records.base import Record

Row = TypeVar("Row", bound=Record)
# Integers are stored in the narrowest of these types that holds the field's largest allowed value.
INTEGERS = {2**15: pa.int16(), 2**31: pa.int32()}


def columns(kind: type[Record]) -> pa.Schema:
    """Names and types of the columns, in the order of the fields."""
    return pa.schema([(name, _type(field)) for name, field in _flat(kind)])


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
    return write_table(pa.Table.from_pylist(records, columns(kind)))


def read_rows(kind: type[Row], content: bytes) -> tuple[Row, ...]:
    """The rows written by `write_rows`.

    Raises:
        ValueError, pyarrow.ArrowException: it is another file.
    """
    nested, lists = _nested(kind), _lists(kind)
    rows = []
    for record in read_table(kind, content).to_pylist():
        for name in lists:
            record[name] = tuple(record[name])
        for name, part in nested.items():
            held = {key: record.pop(key) for key in part.__struct_fields__}
            there = any(value is not None for value in held.values())
            record[name] = part(**held) if there else None
        rows.append(kind(**record))
    return tuple(rows)


def read_table(kind: type[Record], content: bytes) -> pa.Table:
    """The columns of a file of rows of this type. Raises as `read_rows` does."""
    table = pq.read_table(io.BytesIO(content))
    if table.schema != columns(kind):
        raise ValueError(f"its columns are not those of a {kind.__name__}")
    return table


def make_table(kind: type[Record], values: Mapping[str, Any], n_rows: int) -> pa.Table:
    """A table of columns given as arrays; None is a column of nulls."""
    schema = columns(kind)
    arrays = [
        pa.nulls(n_rows, field.type)
        if values[field.name] is None
        else pa.array(values[field.name], from_pandas=False).cast(field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def write_table(table: pa.Table, level: int | None = None) -> bytes:
    """The table as a Parquet file, compressed by zstd."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", compression_level=level)
    return buffer.getvalue()


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


def _type(one: inspect.Type) -> pa.DataType:
    if isinstance(one, inspect.Metadata):
        # Narrow floats are marked: msgspec has only one float.
        return pa.float32() if one.extra == {"bits": 32} else _type(one.type)
    if isinstance(one, inspect.VarTupleType):
        return pa.list_(_type(one.item_type))
    if isinstance(one, inspect.IntType):
        return INTEGERS.get((one.le or -1) + 1, pa.int64())
    if isinstance(one, inspect.FloatType):
        return pa.float64()
    return pa.bool_() if isinstance(one, inspect.BoolType) else pa.string()
