"""The record types -> their documentation and JSON Schemas, which therefore cannot drift."""

import inspect
import types
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from generator.records import (
    Architecture,
    Benchmarks,
    Checkpoint,
    Comparison,
    Component,
    EmbeddingMap,
    Group,
    Matrix,
    Pair,
    PartMemory,
    Record,
    RefusedCheckpoints,
    TensorDistance,
    TensorRow,
)
from generator.records.pairwise_sums import Head

NAMES = {str: "text", int: "integer", float: "number", bool: "true or false", Any: "any"}
# The files in `data/` and the output of `atlas compare` and `atlas matrix`, by file name.
SCHEMAS: dict[str, type[Record]] = {
    "architecture": Architecture,
    "component": Component,
    "checkpoint": Checkpoint,
    "refused": RefusedCheckpoints,
    "group": Group,
    "pair": Pair,
    "map": EmbeddingMap,
    "memory": PartMemory,
    "benchmarks": Benchmarks,
    "comparison": Comparison,
    "matrix": Matrix,
}
# Also the rows of the tables beside the records, and the header of a group's arrays.
ROOTS: tuple[type[Record], ...] = (*SCHEMAS.values(), TensorRow, TensorDistance, Head)


class Field(Record):
    """One field of a record: its type, and the record types that occur in its value."""

    name: str
    type: str
    refers: tuple[str, ...]


class Schema(Record):
    """One record type: the paragraphs of its docstring, and its fields."""

    name: str
    text: tuple[str, ...]
    fields: tuple[Field, ...]


def schemas(*roots: type[Record]) -> tuple[Schema, ...]:
    """`roots` and all record types inside them, in order of first appearance."""
    found: dict[type[Record], Schema] = {}
    for root in roots:
        waiting = [root]
        while waiting:
            kind = waiting.pop(0)
            if kind not in found:
                found[kind] = _schema(kind)
                waiting.extend(
                    part for field in msgspec.structs.fields(kind) for part in _records(field.type)
                )
    return tuple(found.values())


def schema_files() -> dict[str, bytes]:
    """Name -> content of the JSON Schemas of all `SCHEMAS`."""
    return {f"{name}.schema.json": json_schema(root) for name, root in SCHEMAS.items()}


def json_schema(root: type[Record]) -> bytes:
    """JSON Schema of `root`."""
    schema = msgspec.json.schema(root)
    return msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=1) + b"\n"


def type_name(annotation: Any) -> str:  # noqa: ANN401 -- annotations have no common type
    """An annotation in words: `list of Block`, `number`."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation in NAMES:
        return NAMES[annotation]
    if origin is Literal:
        return " or ".join(map(repr, inner))
    if origin is tuple:
        return f"list of {type_name(inner[0])}"
    if origin is dict:
        return f"text to {type_name(inner[1])}"
    if origin in (Union, types.UnionType):
        return " or ".join("null" if part is type(None) else type_name(part) for part in inner)
    return str(annotation.__name__)


def _schema(kind: type[Record]) -> Schema:
    text = inspect.getdoc(kind) or ""
    config = kind.__struct_config__
    code: tuple[Field, ...] = ()
    if config.tag_field:
        code = (Field(name=config.tag_field, type=repr(config.tag), refers=()),)
    return Schema(
        name=kind.__name__,
        text=tuple(" ".join(part.split()) for part in text.split("\n\n")),
        fields=(
            *code,
            *(
                Field(
                    name=field.encode_name,
                    type=type_name(field.type),
                    refers=tuple(part.__name__ for part in _records(field.type)),
                )
                for field in msgspec.structs.fields(kind)
            ),
        ),
    )


def _records(annotation: Any) -> list[type[Record]]:  # noqa: ANN401 -- see `type_name`
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return [annotation]
    return [record for part in get_args(annotation) for record in _records(part)]
