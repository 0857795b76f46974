"""A site of one's own: the files that this program writes into it, and brings up to date.

A manifest in the site has the SHA-256 of each file as it was written. A file that still has it is
ours to replace or remove; any other is the person's, and stays.
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from generator.catalog.reading import CATALOG_FILE
from generator.catalog.site import SiteFolders, shipped
from generator.errors import PACKAGE, UsageError
from generator.records import Record
from generator.records.files import write_file

MANIFEST = ".atlas.json"
# Increase if an older program could not bring such a site up to date.
SCHEMA = 1

# Files of a site, by the files of this program that they are copied from.
COPIED = {
    "templates/new/README.md": "README.md",
    "templates/new/gitignore": ".gitignore",
    "templates/new/publish.yml": ".github/workflows/publish.yml",
    "templates/new/requirements.txt": "requirements.txt",
    "data/published.toml": "data/published.toml",
    "mkdocs.yml": "mkdocs.yml",
    "site_src/add.md": "site_src/add.md",
    "site_src/from-python.md": "site_src/from-python.md",
}
# Whole folders, with the same place in a site.
FOLDERS = ("site_src/assets", "site_src/search", "templates/theme")
# The person's from the start.
CATALOG_TEMPLATE = "templates/new/catalog.toml"
EMPTY_FOLDERS = ("data/configs", "data/prompts")
# The title of the public site, which a site of one's own replaces.
TITLE_LINE = "site_name: Diffusion Atlas\n"


class SiteManifest(Record):
    """Name of a site, and the SHA-256 of the files in it as this program wrote them, by path."""

    schema: int = SCHEMA
    name: str
    files: dict[str, str]


class Upgrade(Record):
    """Paths in a site that were written and removed, and those that stay as they are because the
    person changed or removed them."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


def new_site(root: Path, name: str) -> None:
    """Write a site called `name` into the folder `root`, which is made or empty.

    Raises:
        UsageError: `root` holds files, or is one.
        CannotWrite: it cannot be written.
    """
    if root.is_file() or (root.is_dir() and any(root.iterdir())):
        raise UsageError(str(root), "is not empty", "Name a new folder; nothing was written")
    catalog = (shipped() / CATALOG_TEMPLATE).read_bytes()
    write_file(root / "data" / CATALOG_FILE, catalog)
    for folder in EMPTY_FOLDERS:
        (root / folder).mkdir()
    _write(root, SiteManifest(name=name, files={}), _contents(name))


def upgrade_site(site: SiteFolders) -> Upgrade:
    """Bring the files of `site` up to date that the person has left as they were.

    Raises:
        UsageError: `atlas new` has not made it, or a newer version of this program has.
        CannotWrite: it cannot be written.
    """
    manifest = read_manifest(site)
    return _write(site.root, manifest, _contents(manifest.name))


def read_manifest(site: SiteFolders) -> SiteManifest:
    """The manifest of a site. Raises `UsageError` without one, or if it is of a newer program."""
    path = site.root / MANIFEST
    try:
        content = path.read_bytes()
        schema = msgspec.json.decode(content, type=dict[str, msgspec.Raw]).get("schema")
        if schema is not None and msgspec.json.decode(schema, type=int) > SCHEMA:
            advice = f"Upgrade it: pip install --upgrade '{PACKAGE}[site]'"
            raise UsageError(str(site.root), "is of a newer version of this program", advice)
        return msgspec.json.decode(content, type=SiteManifest)
    except FileNotFoundError as error:
        reason = f"was not made by `atlas new`: it has no {MANIFEST}"
        raise UsageError(str(site.root), reason, "Nothing was changed") from error
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(str(path), f"cannot be read ({error})", "Nothing was changed") from error


def _write(root: Path, manifest: SiteManifest, contents: Mapping[str, bytes]) -> Upgrade:
    """Make the files of a site equal to `contents`, as far as they are ours."""
    ours = dict(manifest.files)
    written, removed, kept = [], [], []
    for path, content in contents.items():
        found = _sha256_of(root / path)
        if found == _sha256(content):
            ours[path] = found
        # New ones are in neither; one that the person has removed is in the manifest.
        elif found == ours.get(path):
            write_file(root / path, content)
            ours[path] = _sha256(content)
            written.append(path)
        else:
            kept.append(path)
    for path in sorted(manifest.files.keys() - contents.keys()):
        if _sha256_of(root / path) == ours.pop(path):
            (root / path).unlink()
            removed.append(path)
    after = SiteManifest(name=manifest.name, files=dict(sorted(ours.items())))
    write_file(root / MANIFEST, msgspec.json.format(msgspec.json.encode(after), indent=1) + b"\n")
    return Upgrade(written=tuple(written), removed=tuple(removed), kept=tuple(kept))


def _contents(name: str) -> dict[str, bytes]:
    """Content of each file of a site called `name`."""
    source = shipped()
    files = {place: source / path for path, place in COPIED.items()}
    for folder in FOLDERS:
        found = sorted(path for path in (source / folder).rglob("*") if path.is_file())
        files |= {path.relative_to(source).as_posix(): path for path in found}
    contents = {place: path.read_bytes() for place, path in files.items()}
    version = importlib.metadata.version(PACKAGE)
    filled = {"README.md": {"{name}": name}, "requirements.txt": {"{version}": version}}
    # A quoted string of JSON is one of YAML.
    filled["mkdocs.yml"] = {TITLE_LINE: f"site_name: {json.dumps(name, ensure_ascii=False)}\n"}
    for place, values in filled.items():
        text = contents[place].decode()
        for mark, value in values.items():
            text = text.replace(mark, value)
        contents[place] = text.encode()
    return contents


def _sha256_of(path: Path) -> str | None:
    return _sha256(path.read_bytes()) if path.is_file() else None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
