"""Rendering: the same bytes, only its own files, nothing from damaged data, never torch."""

import os
import subprocess
import sys

import msgspec
import pytest

from generator.errors import DamagedRecord, UsageError
from generator.publish.render import render
from generator.publish.writing import OWNED_FOLDERS, OWNED_PAGES, is_owned, write_files
from generator.records import Architecture, store


def files_of(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_two_renderings_give_the_same_bytes(committed, templates, public_pages, tmp_path):
    again = render(committed, templates, tmp_path)
    assert files_of(tmp_path) == files_of(public_pages)
    assert set(again.written) == files_of(tmp_path).keys()


def test_what_is_unchanged_is_left(make_data, templates, tmp_path):
    data = make_data("Tiny")
    render(data, templates, tmp_path / "site")
    for path in (tmp_path / "site").rglob("*.md"):
        os.utime(path, (1, 1))
    again = render(data, templates, tmp_path / "site")
    assert again.written == again.removed == ()
    assert all(path.stat().st_mtime == 1 for path in (tmp_path / "site").rglob("*.md"))


def test_what_is_no_longer_made_goes_and_hand_written_pages_stay(make_data, templates, tmp_path):
    data, site = make_data("Tiny"), tmp_path / "site"
    (site / "assets").mkdir(parents=True)
    (site / "assets" / "own.css").write_text("a")
    (site / "add.md").write_text("by hand")
    render(data, templates, site)
    for path in (data / "architectures").glob("two.*"):
        path.unlink()
    report = render(data, templates, site)
    assert "architectures/two.md" in report.removed
    assert "downloads/architectures/two.json" in report.removed
    assert not (site / "architectures" / "two.md").exists()
    assert (site / "assets" / "own.css").read_text() == "a"
    assert (site / "add.md").read_text() == "by hand"


@pytest.mark.parametrize("name", ["one.json", "one.parameters.csv", "one.schematic.svg"])
def test_damaged_data_are_named_and_nothing_is_written(make_data, templates, tmp_path, name):
    data = make_data("Tiny")
    path = data / "architectures" / name
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DamagedRecord, match=name):
        render(data, templates, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_an_id_that_is_no_address_is_refused(make_data, templates, tmp_path):
    data = make_data("Tiny")
    folder = data / "architectures"
    record = store.read_result(folder / "one.json", Architecture)
    renamed = msgspec.structs.replace(record, id='a"b', diagrams=())
    store.write_result(folder, renamed, {}, "made")
    with pytest.raises(DamagedRecord, match="no address"):
        render(data, templates, tmp_path / "site")


def test_without_networks_there_is_still_a_site(committed, templates, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "published.toml").write_bytes((committed / "published.toml").read_bytes())
    render(data, templates, tmp_path / "site")
    assert "Nothing has been measured yet" in (tmp_path / "site" / "index.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["add.md", "../x.md", "/etc/x", "assets/x.css", "architectures"])
def test_only_generated_places_are_written(tmp_path, name):
    assert not is_owned(name)
    with pytest.raises(UsageError):
        write_files(tmp_path, {name: b""})


def test_git_ignores_what_is_generated_and_nothing_else(templates):
    lines = (templates.parent / ".gitignore").read_text(encoding="utf-8").splitlines()
    ignored = {line for line in lines if line.startswith("/site_src/")}
    owned = OWNED_PAGES | {f"{folder}/" for folder in OWNED_FOLDERS}
    assert ignored == {f"/site_src/{name}" for name in owned}


def test_rendering_leaves_torch_unloaded(public_pages):
    loaded = set((public_pages.parent / "modules.txt").read_text().split())
    assert "generator.publish.pages.site" in loaded
    assert not {"torch", "diffusers"} & loaded


def test_the_check_above_can_fail():
    code = "import sys, torch; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "torch" in done.stdout.split()
