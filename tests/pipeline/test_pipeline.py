"""`atlas measure` from outside: fresh, stale, damaged, refused, failed, locked, killed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
import tomlkit
from kills import contents, killed_at_each_write
from verbs import atlas, atlas_process

from generator.architectures import measure as architectures
from generator.cli.measuring import RunOptions, bring_up_to_date
from generator.publish.reading.atlas import read_atlas
from generator.records import Architecture, lock, store

DATA = Path(__file__).parents[2] / "data"
CATALOG = tomllib.loads((DATA / "catalog.toml").read_text(encoding="utf-8"))
ENTRY = """
[[architecture]]
id = "{0}"
name = "{0}"
repo = "someone/{0}"
config = "{0}.json"
"""
# Small enough to be measured in a second, with every kind of block.
TINY = {
    "_class_name": "UNet2DConditionModel",
    "block_out_channels": [32, 64],
    "cross_attention_dim": 32,
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "layers_per_block": 1,
    "sample_size": 16,
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
}


def measure_networks(data: Path, *options: str) -> subprocess.CompletedProcess:
    """Measure the networks in `data`, in this process; not their memory, which takes seconds."""
    given = ("--data", data, "--workers", 1, "--only", "architectures")
    return atlas("measure", *given, *options)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Content of all files but the untracked one that says what was seen."""
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.name != ".seen"}


@pytest.fixture
def data(tmp_path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "catalog.toml").write_text(ENTRY.format("one") + ENTRY.format("two"))
    (folder / "one.json").write_text(json.dumps(TINY))
    (folder / "two.json").write_text(json.dumps(TINY | {"layers_per_block": 2}))
    return folder


def test_fresh_results_are_skipped_and_damaged_ones_made_again(data):
    first = measure_networks(data)
    assert first.returncode == 0, first.stderr
    assert "2 made, 0 fresh, 0 refused" in first.stderr
    results = snapshot(data / "architectures")
    assert "0 made, 2 fresh" in measure_networks(data).stderr

    one = data / "architectures" / "one.json"
    one.write_text(one.read_text().replace('"one"', '"uno"', 1))
    (data / "architectures" / "two.schematic.svg").write_bytes(b"<svg")
    (data / "architectures" / ".tmp-left").write_bytes(b"half")
    again = measure_networks(data)
    assert again.returncode == 0
    assert "one.json is not" in again.stderr.replace(": ", " ")
    assert "two.schematic.svg" in again.stderr
    assert snapshot(data / "architectures") == results

    assert "2 made" in atlas("measure", "--data", data, "--force", "--workers", 1).stderr
    assert snapshot(data / "architectures") == results


def test_a_changed_config_is_stale_and_a_removed_entry_leaves(data):
    measure_networks(data)
    (data / "one.json").write_text(json.dumps(TINY | {"cross_attention_dim": 48}))
    assert "1 made, 1 fresh" in measure_networks(data).stderr
    (data / "catalog.toml").write_text(ENTRY.format("two"))
    assert "removed one" in measure_networks(data).stderr
    assert {name.split(".")[0] for name in snapshot(data / "architectures")} == {"two"}


def test_what_is_refused_is_named_and_the_rest_is_done(data):
    (data / "one.json").write_text(json.dumps(TINY | {"_class_name": "Nope"}))
    with (data / "catalog.toml").open("a") as catalog:
        catalog.write(ENTRY.format("three"))
    done = measure_networks(data)
    assert done.returncode == 3
    assert "Nope" in done.stderr
    assert "three.json" in done.stderr
    assert "architectures: 1 made, 0 fresh, 1 refused" in done.stderr
    assert (data / "architectures" / "two.json").is_file()


def test_a_refused_entry_keeps_the_result_it_had(data):
    measure_networks(data)
    before = snapshot(data / "architectures")
    (data / "catalog.toml").write_text(ENTRY.format("one") + ENTRY.format("two") + "colour = 1\n")
    assert measure_networks(data).returncode == 3
    assert snapshot(data / "architectures") == before


def test_exit_codes(data):
    assert atlas("measure", "--data", data / "nowhere").returncode == 2
    assert atlas("measure", "--only", "dreams").returncode == 2
    assert atlas("measure", "--workers", "0").returncode == 2
    assert atlas("dance").returncode == 2
    assert atlas("--help").returncode == 0


def test_control_characters_of_a_catalogue_do_not_reach_the_terminal(data):
    (data / "catalog.toml").write_text('[[architecture]]\nid = "a\\u001b[2Jb"\n')
    done = atlas("measure", "--data", data)
    assert done.returncode == 3
    assert "\x1b" not in done.stderr


def pretend(monkeypatch, version: str, fails: str = "") -> None:
    """Have the next results be another version of a committed one, made in no time."""
    committed = store.load(DATA / "architectures" / "sd1.json", Architecture)

    def measure_architecture(entry, _folder):
        if entry.id == fails:
            raise ZeroDivisionError("a mistake of ours")
        renamed = msgspec.structs.replace(
            committed.record, id=entry.id, name=f"{version} {entry.id}", diagrams=()
        )
        rows = committed.files["sd1.parameters.csv"]
        files = {
            f"{entry.id}.parameters.csv": rows,
            f"{entry.id}.torchinfo.txt": f"{version} {entry.id}".encode(),
            f"{entry.id}.{version}.txt": b"a file of this version alone",
        }
        return architectures.MeasuredArchitecture(renamed, files)

    monkeypatch.setattr(
        "generator.architectures.measure.measure_architecture", measure_architecture
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_killed_at_any_write_the_old_or_the_new_results_are_whole(data, tmp_path, monkeypatch):
    shutil.copy(DATA / "published.toml", data)
    versions = {}
    for version in ("old", "new"):
        pretend(monkeypatch, version)
        assert measure_networks(data, "--force").returncode == 0
        versions[version] = contents(data / "architectures")
        shutil.copytree(data, tmp_path / version)
    assert not versions["old"].items() & versions["new"].items() - {
        (name, content) for name, content in versions["old"].items() if name.endswith(".csv")
    }

    def prepare() -> None:
        shutil.rmtree(data)
        shutil.copytree(tmp_path / "old", data)

    def measure() -> None:
        bring_up_to_date(data, ["architectures"], RunOptions(1, "cpu", None, True))

    seen = []
    for _ in killed_at_each_write(data, prepare, measure):
        # What `render` reads, and refuses if anything does not belong together.
        found = {one.record.id: one for one in read_atlas(data).networks}
        assert found.keys() == {"one", "two"}
        for identity, one in found.items():
            version = one.beside.summary.split()[0]
            assert one.record.name == one.beside.summary == f"{version} {identity}"
            assert f"{identity}.{version}.txt" in one.record.files
        seen.append(tuple(found[each].beside.summary.split()[0] for each in ("one", "two")))
    # The larger one is made first.
    assert list(dict.fromkeys(seen)) == [("old", "old"), ("old", "new"), ("new", "new")]
    # The next run leaves what an undisturbed one does.
    measure()
    assert contents(data / "architectures") == versions["new"]
    assert not [path.name for path in data.rglob(".*") if path.name != lock.LOCK]


def test_a_bug_in_one_result_is_named_and_the_others_are_made(data, monkeypatch):
    pretend(monkeypatch, "new", fails="one")
    done = measure_networks(data)
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 1
    assert "failed: architectures/one" in done.stderr
    assert "ZeroDivisionError: a mistake of ours" in done.stderr
    assert "1 made, 0 fresh, 1 refused" in done.stderr
    assert store.result_ids(data / "architectures") == ["two"]
    # What was there before stays.
    pretend(monkeypatch, "old")
    assert measure_networks(data).returncode == 0
    before = contents(data / "architectures")
    pretend(monkeypatch, "new", fails="one")
    assert measure_networks(data, "--force").returncode == 1
    after = contents(data / "architectures")
    assert {name for name in before if before[name] == after.get(name)} >= {
        name for name in before if name.startswith("one.")
    }


@pytest.mark.parametrize("library", ["diffusers", "torch", "torchinfo", "torchview"])
@pytest.mark.parametrize("error", [KeyError, MemoryError, RecursionError, AssertionError])
def test_what_a_library_raises_in_one_network_refuses_that_network(
    data, monkeypatch, library, error
):
    """Also where the library only calls what raises, such as NumPy."""
    names = {"raised": error("in it")}
    for package, body in (("numpy", "raise raised"), (library, "numpy_fails()")):
        path = Path(sys.prefix, "site-packages", package, "inside.py")
        exec(compile(f"def {package}_fails(): {body}", path, "exec"), names)
    pretend(monkeypatch, "new")
    measure = architectures.measure_architecture

    def failing(entry, folder):
        if entry.id == "one":
            names[f"{library}_fails"]()
        return measure(entry, folder)

    monkeypatch.setattr("generator.architectures.measure.measure_architecture", failing)
    done = measure_networks(data)
    assert done.returncode == 3
    assert f"one.json: {library} fails with it ({error.__name__}" in done.stderr
    assert "Traceback" not in done.stderr
    assert "1 made, 0 fresh, 1 refused" in done.stderr
    assert store.result_ids(data / "architectures") == ["two"]


def test_a_folder_that_cannot_be_written_stops_the_run(data, monkeypatch):
    pretend(monkeypatch, "new")
    (data / "architectures").write_text("not a folder")
    done = measure_networks(data)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert (data / "architectures").read_text() == "not a folder"


def test_a_newer_record_is_left_as_it_is(data, monkeypatch):
    pretend(monkeypatch, "old")
    assert measure_networks(data).returncode == 0
    path = data / "architectures" / "one.json"
    path.write_text(re.sub(r'"schema": \d+', '"schema": 99', path.read_text()))
    before = contents(data / "architectures")
    done = measure_networks(data, "--force")
    assert done.returncode == 3
    assert "a newer version of this program" in done.stderr
    assert path.read_bytes() == before["one.json"]
    # One that is older is made again.
    path.write_text(path.read_text().replace('"schema": 99', '"schema": 0'))
    done = measure_networks(data)
    assert done.returncode == 0
    assert "making again" in done.stderr
    assert "an older version" in done.stderr


def test_a_second_writer_is_told_who_the_first_is(data, monkeypatch):
    pretend(monkeypatch, "old")
    with lock.only_writer(data):
        done = atlas_process("measure", "--data", data)
    assert done.returncode == 2
    assert f"another atlas command is writing there (process {os.getpid()} on " in done.stderr
    assert "Wait until it ends, or stop it. Nothing was changed" in done.stderr
    assert not (data / "architectures").exists()
    assert measure_networks(data).returncode == 0


# One of each class that had a page first; all of them are measured anew by CI.
NETWORKS = ("auraflow", "flux", "hunyuan-dit", "sd1", "sd3")
if os.environ.get("CI") == "true":
    NETWORKS = tuple(store.result_ids(DATA / "architectures"))


@pytest.mark.parametrize("network", NETWORKS)
def test_the_committed_networks_come_out_byte_for_byte(tmp_path, network):
    """With their diagrams, tables and figures."""
    (entry,) = (each for each in CATALOG["architecture"] if each["id"] == network)
    used = entry.get("components", {}).values()
    components = [each for each in CATALOG["component"] if each["id"] in used]
    alone = {"architecture": [entry], "component": components}
    (tmp_path / "catalog.toml").write_text(tomlkit.dumps(alone))
    for each in (entry, *components):
        config = tmp_path / each["config"]
        config.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DATA / each["config"], config)
    done = atlas("measure", "--data", tmp_path, "--workers", 1, "--only", "architectures")
    assert done.returncode == 0, done.stderr
    made, committed = (snapshot(each / "architectures") for each in (tmp_path, DATA))
    assert made.keys() == {name for name in committed if name.partition(".")[0] == network}
    assert made.items() <= committed.items()


def test_the_committed_checkpoints_come_out_byte_for_byte(family, tmp_path):
    """The demo family, measured anew."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(DATA / "catalog.toml", data)
    shutil.copytree(DATA / "configs", data / "configs")
    shutil.copytree(family, tmp_path / "demo")
    done = atlas("measure", "--data", data, "--workers", 1, "--only", "checkpoints")
    assert done.returncode == 0, done.stderr
    assert snapshot(data / "checkpoints") == snapshot(DATA / "checkpoints")


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups to interrupt")
def test_an_interrupted_run_stops_cleanly_and_goes_on(data):
    # Two at a time, of which the last are not begun when the first is made.
    names = [f"more-{number}" for number in range(2)]
    for name in names:
        (data / f"{name}.json").write_text(json.dumps(TINY))
    with (data / "catalog.toml").open("a") as catalog:
        catalog.writelines(map(ENTRY.format, names))
    given = ["--data", str(data), "--workers=2", "--only=architectures"]
    command = [sys.executable, "-m", "generator.cli", "measure", *given]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that starts the tests in the background has them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    first = ""
    while "made " not in first:
        line = process.stderr.readline()
        assert line, first
        first += line
    os.killpg(process.pid, signal.SIGINT)
    messages = first + process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "finished results are kept, and the next run resumes" in messages
    assert messages.endswith("stopped\n")
    assert "Traceback" not in messages
    kept = contents(data / "architectures").items()
    made_by_workers = store.result_ids(data / "architectures")
    assert made_by_workers
    resumed = measure_networks(data)
    assert resumed.returncode == 0
    (told,) = re.findall("architectures: .*", resumed.stderr)
    assert ", 0 fresh" not in told
    # What worker processes made is what this one makes.
    (data / "catalog.toml").write_text("".join(map(ENTRY.format, made_by_workers)))
    assert measure_networks(data, "--force").returncode == 0
    assert contents(data / "architectures").items() == kept
