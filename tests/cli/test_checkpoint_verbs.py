"""`atlas demo`, `add`, `inspect` and `measure` on checkpoints, from outside."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from kills import contents, killed_at_each_write
from verbs import atlas

from generator.checkpoints.inventory.measuring import measure_checkpoint
from generator.cli.measuring import RunOptions, bring_up_to_date
from generator.pipeline import checkpoints
from generator.publish.reading.checkpoints import CHECKPOINTS, read_refused
from generator.publish.reading.loaded import read_all


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.name != ".seen"}


def entries(data: Path):
    return tomllib.loads((data / "catalog.toml").read_text()).get("checkpoint", [])


@pytest.fixture
def data(tmp_path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "catalog.toml").write_text("# A comment that stays.\n")
    return folder


def test_the_demo_family_is_the_same_every_time(family, tmp_path):
    assert atlas("demo", tmp_path).returncode == 0
    for path in family.rglob("*"):
        if path.is_file():
            assert (tmp_path / path.relative_to(family)).read_bytes() == path.read_bytes()


def test_add_keeps_the_file_and_adds_each_checkpoint_once(data, family):
    first = atlas("add", "--data", data, family)
    assert first.returncode == 0, first.stderr
    assert (data / "catalog.toml").read_text().startswith("# A comment that stays.\n")
    paths = {Path(entry["path"]).name for entry in entries(data)}
    assert {"demo-base.safetensors", "demo-diffusers", "demo-ema.ckpt"} <= paths
    assert "truth.json" not in paths
    again = atlas("add", "--data", data, family, family / "demo-base.safetensors")
    assert "0 added" in again.stderr
    assert len(entries(data)) == len(paths)


def test_add_refuses_what_is_not_there(data, tmp_path):
    (tmp_path / "empty").mkdir()
    assert atlas("add", "--data", data, tmp_path / "nowhere").returncode == 2
    assert atlas("add", "--data", data, tmp_path / "empty").returncode == 2
    assert entries(data) == []


def test_of_a_name_without_a_suffix_of_weights_the_header_tells(data, family, tmp_path):
    # As in a cache that names files by their hash; and a catalogue that an editor of Windows wrote.
    (data / "catalog.toml").write_text("# A comment.\n", encoding="utf-8-sig")
    blob, text = tmp_path / "5f3a", tmp_path / "notes.txt"
    shutil.copy(family / "lora-style.safetensors", blob)
    text.write_text("hello")
    done = atlas("add", "--data", data, "--group", "mine", blob, text)
    assert done.returncode == 3
    assert "notes.txt: is neither safetensors, GGUF nor a zip" in done.stderr
    assert [Path(entry["path"]).name for entry in entries(data)] == ["5f3a"]


def test_names_that_differ_in_case_or_are_reserved_get_ids_of_their_own(data, family, tmp_path):
    names = ["Model.safetensors", "con.safetensors", "<script>.safetensors", "refused.ckpt"]
    names += ["model.safetensors", "\u202emodel.safetensors", "x" * 200 + ".safetensors", "a].bin"]
    folder = tmp_path / "odd"
    folder.mkdir()
    made = []
    for name in names:
        target = folder / name
        if not target.exists():
            shutil.copy(family / "demo-float16.safetensors", target)
            made.append(target)
    assert atlas("add", "--data", data, *made).returncode == 0
    assert atlas("measure", "--data", data).returncode == 0
    ids = [entry["id"] for entry in entries(data)]
    assert len(ids) == len(set(ids)) == len(made)
    assert not {"con", "refused"} & set(ids)
    stored = {
        path.stem: json.loads(path.read_text()) for path in (data / "checkpoints").glob("*.json")
    }
    assert {record["name"] for record in stored.values()} == {path.name for path in made}


def test_inspect_says_what_a_file_is(family, tmp_path):
    output = tmp_path / "record.json"
    done = atlas("inspect", family / "demo-ema.ckpt", "--output", output)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("demo-ema.ckpt: sd1")
    assert "ema" in done.stdout
    assert "SHA-256" not in done.stdout
    content = json.loads(output.read_text())
    assert content["architecture"] == "sd1"
    assert content["tensors"] > 1000


def test_inspect_in_full_agrees_with_sha256sum(family):
    path = family / "demo-base.safetensors"
    done = atlas("inspect", path, "--full")
    assert done.returncode == 0, done.stderr
    assert hashlib.sha256(path.read_bytes()).hexdigest() in done.stdout


def test_inspect_refuses_with_its_reason(tmp_path):
    path = tmp_path / "a\x1b[2Jb.safetensors"
    path.write_bytes(b"<!doctype html><html>")
    done = atlas("inspect", path)
    assert done.returncode == 3
    assert "\x1b" not in done.stderr
    assert done.stdout == ""
    assert atlas("inspect", tmp_path / "nowhere").returncode == 3


def test_inspect_loads_no_torch(family):
    code = (
        "import sys; from pathlib import Path;"
        "from generator.checkpoints.inventory.record import inspect;"
        f"inspect(Path({str(family / 'demo-ema.ckpt')!r})); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unchanged_files_are_fresh_changed_ones_are_not(data, family, tmp_path):
    path = tmp_path / "one.safetensors"
    shutil.copy(family / "demo-float16.safetensors", path)
    atlas("add", "--data", data, path)
    assert "1 made" in atlas("measure", "--data", data).stderr
    before = snapshot(data / "checkpoints")
    assert "0 made, 1 fresh" in atlas("measure", "--data", data).stderr
    os.utime(path, ns=(1, 1))
    assert "1 made" in atlas("measure", "--data", data).stderr
    assert snapshot(data / "checkpoints") == before
    shutil.copy(family / "demo-bfloat16.safetensors", path)
    assert "1 made" in atlas("measure", "--data", data).stderr
    assert snapshot(data / "checkpoints") != before


def test_a_file_that_is_gone_keeps_its_result_and_a_bad_one_is_listed(data, family, tmp_path):
    good, bad = tmp_path / "good.safetensors", tmp_path / "bad.safetensors"
    shutil.copy(family / "demo-float16.safetensors", good)
    shutil.copy(family / "demo-float16.safetensors", bad)
    atlas("add", "--data", data, good, bad)
    atlas("measure", "--data", data)
    good.unlink()
    bad.write_bytes(bad.read_bytes()[:-10])
    done = atlas("measure", "--data", data)
    assert done.returncode == 3
    assert "kept good" in done.stderr
    assert "bad.safetensors" in done.stderr
    results = snapshot(data / "checkpoints")
    assert {name.split(".")[0] for name in results} == {"good", "refused"}
    (refused,) = json.loads(results["refused.json"])["checkpoints"]
    assert refused["name"] == "bad.safetensors"
    assert str(tmp_path) not in results["refused.json"].decode()
    shutil.copy(family / "demo-float16.safetensors", bad)
    assert atlas("measure", "--data", data).returncode == 0
    assert "refused.json" not in snapshot(data / "checkpoints")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_killed_at_any_write_the_old_or_the_new_result_is_whole(
    data, family, tmp_path, monkeypatch
):
    path = tmp_path / "one.safetensors"
    shutil.copy(family / "demo-float16.safetensors", path)
    atlas("add", "--data", data, path)
    assert atlas("measure", "--data", data).returncode == 0
    old = contents(data / "checkpoints")
    shutil.copytree(data, tmp_path / "old")
    shutil.copy(family / "demo-bfloat16.safetensors", path)
    measured = measure_checkpoint(path, "one")
    monkeypatch.setattr(checkpoints, "measure_checkpoint", lambda *_: measured)

    def prepare() -> None:
        shutil.rmtree(data)
        shutil.copytree(tmp_path / "old", data)

    def measure() -> None:
        assert bring_up_to_date(data, ["checkpoints"], RunOptions(1, "cpu", None, False)) == []

    seen = []
    for _ in killed_at_each_write(data, prepare, measure):
        (held,) = read_all(data, CHECKPOINTS)
        refused = read_refused(data)
        assert refused == ()
        seen.append(held.record.dtypes.keys())
        # The table is that of the record.
        assert {row.dtype for row in held.beside if row.is_weight} == held.record.dtypes.keys()
    assert [set(each) for each in (seen[0], seen[-1])] == [{"float16"}, {"bfloat16"}]
    # What the last one did is known to the next: nothing is left to do, and nothing lies about.
    assert "0 made, 1 fresh" in atlas("measure", "--data", data).stderr
    new = contents(data / "checkpoints")
    assert old.keys() == new.keys() == {"one.json", "one.tensors.parquet"}
    assert not any(old[name] == new[name] for name in old)
    assert {p.name for p in data.rglob(".*")} == {".lock", ".seen"}


def test_two_that_add_at_the_same_time_lose_nothing(data, family, tmp_path):
    paths = [tmp_path / f"model-{number}.safetensors" for number in range(8)]
    for path in paths:
        shutil.copy(family / "demo-float16.safetensors", path)
    command = [sys.executable, "-m", "generator.cli", "add", "--data", data, "--group", "all"]
    halves = (paths[:4], paths[4:])
    adding = [subprocess.Popen([*map(str, command), *map(str, half)]) for half in halves]
    assert [process.wait() for process in adding] == [0, 0]
    assert {Path(entry["path"]).name for entry in entries(data)} == {path.name for path in paths}
    (group,) = tomllib.loads((data / "catalog.toml").read_text())["group"]
    assert sorted(group["members"]) == sorted(path.stem for path in paths)
