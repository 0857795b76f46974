"""Paths that the system or JSON does not take: a line and an exit code of each verb."""

import os
import shutil
import subprocess
import sys

import pytest
from verbs import atlas

LONG = "x" * 300
NOT_UTF8 = pytest.mark.skipif(sys.platform != "linux", reason="all names are Unicode there")


def refused(done, code):
    lines = done.stderr.splitlines()
    return (done.returncode, len(lines)) == (code, 1) and lines[0].startswith("refused: ")


@pytest.mark.parametrize("verb", ["inspect", "compare", "recipe", "vram", "new", "measure --data"])
def test_a_name_too_long_for_the_system(family, verb):
    base = family / "demo-base.safetensors"
    first = {"compare": [base], "recipe": [base, base]}.get(verb, [])
    done = atlas(*verb.split(), *first, LONG)
    assert refused(done, 3 if verb in ("inspect", "compare", "recipe") else 2)
    assert "File name too long" in done.stderr


def test_the_others_are_compared(family):
    members = [family / f"demo-{name}.safetensors" for name in ("base", "tune-1")]
    done = atlas("matrix", *members, LONG, "--workers", 1)
    assert refused(done, 3)
    assert "demo-tune-1" in done.stdout


@NOT_UTF8
@pytest.mark.parametrize("verb", ["inspect", "compare", "matrix", "lineage"])
def test_a_name_that_is_not_utf8(family, tmp_path, verb):
    members = [family / f"demo-{name}.safetensors" for name in ("base", "tune-1")]
    strange = tmp_path / os.fsdecode(b"\xff.safetensors")
    shutil.copy(members[0], strange)
    first = {"inspect": [], "compare": members[:1]}.get(verb, members)
    output = tmp_path / "found.json"
    done = atlas(verb, *first, strange, "--output", output)
    assert refused(done, 3)
    assert "not UTF-8. Rename it" in done.stderr
    assert output.exists() == (len(first) > 1)


@NOT_UTF8
def test_a_fine_name_in_a_locale_without_its_letters(family, tmp_path):
    path = tmp_path / "größe.safetensors"
    shutil.copy(family / "lora-style.safetensors", path)
    command = [sys.executable, "-m", "generator.cli", "inspect", path]
    bare = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(command, env=bare, capture_output=True, text=True, check=False)
    assert refused(done, 3)
    assert "this locale (ascii) lacks. Set PYTHONUTF8=1" in done.stderr
    advised = bare | {"PYTHONUTF8": "1"}
    assert subprocess.run(command, env=advised, capture_output=True, check=False).returncode == 0


@NOT_UTF8
def test_a_name_that_is_not_utf8_is_not_added(family, tmp_path):
    assert atlas("new", tmp_path / "site").returncode == 0
    shutil.copy(family / "lora-style.safetensors", tmp_path / os.fsdecode(b"\xff.safetensors"))
    shutil.copy(family / "lora-style.safetensors", tmp_path / "a.safetensors")
    named = [each for each in tmp_path.iterdir() if each.suffix]
    done = atlas("add", "--site", tmp_path / "site", *named)
    assert done.returncode == 3
    assert "added a" in done.stderr
    assert "not UTF-8. Rename it" in done.stderr


@pytest.mark.parametrize("added", ["nan", "inf"])
def test_no_number_of_gigabytes(added):
    assert refused(atlas("vram", "sdxl", "--added", added), 2)
