"""Pairs of the catalogue -> compared tensor by tensor -> `data/pairs/`."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import msgspec

from generator.analysis.findings.of_pairs import VERSION as EXPLAINED
from generator.analysis.findings.of_pairs import explain_pair
from generator.catalog.entries import Catalog, PairEntry
from generator.distances.tasks import DISTANCES_VERSION
from generator.errors import Refusal
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
from generator.records import Checkpoint, Pair, TensorDistance, store
from generator.records.reasons import FileChanged
from generator.records.tables import write_rows
from generator.text.coded import reason_text

FOLDER = "pairs"
# Increase if the same files would be compared differently.
VERSION = 2


def plan(catalog: Catalog, data: Path, *, force: bool) -> Plan:
    """Compare the catalogue with the results.

    If a file of a pair is missing, its result is kept, provided it was made from the same content.
    """
    records = checkpoints.read_records(catalog, data)
    has_changed = checkpoints.changed_files(catalog, records, data)
    paths = {entry.id: catalog.folder / entry.path for entry in catalog.checkpoints}

    def judge(entry: PairEntry, record: Pair | None) -> Task | Stay:
        names = (entry.a, entry.b)
        sides = [records.get(name) for name in names]
        made_from = store.digest(
            VERSION, DISTANCES_VERSION, EXPLAINED, entry, [side and side.digest for side in sides]
        )
        is_here = {name: name in paths and paths[name].exists() for name in names}
        here = all(is_here.values())
        if record and record.digest == made_from and not (force and here):
            return Stay.FRESH if here else Stay.KEPT
        for name in names:
            if name not in records or not is_here[name]:
                raise Refusal(f"pair {entry.id}", f"'{name}' is not here, or could not be measured")
        for name in filter(has_changed, names):
            raise Refusal(f"pair {entry.id}", f"'{name}' {reason_text(FileChanged())}")
        return Task(entry.id, partial(make, entry, paths, records, made_from))

    return plan_each(catalog.pairs, data / FOLDER, Pair, judge)


def make(
    entry: PairEntry,
    paths: Mapping[str, Path],
    records: Mapping[str, Checkpoint],
    made_from: str,
    _: Resources,
    progress: Progress,
) -> Made:
    """Compare one pair; `paths` and `records` are those of its checkpoints."""
    # Imported here: planning and reporting need no torch.
    from generator.distances.pair import compare
    from generator.distances.ranks import change_ranks

    with refused_as(f"pair {entry.id}"):
        a, b = (paths[name] for name in (entry.a, entry.b))
        comparison = compare(a, b, progress=progress)
        ranks = change_ranks(a, b, comparison)
        explained = explain_pair(comparison, records[entry.a], records[entry.b], ranks)
        pair = Pair(
            id=entry.id,
            name=entry.name,
            a=entry.a,
            b=entry.b,
            comparison=msgspec.structs.replace(comparison, tensors=()),
            verdicts=explained.verdicts,
            findings=explained.findings,
        )
        rows = write_rows(TensorDistance, comparison.tensors)
    return Made(pair, {f"{entry.id}.tensors.parquet": rows}, made_from)


KIND = Kind(FOLDER, FOLDER, plan, unit="bytes", drops=True)
