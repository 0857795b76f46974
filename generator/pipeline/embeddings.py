"""Sets of prompts and groups of the catalogue -> mapped one after the other -> `data/embeddings/`.

Every set is mapped for every group that has CLIP text encoders. A map is fresh if neither its
prompts nor the weights of any of these encoders have changed, which the checkpoints' records tell:
no weight file is opened for it.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from generator.catalog.reading import ID_PATTERN, Catalog, CheckpointEntry, GroupEntry
from generator.embeddings.encoders import CONVENTIONS, TEXT_ENCODERS
from generator.embeddings.prompts import PromptSet, read_prompts
from generator.embeddings.subject import VERSION, MemberPath, Subject
from generator.errors import AtlasError, CatalogError, CheckpointError, DamagedRecord
from generator.pipeline.results import Outcome, Plan, read_whole
from generator.records import Checkpoint as CheckpointRecord
from generator.records import EmbeddingMap, store
from generator.records.reasons import Unreadable

PROMPTS = "prompts"

# Told how many prompts are encoded, of how many.
Progress = Callable[[int, int], None]


class Task(NamedTuple):
    """One stale map."""

    subject: Subject
    output: Path
    digest: str


class Made(NamedTuple):
    """What became of a map, and what is left out of it because it could not be read."""

    outcome: Outcome
    refused: tuple[AtlasError, ...] = ()


class _Member(NamedTuple):
    """A checkpoint of a group, and what identifies each of its text encoders."""

    entry: CheckpointEntry
    encoders: tuple[tuple[str, str, str], ...]


def ids(catalog: Catalog) -> set[str]:
    """Ids of all maps that there may be; no id of the catalogue has an underscore."""
    groups = catalog.ids("group")
    return {_identity(path, group) for path in _prompt_files(catalog) for group in groups}


def plan(
    catalog: Catalog,
    output: Path,
    records: Mapping[str, CheckpointRecord],
    libraries: dict[str, str],
    *,
    force: bool,
) -> Plan[Task]:
    """Compare the prompt sets and groups with the results in `output`.

    `records` are those of checkpoints; what has none, and groups without text encoders, are left
    out. `libraries` are the versions that would measure.
    """
    tasks: list[Task] = []
    fresh: list[str] = []
    kept: list[str] = []
    refused: list[Outcome] = []
    damage: list[DamagedRecord] = []
    without: list[AtlasError] = []
    groups = [(group, _members(catalog, group, records)) for group in catalog.groups]
    for path in _prompt_files(catalog):
        try:
            prompts = _read(path)
        except CatalogError as error:
            refused.append(Outcome(path.stem, error))
            continue
        for group, members in groups:
            if not members:
                continue
            identity = _identity(path, group.id)
            contents = [(member.entry.id, member.encoders) for member in members]
            made_from = store.digest(VERSION, prompts, group.id, group.name, contents, libraries)
            record = read_whole(output / f"{identity}.json", EmbeddingMap, damage)
            paths = [catalog.folder / member.entry.path for member in members]
            if record and record.digest == made_from and not force:
                fresh.append(identity)
                without += _refusals(catalog, record)
            elif record and not all(each.exists() for each in paths):
                kept.append(identity)
            else:
                checkpoints = tuple(
                    MemberPath(member.entry.id, each)
                    for member, each in zip(members, paths, strict=True)
                )
                subject = Subject(identity, prompts, group.id, group.name, checkpoints)
                tasks.append(Task(subject, output, made_from))
    return Plan(
        tuple(tasks), tuple(fresh), tuple(kept), tuple(refused), tuple(damage), tuple(without)
    )


def measure(task: Task, device: str, progress: Progress) -> Made:
    """Make one map and write it; `progress` is told how many prompts are encoded, of how many."""
    # Imported here: the process that plans needs no torch.
    from generator.embeddings.measuring import measure_map

    identity = task.subject.id
    try:
        measured = measure_map(task.subject, device, progress)
        store.write_result(task.output, measured.record, measured.files, task.digest)
    except AtlasError as error:
        return Made(Outcome(identity, error))
    return Made(Outcome(identity), measured.refused)


def _refusals(catalog: Catalog, record: EmbeddingMap) -> list[AtlasError]:
    """What was refused when the map was made, as it was told then."""
    paths = {entry.id: catalog.folder / entry.path for entry in catalog.checkpoints}
    return [
        CheckpointError(
            ": ".join(filter(None, (str(paths[one.checkpoint]), one.tensor))), one.reason.detail
        )
        for one in record.refused
        if isinstance(one.reason, Unreadable)
    ]


def _prompt_files(catalog: Catalog) -> list[Path]:
    return sorted((catalog.folder / PROMPTS).glob("*.toml"))


def _read(path: Path) -> PromptSet:
    """Raises `CatalogError` also where the file's name cannot be an id."""
    if not re.fullmatch(ID_PATTERN, path.stem):
        advice = "Use lower-case letters, digits and hyphens"
        raise CatalogError(str(path), "has a name that is no id", advice)
    return read_prompts(path)


def _identity(prompts: Path, group: str) -> str:
    return f"{prompts.stem}_{group}"


def _members(
    catalog: Catalog, group: GroupEntry, records: Mapping[str, CheckpointRecord]
) -> list[_Member]:
    """The checkpoints of a group, the reference first; none if none has a CLIP text encoder."""
    members = []
    for entry in sorted(catalog.checkpoints, key=lambda each: each.id != group.reference):
        record = records.get(entry.id)
        if record and group.admits(entry.id, record.architecture):
            encoders = tuple(
                # What was not read by value is known by its file alone.
                (part.name, part.nearest, part.blake3 or record.digest)
                for part in record.components
                if part.name in TEXT_ENCODERS
            )
            members.append(_Member(entry, encoders))
    usable = any(network in CONVENTIONS for member in members for _, network, _ in member.encoders)
    return members if usable else []
