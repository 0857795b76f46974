"""The schema page says what the records are, because it is made from them."""

import json

import msgspec

from generator import records
from generator.publish.schema import json_schema, schemas, type_name


def test_every_record_inside_an_architecture_is_described():
    described = {schema.name: schema for schema in schemas()}
    assert described.keys() == {
        "Architecture",
        "ParameterCounts",
        "BlockTable",
        "Block",
        "PublishedInputs",
        "PipelineInputs",
        "TensorSpec",
        "Diagram",
    }
    for name, schema in described.items():
        kind = getattr(records, name)
        assert [field.name for field in schema.fields] == list(kind.__struct_fields__)
        assert schema.text
        for field in schema.fields:
            assert set(field.refers) <= described.keys()


def test_types_are_words():
    fields = {field.name: field.type for field in msgspec.structs.fields(records.Architecture)}
    assert type_name(fields["id"]) == "text"
    assert type_name(fields["diagrams"]) == "list of Diagram"
    assert type_name(fields["schema"]) == "1"
    assert type_name(fields["files"]) == "text to text"


def test_the_committed_records_obey_the_json_schema(committed):
    schema = json.loads(json_schema())
    definition = schema["$defs"]["Architecture"]
    for path in (committed / "architectures").glob("*.json"):
        record = json.loads(path.read_bytes())
        assert record.keys() <= definition["properties"].keys()
        assert set(definition["required"]) <= record.keys()
