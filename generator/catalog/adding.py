"""Paths of checkpoints -> new entries of the catalogue; its comments and order are kept."""

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import msgspec
import tomlkit
from tomlkit.items import Table

from generator.catalog.entries import ID_PATTERN, RESERVED_IDS, ArchiveEntry, Catalog
from generator.catalog.reading import CATALOG_FILE
from generator.catalog.slugs import slug
from generator.catalog.telling_names import telling_names
from generator.errors import UsageError
from generator.records.files import write_file

WEIGHT_SUFFIXES = (".safetensors", ".sft", ".gguf", ".ckpt", ".pt", ".pth", ".bin")
SHARD_INDEX = re.compile(r"\.index(\.[\w-]+)?\.json$")
SHARD = re.compile(r"-\d+-of-\d+\.")
# A folder with one of these files is one model; any other is a folder of models.
MODEL_FILES = ("model_index.json", "config.json", "adapter_config.json")


class WalkedFolders(NamedTuple):
    """Checkpoints at some paths; links that lead nowhere or in a circle; folders that may not be
    read; and the other files that were passed over, counted by suffix."""

    paths: list[Path]
    broken: list[Path]
    locked: list[Path]
    others: Counter[str]


def find_checkpoints(paths: Iterable[Path]) -> WalkedFolders:
    """Checkpoints at `paths`: files, model folders, and the checkpoints in other folders and their
    sub-folders. Links are followed once.

    Raises:
        UsageError: a path does not exist, or a folder holds no checkpoint.
    """
    found = WalkedFolders([], [], [], Counter())
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir() and not _is_model(path):
            before = len(found.paths)
            _walk(path, found, seen)
            if len(found.paths) == before:
                raise UsageError(str(path), "holds no checkpoint")
        elif path.exists():
            found.paths.append(path)
        else:
            raise UsageError(str(path), "does not exist")
    return found


def checkpoints_in(paths: Iterable[Path]) -> list[Path]:
    """`paths` themselves, also those that do not exist, but of a folder of models the checkpoints
    and the folders that may not be read in it: opening these says what is wrong.

    Raises:
        UsageError: a folder of models holds no checkpoint.
    """
    found: list[Path] = []
    for path in paths:
        try:
            is_folder = path.is_dir() and not _is_model(path)
        except OSError:
            is_folder = False
        walked = find_checkpoints([path]) if is_folder else None
        found += [*walked.paths, *walked.locked] if walked else [path]
    return found


def _walk(folder: Path, found: WalkedFolders, seen: set[Path]) -> None:
    """Add what lies in `folder` to `found`; `seen` are the folders and files so far."""
    seen.add(folder.resolve())
    items = sorted(folder.iterdir())
    has_index = any(SHARD_INDEX.search(item.name) for item in items)
    for item in items:
        try:
            target = item.resolve(strict=True)
        except (OSError, RuntimeError):
            found.broken.append(item)
            continue
        if target in seen:
            continue
        seen.add(target)
        try:
            is_folder = item.is_dir()
            if is_folder and not _is_model(item):
                _walk(item, found, seen)
                continue
        except PermissionError:
            found.locked.append(item)
            continue
        if is_folder or (has_weights(item) and not (has_index and SHARD.search(item.name))):
            found.paths.append(item)
        else:
            found.others[item.suffix.lower() or item.name] += 1


def holds_weights(folder: Path) -> bool:
    """Whether a folder holds a weight file at any depth."""
    return any(has_weights(path) for path in folder.rglob("*") if path.is_file())


def add_checkpoints(catalog: Catalog, paths: Iterable[Path]) -> list[str]:
    """Append an entry for each path that is not in the catalogue; return the new ids.

    Paths inside the project (the parent of the catalogue's folder) are written relative to the
    catalogue's folder, so that the project can be moved; all others are absolute.
    """
    known = {(catalog.folder / entry.path).resolve() for entry in catalog.checkpoints}
    taken = catalog.ids("checkpoint")
    added = []
    with edited_catalog(catalog) as document:
        for path in paths:
            if path.resolve() in known:
                continue
            identity = _free_id(path, taken)
            append_entry(document, "checkpoint", id=identity, path=_written(path, catalog.folder))
            known.add(path.resolve())
            taken.add(identity)
            added.append(identity)
    return added


def _free_id(path: Path, taken: Collection[str]) -> str:
    """The id of the shortest telling name that is free."""
    stem = path.stem if has_weights(path) else path.name
    names = list(telling_names(path, stem))
    free = (identity for name in names if (identity := slug(name)) not in taken)
    return next(free, "") or slug(names[-1], taken)


def add_archives(catalog: Catalog, entries: Iterable[ArchiveEntry]) -> None:
    """Append entries of archives with free ids; paths are written as for checkpoints."""
    with edited_catalog(catalog) as document:
        for entry in entries:
            files = [_written(Path(path), catalog.folder) for path in entry.files]
            fields = msgspec.structs.asdict(entry) | {"files": files}
            append_entry(
                document, "archive", **{key: value for key, value in fields.items() if value}
            )


def check_group(group: str) -> None:
    """Raise `UsageError` if `group` is not a valid id."""
    if not re.fullmatch(ID_PATTERN, group) or group in RESERVED_IDS:
        advice = "Use lower-case letters, digits and hyphens"
        raise UsageError(f"group {group!r}", "is not a valid id", advice)


def add_to_group(catalog: Catalog, group: str, paths: Iterable[Path]) -> list[str]:
    """Make the checkpoints at `paths`, all in the catalogue, members of `group`.

    Creates the group if it does not exist. Returns the ids of the new members.
    """
    ids = {(catalog.folder / one.path).resolve(): one.id for one in catalog.checkpoints}
    wanted = dict.fromkeys(ids[path.resolve()] for path in paths)
    with edited_catalog(catalog) as document:
        entry = next((one for one in document.get("group", ()) if one.get("id") == group), None)
        if entry is None:
            entry = append_entry(document, "group", id=group, name=group, members=[])
        members = entry.setdefault("members", tomlkit.array())
        joined = [one for one in wanted if not any(fnmatchcase(one, known) for known in members)]
        members.extend(joined)
    return joined


@contextmanager
def edited_catalog(catalog: Catalog) -> Iterator[tomlkit.TOMLDocument]:
    """The catalogue's file to edit; it is written if it changed."""
    file = catalog.folder / CATALOG_FILE
    before = file.read_text(encoding="utf-8-sig")
    document = tomlkit.parse(before)
    yield document
    after = tomlkit.dumps(document)
    if after != before:
        write_file(file, after.encode())


def append_entry(document: tomlkit.TOMLDocument, table: str, **fields: object) -> Table:
    """Append an entry to a table of the catalogue; return it."""
    entry = tomlkit.table()
    entry.update(fields)
    document.setdefault(table, tomlkit.aot()).append(entry)
    return entry


def _written(path: Path, folder: Path) -> str:
    # A link keeps its name: a file of a Hub cache is named by its hash.
    target = path.parent.resolve() / path.name
    if target.is_relative_to(folder.resolve().parent):
        return Path(os.path.relpath(target, folder.resolve())).as_posix()
    return str(target)


def has_weights(path: Path) -> bool:
    """Whether a file's name says that it holds weights, or lists shards."""
    name = SHARD_INDEX.sub("", path.name)
    return Path(name).suffix.lower() in WEIGHT_SUFFIXES


def _is_model(folder: Path) -> bool:
    return any((folder / name).is_file() for name in MODEL_FILES)
