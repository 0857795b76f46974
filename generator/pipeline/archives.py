"""Archives of the catalogue -> groups -> `data/groups/`, beside the measured ones."""

import hashlib
from functools import partial
from pathlib import Path

from generator.analysis.archive.groups import read_group
from generator.analysis.archive.parts import VERSION as READ
from generator.analysis.explain import VERSION as EXPLAINED
from generator.analysis.explain import explain
from generator.catalog.entries import ArchiveEntry, Catalog, about
from generator.errors import ArchiveError
from generator.pipeline.groups import FOLDER, describe_components
from generator.pipeline.results import Kind, Made, Plan, Progress, Resources, Stay, Task, plan_each
from generator.records import Group, store
from generator.records.pairwise_sums import pack_sums

# Increase if the same distances would be arranged differently.
VERSION = 1


def plan(catalog: Catalog, data: Path, *, force: bool) -> Plan:
    """Compare the catalogue with the results.

    If a file of an archive is missing, its result is kept; without a result, it is refused.
    """

    def judge(entry: ArchiveEntry, record: Group | None) -> Task | Stay:
        files = tuple(catalog.folder / file for file in entry.files)
        if record and not all(file.is_file() for file in files):
            return Stay.KEPT
        # Without the entry's paths: moving a file changes nothing.
        contents = [(file.name, _hash(file)) for file in files]
        made_from = store.digest(
            VERSION, READ, EXPLAINED, entry.id, entry.name, entry.reference, about(entry), contents
        )
        if record and record.digest == made_from and not force:
            return Stay.FRESH
        return Task(entry.id, partial(make, entry, files, made_from))

    return plan_each(catalog.archives, data / FOLDER, Group, judge)


def make(
    entry: ArchiveEntry, files: tuple[Path, ...], made_from: str, _: Resources, __: Progress
) -> Made:
    """Read one archive as a group."""
    sums = read_group(files)
    members = sums.head.members
    if entry.reference is not None and entry.reference not in members:
        raise ArchiveError(entry.id, "no_reference", name=repr(entry.reference), members=members)
    explanation = explain(sums, reference=entry.reference or "")
    group = Group(
        id=entry.id,
        name=entry.name,
        members=members,
        reference=entry.reference or "",
        metrics=("l2",),
        origin="imported",
        components=describe_components(sums, explanation),
        refused=(),
        findings=explanation.findings,
        about=about(entry),
    )
    return Made(group, {f"{entry.id}.safetensors": pack_sums(sums)}, made_from)


def _hash(path: Path) -> str:
    """SHA-256 of a file; empty for an unreadable one, which is refused later when it is read."""
    if not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


KIND = Kind("archives", FOLDER, plan, unit="results")
