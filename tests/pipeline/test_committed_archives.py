"""The committed groups of published distances, against their files."""

from pathlib import Path

import msgspec
import pytest

from generator.catalog.reading import read_catalog
from generator.pipeline import archives
from generator.pipeline.results import Resources
from generator.pipeline.running import ignore_progress
from generator.records import Group
from generator.records.store import read_result

DATA = Path(__file__).parents[2] / "data"
ENTRIES = read_catalog(DATA).archives


@pytest.mark.slow
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_committed_group_is_what_its_files_say(entry, published):
    names = [Path(file).name for file in entry.files]
    files = tuple(next(published.glob(f"*/{name}")) for name in names)
    made = archives.make(entry, files, "", Resources(), ignore_progress)
    committed = read_result(DATA / "groups" / f"{entry.id}.json", Group)
    same = {"digest": "", "checksum": "", "files": {}}
    assert msgspec.structs.replace(committed, **same) == msgspec.structs.replace(
        made.record, **same
    )
    for name, content in made.files.items():
        assert (DATA / "groups" / name).read_bytes() == content


def test_what_others_published_names_its_source_and_licence():
    assert all(entry.source and entry.licence and entry.description for entry in ENTRIES)
