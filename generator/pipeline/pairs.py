"""Pairs of the catalogue -> compared tensor by tensor -> `data/pairs/`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from generator.analysis.findings.of_pairs import VERSION as EXPLAINED
from generator.analysis.findings.of_pairs import explain_pair
from generator.catalog.reading import Catalog, PairEntry
from generator.distances.tasks import DISTANCES_VERSION
from generator.errors import AtlasError, DamagedRecord, Refusal
from generator.pipeline.results import Outcome, Plan, read_whole
from generator.records import Checkpoint, Pair, store
from generator.records.distance_tables import write_distances

# Grows when the same files would be compared differently.
VERSION = 1


class Task(NamedTuple):
    """One stale pair, where its checkpoints are, and their records."""

    entry: PairEntry
    a: Path
    b: Path
    records: Mapping[str, Checkpoint]
    output: Path
    digest: str


def plan(
    catalog: Catalog,
    output: Path,
    records: Mapping[str, Checkpoint],
    has_changed: Callable[[str], bool],
    *,
    force: bool,
) -> Plan[Task]:
    """Compare the catalogue with the results in `output`; `records` are those of checkpoints, and
    `has_changed` tells of whose files they do not.

    A pair of which a file is gone keeps the result it had, if it was made from the same content.
    """
    tasks: list[Task] = []
    fresh: list[str] = []
    kept: list[str] = []
    refused: list[Outcome] = []
    damage: list[DamagedRecord] = []
    paths = {entry.id: catalog.folder / entry.path for entry in catalog.checkpoints}
    for entry in catalog.pairs:
        record = read_whole(output / f"{entry.id}.json", Pair, damage)
        sides = [records.get(name) for name in (entry.a, entry.b)]
        made_from = store.digest(
            VERSION,
            DISTANCES_VERSION,
            EXPLAINED,
            entry,
            [side and side.digest for side in sides],
        )
        here = all(name in paths and paths[name].exists() for name in (entry.a, entry.b))
        if record and record.digest == made_from and not (force and here):
            (fresh if here else kept).append(entry.id)
        elif all(sides) and here:
            changed = next(filter(has_changed, (entry.a, entry.b)), "")
            if changed:
                reason = f"'{changed}' has changed since it was measured"
                refused.append(Outcome(entry.id, Refusal(f"pair {entry.id}", reason)))
                continue
            tasks.append(Task(entry, paths[entry.a], paths[entry.b], records, output, made_from))
        else:
            missing = next(
                name
                for name, side in zip((entry.a, entry.b), sides, strict=True)
                if not (side and paths[name].exists())
            )
            reason = f"'{missing}' is not here, or could not be measured"
            refused.append(Outcome(entry.id, Refusal(f"pair {entry.id}", reason)))
    return Plan(tuple(tasks), tuple(fresh), tuple(kept), tuple(refused), tuple(damage))


def measure(task: Task, progress: Callable[[int, int], None] | None = None) -> Outcome:
    """Compare one pair and write its result."""
    # Imported here: the process that plans and reports needs no torch.
    from generator.distances.pair import compare

    entry = task.entry
    try:
        comparison = compare(task.a, task.b, progress=progress)
        rows = write_distances(comparison.tensors)
        explained = explain_pair(comparison, task.records[entry.a], task.records[entry.b])
        pair = Pair(
            id=entry.id,
            name=entry.name,
            a=entry.a,
            b=entry.b,
            comparison=msgspec.structs.replace(comparison, tensors=()),
            verdicts=explained.verdicts,
            findings=explained.findings,
        )
        files = {f"{entry.id}.tensors.parquet": rows}
        store.write_result(task.output, pair, files, task.digest)
    except AtlasError as error:
        return Outcome(entry.id, Refusal(f"pair {entry.id}", str(error)))
    return Outcome(entry.id)
