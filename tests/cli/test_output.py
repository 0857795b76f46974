"""What every verb has: help with an example, JSON on stdout, lines that fit the terminal."""

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from verbs import atlas

from generator.cli import VERBS, cli
from generator.cli.terminal import byte_columns, progress_bar, visible
from generator.text.fitting import fitted


@pytest.mark.parametrize("name", VERBS)
def test_each_help_has_an_example(name):
    said = atlas(name, "--help").stdout
    assert f"Example: {'mkdocs' if name == 'check' else 'atlas ' + name}" in said
    assert f"  {name} " in atlas("--help").stdout


@pytest.mark.parametrize("name", VERBS)
def test_an_example_is_one_line_to_copy(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    wide = cli.get_command(click.Context(cli), name).help
    (example,) = (line.strip() for line in wide.splitlines() if "Example: " in line)
    assert example in map(str.strip, atlas(name, "--help").stdout.splitlines())


def run_with_stdout(stdout, family) -> subprocess.CompletedProcess:
    """`atlas inspect` in a process of its own, whose results go to `stdout`."""
    command = [sys.executable, "-m", "generator.cli", "inspect", family / "demo-base.safetensors"]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_a_full_disk_is_said_in_one_line(family):
    with Path("/dev/full").open("w") as full:
        done = run_with_stdout(full, family)
    assert (done.returncode, done.stderr) == (
        2,
        "refused: stdout: cannot be written (No space left on device)\n",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends such a reader otherwise")
def test_a_reader_that_has_seen_enough_is_no_bug(family):
    reading, writing = os.pipe()
    os.close(reading)
    done = run_with_stdout(writing, family)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows' shell closes no streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_no_bug(family, closed):
    command = f'"{sys.executable}" -m generator.cli inspect "$1" {closed}'
    checkpoint = family / "demo-base.safetensors"
    done = subprocess.run(
        ["sh", "-c", command, "sh", checkpoint], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["cp1252", "cp437"])
def test_what_an_encoding_lacks_is_no_bug(family, tmp_path, encoding):
    checkpoint = tmp_path / "森 größe.safetensors"
    checkpoint.write_bytes((family / "demo-base.safetensors").read_bytes())
    command = [sys.executable, "-m", "generator.cli", "inspect", checkpoint]
    options = {"env": {**os.environ, "PYTHONIOENCODING": encoding}, "capture_output": True}
    said = subprocess.run(command, check=True, **options).stdout.decode(encoding)
    assert said.startswith("\\u68ee ")
    command += ["--output", "-"]
    # JSON is UTF-8 whatever the terminal's encoding is.
    assert json.loads(subprocess.run(command, check=True, **options).stdout.decode("utf-8"))


def test_json_on_stdout_alone(family):
    names = ("base", "tune-1", "tune-2")
    base, one, two = (str(family / f"demo-{name}.safetensors") for name in names)
    verbs = [
        ("inspect", base),
        ("compare", base, one),
        ("matrix", base, one),
        ("recipe", one, base, two),
        ("lineage", base, one),
    ]
    for verb in verbs:
        done = atlas(*verb, "--output", "-")
        assert isinstance(json.loads(done.stdout), dict)
        assert done.stderr == ""


# Every verb with an option that names a file to write, and as many files as it must be given.
WRITING = [
    pytest.param(name, option.opts[0], files, id=f"{name} {option.opts[0]}")
    for name in VERBS
    for params in [cli.get_command(click.Context(cli), name).params]
    for files in [["absent"] * sum(isinstance(each, click.Argument) for each in params)]
    for option in params
    if {"--output", "--plot"} & set(option.opts)
]


@pytest.mark.parametrize(("verb", "option", "files"), WRITING)
@pytest.mark.parametrize("place", ["file/result.svg", "file/folder/result.svg", "x" * 300 + ".svg"])
def test_where_nothing_can_be_written_nothing_is_read(
    verb, option, files, place, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("file").write_bytes(b"")
    # Files that are not there would be refused as soon as they were looked at.
    done = atlas(verb, *files, option, place)
    assert done.returncode == 2
    assert f"{place}: cannot be written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


# A safetensors file whose header has 123 bytes, which are those of a brace; and a GGUF file.
@pytest.mark.parametrize("content", [b"{\0\0\0\0\0\0\0{}", b"GGUF\3\0\0\0"])
@pytest.mark.parametrize(
    ("verb", "option", "files"), [each for each in WRITING if "--output" in each.values]
)
def test_a_checkpoint_is_not_replaced_by_results(
    verb, option, files, content, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("model").write_bytes(content)
    done = atlas(verb, *files, option, "model")
    assert done.returncode == 2
    assert "model: is there already, and is not JSON. Name another file" in done.stderr
    assert Path("model").read_bytes() == content


def test_results_replace_earlier_ones(family, tmp_path):
    output = tmp_path / "found.json"
    for name in ("lora-style", "lora-detail"):
        done = atlas("inspect", family / f"{name}.safetensors", "--output", output)
        assert done.returncode == 0
        assert name in output.read_text("utf-8")


def test_a_figure_names_the_extra_that_draws_it(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("generator.plots.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = atlas("compare", "absent", "absent too", "--plot", "change.svg")
    assert "pip install 'diffusion-atlas[plots]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    done = atlas("compare", "absent", "absent too", "--plot", "change.gif")
    assert "Use .png, .pdf or .svg" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_device_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert atlas("inspect", "absent", "--output", pipe).returncode == 2
    assert pipe.is_fifo()


def test_the_versions_that_decide():
    said = atlas("--version").stdout
    assert said.startswith("atlas ")
    for name in ("numpy 2.", "torch 2.", "torchinfo 1.8.", "scikit-learn 1."):
        assert name in said


def test_no_colours_nor_progress_where_output_is_piped(family, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    done = atlas("matrix", family / "demo-base.safetensors", family / "demo-ema.ckpt")
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_a_pattern_is_expanded_where_the_shell_does_not(family, monkeypatch):
    # As click does on Windows.
    monkeypatch.chdir(family)
    assert sorted(click.utils._expand_args(["demo-tune-*.safetensors"])) == [
        f"demo-tune-{number}.safetensors" for number in (1, 2, 3)
    ]


def test_a_space_that_does_not_break_is_a_space_on_a_terminal():
    assert visible("50.4\xa0%, 1\u202f000\n") == "50.4 %, 1 000\\n"


def test_tables_fit_a_line():
    rows = [("", *map(str, range(1, 41)))]
    for row in range(3):
        values = [f"{row}.{column:03}" for column in range(40)]
        rows.append((f"{'long' * 10}-{row}", *values))
    lines = list(fitted(rows, 80))
    assert max(map(len, lines)) <= 80
    shown = " ".join(lines).split()
    assert all(f"{row}.{column:03}" in shown for row in range(3) for column in range(40))
    # Both ends of a name stay.
    assert all(f"-{row}" in lines[row + 1][:20] for row in range(3))
    unlimited = list(fitted(rows, None))
    assert len(unlimited) == 4
    assert unlimited[1].startswith("long" * 10)


def test_tables_are_whole_where_there_is_room():
    rows = [("a", "bb"), ("ccc", "d")]
    assert list(fitted(rows, 80)) == list(fitted(rows, None)) == ["a    bb", "ccc  d"]


def test_a_terminal_has_a_width(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys, "stdout", Terminal())
    from generator.text.inspection import columns

    lines = list(columns([("x" * 50, "y" * 50), ("a", "b")]))
    assert max(map(len, lines)) <= 60


def test_a_part_with_room_is_not_cut():
    text = " ".join(["to read"] * 5)
    rows = [("name", "a", "b", "c", "d"), ("model", *["1" * 16] * 3, text)]
    lines = list(fitted(rows, 60))
    assert f"model  {text}" in lines
    assert max(map(len, lines)) <= 60


def test_progress_fits_a_narrow_terminal(monkeypatch):
    from rich.console import Console

    narrow = Console(file=io.StringIO(), width=60, force_terminal=True, color_system=None)
    monkeypatch.setattr("generator.cli.terminal._stderr", lambda: narrow)
    with progress_bar(*byte_columns()) as progress:
        bar = progress.add_task("comparing", total=6.9e7)
        for completed in (1e7, 2e7, 3e7):
            time.sleep(0.02)
            progress.update(bar, completed=completed)
    # What moves the cursor back is no part of the text.
    shown = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]|\r", "\n", narrow.file.getvalue())
    drawn = [line for line in shown.splitlines() if line.strip()]
    assert drawn[-1].split()[-3] == "MB/s"
    # What does not fit would continue on a line of its own.
    assert all(line.startswith("comparing ") and len(line) <= 60 for line in drawn)
