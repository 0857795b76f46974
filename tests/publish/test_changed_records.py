"""A record with one leaf changed, and sealed again: refused by name, or rendered; never a crash."""

import collections
import json
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from generator.errors import DamagedRecord
from generator.publish.render import render
from generator.records import (
    Architecture,
    Checkpoint,
    EmbeddingMap,
    Group,
    Pair,
    ResultRecord,
    store,
)

# One committed record of each kind, and the checkpoint that is shown beside it.
RECORDS: dict[str, tuple[type[ResultRecord], str]] = {
    "architectures": (Architecture, "sd1"),
    "checkpoints": (Checkpoint, "demo-base"),
    "pairs": (Pair, "demo-one-fine-tune"),
    "groups": (Group, "demo"),
    "embeddings": (EmbeddingMap, "words_demo"),
}
BESIDE = ("checkpoints", "demo-base")
# What the store itself knows to be wrong.
SEAL = ("id", "digest", "files", "checksum", "schema")
CHANGES: dict[type, tuple[Any, ...]] = {
    int: (0, -1, 1, 10**6, 10**20),
    float: (0.0, -1.0, 1e300, 0.5),
    str: ("", "zzz", "<b>"),
    type(None): (0, 1.5, "zzz"),
}


def leaves(node: object, path: tuple = ()) -> Iterator[tuple]:
    """Paths of all numbers, texts and lists."""
    if isinstance(node, dict):
        for key, value in node.items():
            if path or key not in SEAL:
                yield from leaves(value, (*path, key))
        return
    yield path
    for number, value in enumerate(node) if isinstance(node, list) else ():
        yield from leaves(value, (*path, number))


def change_one(content: bytes, rng: random.Random) -> bytes:
    """Another value at one place; every field is as likely as any other, however often it is."""
    document = json.loads(content)
    fields = collections.defaultdict(list)
    for path in leaves(document):
        fields[tuple("" if isinstance(step, int) else step for step in path)].append(path)
    *path, last = rng.choice(fields[rng.choice(sorted(fields))])
    parent = document
    for step in path:
        parent = parent[step]
    old = parent[last]
    if isinstance(old, bool):
        parent[last] = not old
    elif isinstance(old, list):
        parent[last] = rng.choice((old[:-1], [], old + old[:1], old[::-1]))
    else:
        parent[last] = rng.choice(CHANGES[type(old)])
    return json.dumps(document).encode()


@pytest.fixture(params=RECORDS)
def record(request, committed, tmp_path) -> tuple[Path, type[ResultRecord]]:
    """The path of a record in a small `data/` that can be rendered."""
    data = tmp_path / "data"
    kind, name = RECORDS[request.param]
    for folder, identity in {(request.param, name), BESIDE}:
        (data / folder).mkdir(parents=True, exist_ok=True)
        for path in (committed / folder).glob(f"{identity}.*"):
            shutil.copy(path, data / folder)
    shutil.copy(committed / "published.toml", data)
    return data / request.param / f"{name}.json", kind


def outcome(path: Path, templates: Path, site_src: Path) -> str:
    """What becomes of the changed record at `path`."""
    try:
        render(path.parents[1], templates, site_src)
    except DamagedRecord as error:
        message = str(error)
    else:
        return "rendered"
    assert path.stem in message
    assert "atlas measure" in message
    return "refused"


@pytest.mark.slow
def test_it_is_refused_by_name_or_rendered(record, templates, tmp_path):
    path, kind = record
    original = path.read_bytes()
    outcomes = collections.Counter()
    # Eight changes, and more until one is refused.
    for seed in range(40):
        if seed >= 8 and outcomes["refused"]:
            break
        changed = change_one(original, random.Random(f"{path.stem} {seed}"))
        try:
            loose = msgspec.json.decode(changed, type=kind)
        except msgspec.MsgspecError:
            # Not of its type: it cannot be sealed, and is refused as it is.
            path.write_bytes(changed)
            with pytest.raises(DamagedRecord, match=path.name):
                store.load(path, kind)
            outcomes["refused"] += 1
            continue
        path.write_bytes(original)
        beside = store.load(path, kind).files
        del beside[path.name]
        store.write_result(path.parent, loose, beside, "changed")
        outcomes[outcome(path, templates, tmp_path / "site_src")] += 1
    assert outcomes["refused"]


def without_figures(content: bytes, kind: type[ResultRecord]) -> tuple[ResultRecord, list[str]]:
    """The record without any figure that it can be without, and the names of these."""
    document = json.loads(content)
    fields = collections.defaultdict(list)
    for path in leaves(document):
        fields[tuple("" if isinstance(step, int) else step for step in path)].append(path)
    record, missing = msgspec.json.decode(content, type=kind), []
    for field, places in fields.items():
        changed = json.loads(msgspec.json.encode(record))
        was = []
        for *path, last in places:
            parent = changed
            try:
                for step in path:
                    parent = parent[step]
                was.append(parent[last])
            except (IndexError, KeyError, TypeError):
                continue
            parent[last] = None
        if not any(isinstance(each, int | float) for each in was):
            continue
        try:
            found = msgspec.json.decode(json.dumps(changed), type=kind)
            found.check()
        except (msgspec.MsgspecError, ValueError, DamagedRecord):
            continue
        record = found
        missing.append(".".join(filter(None, field)))
    return record, missing


@pytest.mark.slow
def test_no_page_prints_a_default_for_a_figure_that_is_missing(record, templates, tmp_path):
    path, kind = record
    bare, missing = without_figures(path.read_bytes(), kind)
    if not missing:
        pytest.skip("each of its figures is required")
    beside = store.load(path, kind).files
    del beside[path.name]
    store.write_result(path.parent, bare, beside, "changed")
    assert outcome(path, templates, tmp_path / "site_src") == "rendered", missing
    # All pages but the one that tells what null means.
    pages = [page for page in (tmp_path / "site_src").rglob("*.md") if page.name != "data.md"]
    assert pages
    for page in pages:
        text = re.sub(r"<[^>]*>", " ", page.read_text(encoding="utf-8"))
        found = re.findall(r".{0,30}\b(?:None|nan|inf)\b.{0,30}", text)
        assert not found, (page.name, missing)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ('"schema": 0', "an older version of this program .*`atlas measure` makes it again"),
        ('"schema": 99', "a newer version of this program .*Update diffusion-atlas"),
        ('"scheme": 1', "is not a record, or names no schema .*`atlas measure` makes it again"),
        ('"schema": "1"', "is not a record, or names no schema .*`atlas measure` makes it again"),
    ],
)
def test_a_record_of_another_schema_says_which(make_data, templates, tmp_path, schema, reason):
    data = make_data("Tiny")
    path = data / "architectures" / "one.json"
    text = path.read_text()
    changed, count = re.subn(r'"schema": \d+', schema, text)
    assert count == 1
    path.write_text(changed)
    with pytest.raises(DamagedRecord, match=rf"one\.json: .*{reason}"):
        render(data, templates, tmp_path / "site_src")
    assert not (tmp_path / "site_src").exists()
