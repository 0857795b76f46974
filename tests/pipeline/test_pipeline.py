"""`atlas measure` from outside: fresh, stale, damaged, refused, killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from verbs import atlas

DATA = Path(__file__).parents[2] / "data"
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
    first = atlas("measure", "--data", data)
    assert first.returncode == 0, first.stderr
    assert "2 made, 0 fresh, 0 refused" in first.stderr
    results = snapshot(data / "architectures")
    assert "0 made, 2 fresh" in atlas("measure", "--data", data).stderr

    one = data / "architectures" / "one.json"
    one.write_text(one.read_text().replace('"one"', '"uno"', 1))
    (data / "architectures" / "two.schematic.svg").write_bytes(b"<svg")
    (data / "architectures" / ".tmp-left").write_bytes(b"half")
    again = atlas("measure", "--data", data, "--workers", 1)
    assert again.returncode == 0
    assert "one.json is not" in again.stderr.replace(": ", " ")
    assert "two.schematic.svg" in again.stderr
    assert snapshot(data / "architectures") == results

    assert "2 made" in atlas("measure", "--data", data, "--force", "--workers", 1).stderr
    assert snapshot(data / "architectures") == results


def test_a_changed_config_is_stale_and_a_removed_entry_leaves(data):
    atlas("measure", "--data", data, "--workers", 1)
    (data / "one.json").write_text(json.dumps(TINY | {"cross_attention_dim": 48}))
    assert "1 made, 1 fresh" in atlas("measure", "--data", data, "--workers", 1).stderr
    (data / "catalog.toml").write_text(ENTRY.format("two"))
    assert "removed one" in atlas("measure", "--data", data, "--workers", 1).stderr
    assert {name.split(".")[0] for name in snapshot(data / "architectures")} == {"two"}


def test_what_is_refused_is_named_and_the_rest_is_done(data):
    (data / "one.json").write_text(json.dumps(TINY | {"_class_name": "Nope"}))
    with (data / "catalog.toml").open("a") as catalog:
        catalog.write(ENTRY.format("three"))
    done = atlas("measure", "--data", data, "--workers", 1)
    assert done.returncode == 3
    assert "Nope" in done.stderr
    assert "three.json" in done.stderr
    assert "architectures: 1 made, 0 fresh, 1 refused" in done.stderr
    assert (data / "architectures" / "two.json").is_file()


def test_a_refused_entry_keeps_the_result_it_had(data):
    atlas("measure", "--data", data, "--workers", 1)
    before = snapshot(data / "architectures")
    (data / "catalog.toml").write_text(ENTRY.format("one") + ENTRY.format("two") + "colour = 1\n")
    assert atlas("measure", "--data", data, "--workers", 1).returncode == 3
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


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_kill_at_any_moment_then_go_on(data, tmp_path):
    reference = tmp_path / "reference"
    shutil.copytree(data, reference)
    atlas("measure", "--data", reference)
    expected = snapshot(reference / "architectures")

    command = [
        sys.executable,
        "-m",
        "generator.cli",
        "measure",
        "--data",
        str(data),
        "--workers",
        "1",
    ]
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    whole = time.monotonic() - started
    shutil.rmtree(data / "architectures")
    for moment in range(1, 8):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(whole * moment / 8)
        process.kill()
        process.wait()
        folder = data / "architectures"
        for path in folder.iterdir() if folder.is_dir() else ():
            if not path.name.startswith(".tmp-"):
                assert path.read_bytes() == expected[path.name], path.name
    assert atlas("measure", "--data", data).returncode == 0
    assert snapshot(data / "architectures") == expected


def test_the_committed_results_come_out_byte_for_byte(tmp_path):
    """All architectures with their diagrams, and the demo family, made and measured anew."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(DATA / "catalog.toml", data)
    shutil.copytree(DATA / "configs", data / "configs")
    atlas("demo", tmp_path / "demo")
    done = atlas("measure", "--data", data)
    assert done.returncode == 0, done.stderr
    for kind in ("architectures", "checkpoints"):
        assert snapshot(data / kind) == snapshot(DATA / kind)


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups to interrupt")
def test_an_interrupted_run_stops_cleanly_and_goes_on(data):
    # Enough to be under way for a while on any machine.
    names = [f"more-{number}" for number in range(12)]
    for name in names:
        (data / f"{name}.json").write_text(json.dumps(TINY))
    with (data / "catalog.toml").open("a") as catalog:
        catalog.writelines(map(ENTRY.format, names))
    command = [sys.executable, "-m", "generator.cli", "measure", "--data", str(data)]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that starts the tests in the background has them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    first = process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)
    messages = first + process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "stopped; finished results are kept, and the next run resumes" in messages
    assert "Traceback" not in messages
    assert atlas("measure", "--data", data).returncode == 0
