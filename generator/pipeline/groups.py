"""Groups of the catalogue -> compared, reading each byte once -> `data/groups/`.

Earlier comparisons are kept: a checkpoint that joins a group is compared with the others, which are
not compared again. A checkpoint whose file is missing keeps its place.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from generator.analysis.arrangement.arrange import arrange
from generator.analysis.explain import VERSION as EXPLAINED
from generator.analysis.explain import Explanation, explain
from generator.analysis.lineage.history import read_truth
from generator.catalog.entries import Catalog, GroupEntry, about
from generator.distances.tasks import DISTANCES_VERSION
from generator.errors import AtlasError, CatalogError, DamagedRecord, Refusal
from generator.pipeline import checkpoints
from generator.pipeline.results import (
    Kind,
    Made,
    Plan,
    Progress,
    Resources,
    Stay,
    Task,
    plan_each,
    refused_as,
)
from generator.records import (
    Checkpoint,
    Group,
    GroupComponent,
    KnownOrigin,
    RefusedCheckpoint,
    store,
)
from generator.records.distances import distances
from generator.records.pairwise_sums import PairwiseSums, have_gaps, pack_sums, unpack_sums
from generator.records.reasons import FileChanged, FileGone, Unmeasured
from generator.text.coded import reason_text

FOLDER = "groups"
# Increase if the same sums would be arranged or explained differently.
VERSION = 1
# The digest of a result without members that the next run may have: never fresh.
STALE = ""
MEASURE = "Measure checkpoints again, and then groups"


class ComparableCheckpoint(NamedTuple):
    """A checkpoint that may be compared: its path, and a digest of its content."""

    id: str
    path: Path
    identity: str


class PlannedMatrix(NamedTuple):
    """A comparison to make: the members, the refused ones with reasons, and the earlier sums.

    `changed` are members whose files changed after they were measured.
    """

    entry: GroupEntry
    members: tuple[ComparableCheckpoint, ...]
    records: Mapping[str, Checkpoint]
    truth: tuple[KnownOrigin, ...]
    refused: tuple[RefusedCheckpoint, ...]
    changed: tuple[str, ...]
    previous: PairwiseSums | None
    digest: str


def plan(catalog: Catalog, data: Path, *, force: bool) -> Plan:
    """Compare the catalogue with the results.

    A group with fewer than two remaining members is refused.
    """
    records = checkpoints.read_records(catalog, data)
    has_changed = checkpoints.changed_files(catalog, records, data)
    folder = data / FOLDER

    def judge(entry: GroupEntry, record: Group | None) -> Task | Stay:
        previous = _read_sums(folder, entry.id) if record else None
        members, refused = _members(catalog, entry, records, previous)
        identities = [(member.id, member.identity) for member in members]
        try:
            truth = _truth(catalog, entry, record)
        except (CatalogError, OSError) as error:
            raise Refusal(f"group {entry.id}", str(error)) from error
        made_from = store.digest(
            VERSION, DISTANCES_VERSION, EXPLAINED, entry, identities, refused, truth
        )
        away = {member.id for member in members if not member.path.exists()}
        back = have_gaps(previous.head) - away if previous else set()
        if record and record.digest == made_from and not force and not back:
            return Stay.FRESH
        if force and not away:
            # Distances of members whose files are missing could not be computed again.
            previous = None
        changed = tuple(one.id for one in members if one.path.exists() and has_changed(one.id))
        members = tuple(one for one in members if one.id not in changed)
        refused += tuple(RefusedCheckpoint(name=one, reason=FileChanged()) for one in changed)
        if len(members) < 2:
            named = "; ".join(f"{one.name}: {reason_text(one.reason)}" for one in refused)
            reason = f"has {len(members)} members that can be compared, not two"
            raise Refusal(f"group {entry.id}", f"{reason} ({named})" if named else reason)
        compared = PlannedMatrix(
            entry, members, records, truth, refused, changed, previous, made_from
        )
        return Task(entry.id, partial(make, compared, folder))

    return plan_each(catalog.groups, folder, Group, judge)


def make(work: PlannedMatrix, folder: Path, resources: Resources, progress: Progress) -> Made:
    """Compare the members of one group.

    Partial results are kept in `folder`, so an interrupted run resumes.
    """
    # Imported here: planning and reporting need no torch.
    from generator.distances.matrix import matrix

    entry = work.entry
    with refused_as(f"group {entry.id}"):
        compared = matrix(
            [member.path for member in work.members],
            entry.metrics,
            resources.workers,
            resources.device,
            executor=resources.executor,
            progress=progress,
            resume_folder=folder / f".{entry.id}",
            names=[member.id for member in work.members],
            identities=[member.identity for member in work.members],
            previous=work.previous,
        )
        sums = compared.sums
        reference = entry.reference if entry.reference in sums.head.members else None
        explanation = explain(sums, work.records, reference or "", work.truth)
        group = Group(
            id=entry.id,
            name=entry.name,
            members=sums.head.members,
            reference=reference or "",
            metrics=entry.metrics,
            origin="measured",
            components=describe_components(sums, explanation),
            refused=(*work.refused, *map(_refused, compared.refused)),
            findings=explanation.findings,
            declared=explanation.declared,
            truth=work.truth,
            about=about(entry),
        )
    missing = (
        *compared.refused,
        *(Refusal(one, reason_text(FileChanged()), MEASURE) for one in work.changed),
    )
    files = {f"{entry.id}.safetensors": pack_sums(sums)}
    return Made(group, files, STALE if missing else work.digest, missing)


def describe_components(sums: PairwiseSums, explanation: Explanation) -> tuple[GroupComponent, ...]:
    """The findings of each component, arranged and explained."""
    return tuple(
        GroupComponent(
            arrangement=arrange(distances(sums, name)), **msgspec.structs.asdict(explained)
        )
        for name, explained in explanation.components.items()
    )


def _members(
    catalog: Catalog,
    entry: GroupEntry,
    records: Mapping[str, Checkpoint],
    previous: PairwiseSums | None,
) -> tuple[tuple[ComparableCheckpoint, ...], tuple[RefusedCheckpoint, ...]]:
    """The checkpoints that can be compared, in catalogue order, and the refused ones."""
    head = previous.head if previous else None
    compared = dict(zip(head.members, head.identities, strict=True)) if head else {}
    members: list[ComparableCheckpoint] = []
    refused: list[RefusedCheckpoint] = []
    for checkpoint in catalog.checkpoints:
        record = records.get(checkpoint.id)
        if not entry.admits(checkpoint.id, record.architecture if record else ""):
            continue
        path = catalog.folder / checkpoint.path
        if not record:
            refused.append(RefusedCheckpoint(name=checkpoint.id, reason=Unmeasured()))
        elif not path.exists() and compared.get(checkpoint.id) != record.digest:
            refused.append(RefusedCheckpoint(name=checkpoint.id, reason=FileGone()))
        else:
            members.append(ComparableCheckpoint(checkpoint.id, path, record.digest))
    return tuple(members), tuple(refused)


def _truth(catalog: Catalog, entry: GroupEntry, record: Group | None) -> tuple[KnownOrigin, ...]:
    """How the members were made: from the truth file, or from the record if the file is missing."""
    if entry.truth is None:
        return ()
    try:
        return read_truth((catalog.folder / entry.truth).read_bytes(), f"group {entry.id}")
    except FileNotFoundError:
        return record.truth if record else ()


def _read_sums(folder: Path, identity: str) -> PairwiseSums | None:
    """The sums of an earlier run; None if they cannot be used."""
    path = folder / f"{identity}.safetensors"
    try:
        return unpack_sums(path.read_bytes(), str(path))
    except (OSError, DamagedRecord):
        return None


def _refused(error: AtlasError) -> RefusedCheckpoint:
    # Without its folders: it is published.
    return RefusedCheckpoint(name=Path(error.subject).name, reason=checkpoints.reason_of(error))


KIND = Kind(FOLDER, FOLDER, plan, unit="bytes", distributed=True, drops=True)
