"""Archives of the catalogue -> groups -> `data/groups/`, beside those that were measured here."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from generator.analysis.archive.groups import read_group
from generator.analysis.archive.parts import VERSION as READ
from generator.analysis.explain import VERSION as EXPLAINED
from generator.analysis.explain import explain
from generator.catalog.reading import ArchiveEntry, Catalog
from generator.errors import ArchiveError, AtlasError, DamagedRecord
from generator.pipeline.groups import describe_components
from generator.pipeline.results import Outcome, Plan, read_whole
from generator.records import Group, store
from generator.records.pairwise_sums import pack_sums

# Grows when the same distances would be arranged differently.
VERSION = 1


class Task(NamedTuple):
    """One stale archive, and where its files are."""

    entry: ArchiveEntry
    files: tuple[Path, ...]
    output: Path
    digest: str


def plan(catalog: Catalog, output: Path, *, force: bool) -> Plan[Task]:
    """Compare the catalogue with the results in `output`.

    An archive of which a file is gone keeps the result it had; without one it is refused.
    """
    tasks: list[Task] = []
    fresh: list[str] = []
    kept: list[str] = []
    damage: list[DamagedRecord] = []
    for entry in catalog.archives:
        files = tuple(catalog.folder / file for file in entry.files)
        record = read_whole(output / f"{entry.id}.json", Group, damage)
        if record and not all(file.is_file() for file in files):
            kept.append(entry.id)
            continue
        # The entry's own paths are left out: moving a file changes nothing.
        contents = [(file.name, _hash(file)) for file in files]
        made_from = store.digest(
            VERSION, READ, EXPLAINED, entry.id, entry.name, entry.reference, contents
        )
        if record and record.digest == made_from and not force:
            fresh.append(entry.id)
        else:
            tasks.append(Task(entry, files, output, made_from))
    return Plan(tuple(tasks), tuple(fresh), tuple(kept), damage=tuple(damage))


def measure(task: Task) -> Outcome:
    """Read one archive and write its group."""
    entry = task.entry
    try:
        sums = read_group(task.files)
        if entry.reference is not None and entry.reference not in sums.head.members:
            members = ", ".join(sums.head.members)
            raise ArchiveError(
                entry.id, f"has no member {entry.reference!r}", f"Members are {members}"
            )
        explanation = explain(sums, reference=entry.reference or "")
        group = Group(
            id=entry.id,
            name=entry.name,
            members=sums.head.members,
            reference=entry.reference or "",
            metrics=("l2",),
            origin="imported",
            components=describe_components(sums, explanation),
            refused=(),
            findings=explanation.findings,
        )
        files = {f"{entry.id}.safetensors": pack_sums(sums)}
        store.write_result(task.output, group, files, task.digest)
    except AtlasError as error:
        return Outcome(entry.id, error)
    return Outcome(entry.id)


def _hash(path: Path) -> str:
    """SHA-256 of a file; nothing for one that cannot be read, which is refused when it is."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
