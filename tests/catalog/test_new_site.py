"""Sites of one's own: made, found from anywhere inside, and brought up to date."""

import json
from pathlib import Path

import pytest
import yaml
from verbs import atlas

from generator.catalog import new_site
from generator.catalog.site import find_site, shipped
from generator.publish.writing import OWNED_FOLDERS, OWNED_PAGES

NAME = 'Wälder "& co": {more} \U0001f332'


@pytest.fixture
def site(tmp_path) -> Path:
    """A new site, in a folder whose name has a space and letters beyond ASCII."""
    folder = tmp_path / "mein Wald ü" / "größte Sammlung"
    assert atlas("new", folder, "--name", NAME).returncode == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_what_a_new_site_holds(site):
    made = contents(site)
    text = made["mkdocs.yml"].decode().replace("!ENV", "")
    assert yaml.safe_load(text)["site_name"] == NAME
    assert made["README.md"].decode().splitlines()[0] == f"# {NAME}"
    assert len(made["README.md"].splitlines()) <= 25
    assert {"data/catalog.toml", ".github/workflows/publish.yml", ".gitignore"} <= made.keys()
    # Pages that MkDocs' navigation names are rendered or are there.
    assert made["site_src/add.md"] == (shipped() / "site_src" / "add.md").read_bytes()


def test_what_is_rendered_is_not_committed(site):
    ignored = set((site / ".gitignore").read_text("utf-8").splitlines())
    assert {f"/site_src/{page}" for page in OWNED_PAGES} <= ignored
    assert {f"/site_src/{folder}/" for folder in OWNED_FOLDERS} <= ignored


def test_a_site_is_found_from_inside_and_by_its_name(site, tmp_path, monkeypatch):
    inside = site / "site_src" / "assets"
    assert find_site(inside).root == site.resolve()
    monkeypatch.chdir(inside)
    assert "0 written" in atlas("upgrade").stderr
    monkeypatch.chdir(tmp_path)
    assert "0 written" in atlas("upgrade", "--site", site).stderr


@pytest.mark.parametrize("verb", [("measure",), ("render",), ("check",), ("upgrade",)])
def test_no_site_here(tmp_path, monkeypatch, verb):
    monkeypatch.chdir(tmp_path)
    done = atlas(*verb)
    assert done.returncode == 2
    assert "is in no site" in done.stderr
    assert "atlas new DIR" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    elsewhere = atlas(*verb, "--site", tmp_path)
    assert (elsewhere.returncode, len(elsewhere.stderr.splitlines())) == (2, 1)


def test_a_folder_with_files_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    for path in (tmp_path, tmp_path / "mine.txt"):
        done = atlas("new", path)
        assert (done.returncode, "is not empty" in done.stderr) == (2, True)
    assert contents(tmp_path) == {"mine.txt": b"mine"}


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("no folder")
    done = atlas("new", tmp_path / "file" / "inside")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "cannot be written" in done.stderr


def test_pages_that_cannot_be_written_are_not_made(site, monkeypatch):
    def made(*_: object) -> None:
        raise AssertionError("pages are made")

    monkeypatch.setattr("generator.publish.render.render", made)
    (site / "file").write_text("no folder")
    done = atlas("render", "--site", site, "--site-src", site / "file" / "pages")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "cannot be written" in done.stderr


@pytest.fixture
def later(monkeypatch, tmp_path) -> Path:
    """A later version of this program: one file changed, one new, one gone."""
    program = tmp_path / "later"
    for path in [*new_site.COPIED, new_site.CATALOG_TEMPLATE]:
        (program / path).parent.mkdir(parents=True, exist_ok=True)
        (program / path).write_bytes((shipped() / path).read_bytes())
    assets = program / "site_src" / "assets"
    assets.mkdir()
    (assets / "new.css").write_text("/* new */")
    (program / "templates" / "new" / "README.md").write_text("# {name}\n\nLater.\n")
    monkeypatch.setattr(new_site, "shipped", lambda: program)
    return program


def test_an_upgrade_touches_nothing_that_the_person_wrote(site, later):
    before = contents(site)
    (site / "mkdocs.yml").write_text("site_name: Mine\n")
    (site / "data" / "catalog.toml").write_text("# mine\n")
    (site / "site_src" / "assets" / "atlas.css").write_text("/* mine */")
    (site / ".github" / "workflows" / "publish.yml").unlink()
    (later / "mkdocs.yml").write_text("site_name: Diffusion Atlas\nlater: true\n")
    (later / "templates" / "new" / "publish.yml").write_text("name: Later\n")

    done = atlas("upgrade", "--site", site)
    after = contents(site)
    assert done.returncode == 0
    assert after["README.md"] == f"# {NAME}\n\nLater.\n".encode()
    assert after["site_src/assets/new.css"] == b"/* new */"
    assert "site_src/assets/copy.js" in before.keys() - after.keys()
    assert after["mkdocs.yml"] == b"site_name: Mine\n"
    assert after["data/catalog.toml"] == b"# mine\n"
    assert after["site_src/assets/atlas.css"] == b"/* mine */"
    assert ".github/workflows/publish.yml" not in after
    for path in ("mkdocs.yml", ".github/workflows/publish.yml"):
        assert f"kept {path}: you changed or removed it" in done.stderr
    assert "0 written, 2 kept" in atlas("upgrade", "--site", site).stderr


def test_a_site_of_a_newer_version_is_not_touched(site, later):
    assert later.is_dir()
    manifest = site / new_site.MANIFEST
    newer = json.loads(manifest.read_text("utf-8")) | {"schema": new_site.SCHEMA + 1, "more": 1}
    manifest.write_text(json.dumps(newer))
    before = contents(site)
    done = atlas("upgrade", "--site", site)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "newer version" in done.stderr
    assert "pip install --upgrade" in done.stderr
    assert contents(site) == before


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"schema": "x"}', b"\xff"])
def test_a_site_without_a_sound_manifest(site, content):
    manifest = site / new_site.MANIFEST
    manifest.unlink()
    if content is not None:
        manifest.write_bytes(content)
    done = atlas("upgrade", "--site", site)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "Nothing was changed" in done.stderr
