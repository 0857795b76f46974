"""Results in `data/`: whole or not at all, and nothing changed by hand goes unnoticed."""

import json
import os
from pathlib import Path

import pytest

from generator.errors import DamagedRecord, UsageError
from generator.records import (
    Architecture,
    Block,
    BlockTable,
    ParameterCounts,
    PipelineInputs,
    PublishedInputs,
    RefusedCheckpoints,
    files,
    store,
)

RECORD = Architecture(
    id="tiny",
    name="Tiny",
    repo="-",
    family="UNet",
    class_name="UNet2DConditionModel",
    config={"b": 1, "a": [1, 2]},
    parameters=ParameterCounts(diffusers=7, torch=7, torchinfo=7, torchinfo_shared_activations=9),
    mbw=BlockTable(count=0, blocks=(Block(name="REST", modules=("conv",), parameters=7),)),
    published=PublishedInputs(
        inputs={},
        input_mb=0.5,
        forward_backward_mb=1.5,
        params_mb=2.5,
        total_gb=0.004,
        mult_adds=11,
        flops=22,
    ),
    pipeline=PipelineInputs(pipeline_class="P", inputs={}, height=8, width=8, flops=3),
    diagrams=(),
    versions={"torch": "1"},
)
FILES = {"tiny.csv": b"a,b\n", "tiny.svg": b"<svg/>"}


@pytest.fixture
def written(tmp_path) -> Path:
    store.write_result(tmp_path, RECORD, FILES, "made-from")
    return tmp_path / "tiny.json"


def test_what_is_written_is_read(written):
    record = store.read_result(written, Architecture)
    assert record.digest == "made-from"
    assert record.files.keys() == FILES.keys()
    assert record.parameters == RECORD.parameters
    for name, content in FILES.items():
        assert (written.parent / name).read_bytes() == content


def test_the_same_result_has_the_same_bytes(written, tmp_path):
    before = written.read_bytes()
    store.write_result(tmp_path, RECORD, dict(reversed(FILES.items())), "made-from")
    assert written.read_bytes() == before


def test_the_record_has_the_fields_that_others_rely_on(written):
    record = json.loads(written.read_text())
    assert set(record) >= {"id", "name", "repo", "class_name", "config", "parameters", "mbw"}
    assert set(record["parameters"]) == {
        "diffusers",
        "torch",
        "torchinfo",
        "torchinfo_shared_activations",
    }
    assert set(record["mbw"]) == {"count", "blocks"}
    assert set(record["mbw"]["blocks"][0]) == {"name", "modules", "parameters"}
    assert set(record["published"]) == {
        "inputs",
        "input_mb",
        "forward_backward_mb",
        "params_mb",
        "total_gb",
        "mult_adds",
        "flops",
    }
    assert set(record["pipeline"]) >= {"inputs", "height", "width", "flops"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda _: "",
        lambda text: text.replace('"diffusers": 7', '"diffusers": 8'),
        lambda text: text.replace('"schema": ', '"schema": 9'),
        lambda text: text.replace('"name": "Tiny"', '"name": "Tiny", "extra": 1'),
        lambda text: text.replace('"id": "tiny"', '"id": "other"'),
        lambda _: "[" * 100_000,
        lambda text: "\0" + text,
    ],
)
def test_a_damaged_record_is_named(written, damage):
    damaged = damage(written.read_text())
    assert damaged != written.read_text()
    written.write_text(damaged)
    with pytest.raises(DamagedRecord, match=r"tiny\.json"):
        store.read_result(written, Architecture)


def test_the_list_of_refusals_is_no_result(written):
    assert RefusedCheckpoints(checkpoints=()).id == store.REFUSED
    store.write_result(written.parent, RefusedCheckpoints(checkpoints=()), {}, "")
    assert store.result_ids(written.parent) == ["tiny"]


def test_a_change_that_contradicts_nothing_is_noticed(written):
    written.write_text(written.read_text().replace('"Tiny"', '"Tony"'))
    with pytest.raises(DamagedRecord, match=r"tiny\.json: is not what was written"):
        store.read_result(written, Architecture)


def test_a_record_under_another_name_is_noticed(written):
    other = written.rename(written.with_name("other.json"))
    with pytest.raises(DamagedRecord, match=r"other\.json: is not what was written"):
        store.read_result(other, Architecture)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_or_missing_file_is_named(written, name):
    file = written.parent / name
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(DamagedRecord, match=name):
        store.read_result(written, Architecture)
    file.unlink()
    with pytest.raises(DamagedRecord, match=name):
        store.read_result(written, Architecture)


def test_a_record_may_not_point_outside_its_folder(tmp_path):
    (tmp_path / "secret").write_bytes(b"")
    folder = tmp_path / "results"
    folder.mkdir()
    store.write_result(folder, RECORD, {"../secret": b""}, "")
    with pytest.raises(DamagedRecord, match="secret"):
        store.read_result(folder / "tiny.json", Architecture)


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    files.write_file(path, b"old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "disk full")))
    with pytest.raises(UsageError, match=r"cannot be written \(disk full\)"):
        files.write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_sweep_removes_what_a_killed_process_left(tmp_path):
    (tmp_path / f"{files.TEMPORARY_PREFIX}x").write_bytes(b"half")
    (tmp_path / "kept.json").write_bytes(b"")
    files.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.json"]


def test_digests_depend_on_content_not_on_order():
    assert store.digest({"a": 1, "b": 2}) == store.digest({"b": 2, "a": 1})
    assert store.digest({"a": 1}) != store.digest({"a": 2})
    assert store.digest("a", "b") != store.digest("ab")
