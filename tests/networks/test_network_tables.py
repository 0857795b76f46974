"""Tables of networks: patterns stand for the names that a person would write out."""

import json
import tomllib
from pathlib import Path

import msgspec
import pytest
from hatchling.builders.wheel import WheelBuilder

import generator
from generator.networks.key_patterns import expand
from generator.networks.known import Tables
from generator.networks.layouts import _expanded
from generator.networks.renames import KeyLayout
from generator.networks.tables import as_json, read_table

PACKAGE = Path(generator.__file__).parent
TABLES = sorted(PACKAGE.rglob("*.toml"))


def test_a_part_is_put_behind_its_place():
    parts = {"norm": "{weight,bias}", "layer": "norm.$norm out"}
    assert list(expand("a.{0..1}.$layer b", parts)) == [
        "a.0.norm.weight",
        "a.0.norm.bias",
        "a.1.norm.weight",
        "a.1.norm.bias",
        "a.0.out",
        "a.1.out",
        "b",
    ]
    assert list(expand("$norm", parts)) == ["weight", "bias"]


def test_modules_are_paired_in_order():
    layout = KeyLayout(name="", modules={"up.{3,2}.{0,1}": "blocks.{0..1}.resnets.{0,1}"})
    assert _expanded(layout).modules == {
        "up.3.0": "blocks.0.resnets.0",
        "up.3.1": "blocks.0.resnets.1",
        "up.2.0": "blocks.1.resnets.0",
        "up.2.1": "blocks.1.resnets.1",
    }
    with pytest.raises(ValueError, match="shorter"):
        _expanded(KeyLayout(name="", modules={"a.{0,1,2}": "b.{0,1}"}))


def test_a_table_of_another_form_is_refused():
    assert read_table("networks", "networks.toml", Tables).networks
    with pytest.raises(msgspec.ValidationError):
        read_table("networks", "networks.toml", dict[str, KeyLayout])


def test_every_table_is_in_the_wheel():
    builder = WheelBuilder(str(PACKAGE.parent))
    packed = {file.distribution_path for file in builder.recurse_included_files()}
    tables = {path.relative_to(PACKAGE.parent).as_posix() for path in TABLES}
    assert len(tables) > 5
    assert tables <= packed


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_what_is_kept_of_a_table_is_what_it_says(path):
    content = path.read_bytes()
    assert json.loads(as_json(content)) == tomllib.loads(content.decode())
