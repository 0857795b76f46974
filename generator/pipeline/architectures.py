"""Architectures of the catalogue -> measured in worker processes -> `data/architectures/`."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

from generator.catalog.reading import ArchitectureEntry, Catalog
from generator.distances.processes import worker_pools
from generator.errors import AtlasError, DamagedRecord, Refusal
from generator.pipeline.results import Outcome, Plan, read_whole
from generator.records import Architecture, store

# Grows when the same network would be measured or drawn differently.
VERSION = 2


class Task(NamedTuple):
    """One stale result: what to measure, where it goes, the digest of what it is made from."""

    entry: ArchitectureEntry
    catalog_folder: Path
    output: Path
    digest: str


def plan(catalog: Catalog, output: Path, libraries: dict[str, str], *, force: bool) -> Plan[Task]:
    """Compare the catalogue with the results in `output`.

    `libraries` are the versions that would measure.
    """
    tasks: list[Task] = []
    fresh: list[str] = []
    damage: list[DamagedRecord] = []
    for entry in catalog.architectures:
        config = (catalog.folder / entry.config).read_bytes()
        made_from = store.digest(VERSION, entry, config.hex(), libraries)
        record = read_whole(output / f"{entry.id}.json", Architecture, damage)
        if record and record.digest == made_from and not force:
            fresh.append(entry.id)
        else:
            tasks.append(Task(entry, catalog.folder, output, made_from))
    return Plan(tuple(tasks), tuple(fresh), damage=tuple(damage))


def run(tasks: Sequence[Task], workers: int) -> Iterator[Outcome]:
    """Make the results in up to `workers` processes; yield each outcome as it comes.

    One task or one worker runs without a pool of its own.
    """
    processes = min(workers, len(tasks))
    if processes < 2:
        yield from map(measure, tasks)
        return
    with worker_pools(processes, _share_nothing) as new_pool:
        pool = new_pool()
        futures = {pool.submit(measure, task): task for task in tasks}
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                reason = "a worker process died, killed or out of memory"
                identity = futures[future].entry.id
                yield Outcome(identity, Refusal(identity, reason, "Try again with --workers 1"))


def _share_nothing() -> None:
    """Let a worker be stopped at any moment and leave nothing behind."""
    import tqdm

    # tqdm, which the model libraries load, would make a semaphore that outlives its process.
    tqdm.tqdm.set_lock(threading.RLock())


def measure(task: Task) -> Outcome:
    """Measure one architecture and write its result. Runs in a worker process."""
    # Imported here: the process that plans and reports needs no torch.
    from generator.architectures.measure import measure_architecture

    try:
        measured = measure_architecture(task.entry, task.catalog_folder)
        store.write_result(task.output, measured.record, measured.files, task.digest)
    except AtlasError as error:
        return Outcome(task.entry.id, error)
    return Outcome(task.entry.id)
