"""The schema page says what the records are, because it is made from them."""

import json
from typing import get_args

import msgspec
import pytest

from generator import records
from generator.publish.schema import ROOTS, SCHEMAS, schema_files, schemas, type_name


def test_every_record_inside_an_architecture_is_described():
    described = {schema.name: schema for schema in schemas(records.Architecture)}
    reasons = {kind.__name__: kind for kind in get_args(records.Reason)}
    assert described.keys() - reasons.keys() - {"ShapeDifference"} == {
        "Architecture",
        "Claim",
        "License",
        "NetworkComponent",
        "Origin",
        "PipelineDefaults",
        "ParameterCounts",
        "BlockTable",
        "Block",
        "PublishedInputs",
        "PipelineInputs",
        "TensorSpec",
        "Diagram",
    }
    for name, schema in described.items():
        kind = reasons.get(name) or getattr(records, name)
        code = ["code"] if name in reasons else []
        assert [field.name for field in schema.fields] == [*code, *kind.__struct_fields__]
        assert schema.text
        for field in schema.fields:
            assert set(field.refers) <= described.keys()


def test_types_are_words():
    fields = {field.name: field.type for field in msgspec.structs.fields(records.Architecture)}
    assert type_name(fields["id"]) == "text"
    assert type_name(fields["diagrams"]) == "list of Diagram"
    assert type_name(fields["schema"]) == "5"
    assert type_name(fields["files"]) == "text to text"


def test_every_kind_of_result_has_its_schema():
    results = {kind for kind in vars(records).values() if isinstance(kind, type)}
    results = {kind for kind in results if issubclass(kind, records.ResultRecord)}
    assert results - {records.ResultRecord} <= set(SCHEMAS.values())
    assert {records.Comparison, records.Matrix} <= set(SCHEMAS.values())
    described = {schema.name for schema in schemas(*ROOTS)}
    assert {kind.__name__ for kind in ROOTS} <= described


@pytest.mark.parametrize(
    ("name", "folder"),
    [("architecture", "architectures"), ("checkpoint", "checkpoints"), ("pair", "pairs")],
)
def test_the_committed_records_obey_the_json_schema(committed, name, folder):
    schema = json.loads(schema_files()[f"{name}.schema.json"])
    definition = schema["$defs"][SCHEMAS[name].__name__]
    paths = list((committed / folder).glob("*.json"))
    assert paths
    for path in paths:
        record = json.loads(path.read_bytes())
        assert record.keys() <= definition["properties"].keys()
        assert set(definition["required"]) <= record.keys()
