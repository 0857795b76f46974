"""Sets of prompts and groups of the catalogue -> mapped one after the other -> `data/embeddings/`.

Every set is mapped for every group with CLIP text encoders. A map is fresh if neither its prompts
nor the weights of any of these encoders changed. The checkpoints' records show this; no weight file
is opened.
"""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from generator.catalog.entries import ID_PATTERN, Catalog, GroupEntry
from generator.embeddings.encoders import CONVENTIONS, TEXT_ENCODERS
from generator.embeddings.prompts import VERSION, MemberPath, PromptSet, Subject, read_prompts
from generator.errors import AtlasError, CatalogError, CheckpointError
from generator.pipeline import checkpoints
from generator.pipeline.results import (
    Kind,
    Made,
    Outcome,
    Plan,
    Progress,
    Resources,
    Stay,
    Task,
    plan_each,
)
from generator.records import Checkpoint, EmbeddingMap, store
from generator.records.reasons import Unreadable
from generator.records.versions import ENCODING, installed_versions, library_versions

FOLDER = "embeddings"
PROMPTS = "prompts"


def ids(catalog: Catalog) -> set[str]:
    """Ids of all possible maps; ids of the catalogue contain no underscore."""
    groups = catalog.ids("group")
    return {_identity(path, group) for path in _prompt_files(catalog) for group in groups}


def plan(catalog: Catalog, data: Path, *, force: bool) -> Plan:
    """Compare the prompt sets and groups with the results.

    Checkpoints without a record and groups without text encoders are omitted.
    """
    records = checkpoints.read_records(catalog, data)
    unreadable: list[Outcome] = []
    wanted: list[Subject] = []
    groups = [(group, _members(catalog, group, records)) for group in catalog.groups]
    for path in _prompt_files(catalog):
        try:
            prompts = _read(path)
        except CatalogError as error:
            unreadable.append(Outcome(path.stem, error))
            continue
        wanted += [
            Subject(_identity(path, group.id), prompts, group.id, group.name, members)
            for group, members in groups
            if members
        ]
    without: list[AtlasError] = []
    installed = installed_versions(ENCODING)

    def judge(subject: Subject, record: EmbeddingMap | None) -> Task | Stay:
        libraries = installed or (record and record.versions)
        contents = [(member.id, member.encoders) for member in subject.checkpoints]
        made_from = store.digest(
            VERSION, subject.prompts, subject.group, subject.group_name, contents, libraries
        )
        if record and record.digest == made_from and not force:
            without.extend(_refusals(catalog, record))
            return Stay.FRESH
        if record and not all(member.path.exists() for member in subject.checkpoints):
            return Stay.KEPT
        library_versions(ENCODING, subject.id)
        return Task(subject.id, partial(make, subject, made_from))

    planned = plan_each(wanted, data / FOLDER, EmbeddingMap, judge)
    return planned._replace(refused=(*unreadable, *planned.refused), without=tuple(without))


def make(subject: Subject, made_from: str, resources: Resources, progress: Progress) -> Made:
    """Make one map; `progress` gets the number of encoded prompts and the total."""
    # Imported here: planning needs no torch.
    from generator.embeddings.measuring import measure_map

    measured = measure_map(subject, resources.device, progress)
    return Made(measured.record, measured.files, made_from, measured.refused)


def _refusals(catalog: Catalog, record: EmbeddingMap) -> list[AtlasError]:
    """The refusals when the map was made, with their original messages."""
    paths = {entry.id: catalog.folder / entry.path for entry in catalog.checkpoints}
    return [
        CheckpointError(
            ": ".join(filter(None, (str(paths[one.checkpoint]), one.tensor))),
            one.reason.fault,
            **one.reason.found,
        )
        for one in record.refused
        if isinstance(one.reason, Unreadable)
    ]


def _prompt_files(catalog: Catalog) -> list[Path]:
    return sorted((catalog.folder / PROMPTS).glob("*.toml"))


def _read(path: Path) -> PromptSet:
    """Read a prompt set. Raises `CatalogError`, also if the file's name is not a valid id."""
    if not re.fullmatch(ID_PATTERN, path.stem):
        advice = "Use lower-case letters, digits and hyphens"
        raise CatalogError(str(path), "has a name that is not a valid id", advice)
    return read_prompts(path)


def _identity(prompts: Path, group: str) -> str:
    return f"{prompts.stem}_{group}"


def _members(
    catalog: Catalog, group: GroupEntry, records: Mapping[str, Checkpoint]
) -> tuple[MemberPath, ...]:
    """The checkpoints of a group, the reference first; empty if none has a CLIP text encoder."""
    members = []
    for entry in sorted(catalog.checkpoints, key=lambda each: each.id != group.reference):
        record = records.get(entry.id)
        if record and group.admits(entry.id, record.architecture):
            encoders = tuple(
                # An encoder whose values were not read is identified by its file alone.
                (part.name, part.nearest, part.blake3 or record.digest)
                for part in record.components
                if part.name in TEXT_ENCODERS
            )
            members.append(MemberPath(entry.id, catalog.folder / entry.path, encoders))
    usable = any(network in CONVENTIONS for member in members for _, network, _ in member.encoders)
    return tuple(members) if usable else ()


KIND = Kind(FOLDER, FOLDER, plan, unit="results")
