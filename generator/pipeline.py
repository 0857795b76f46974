"""Catalogue -> the results that are stale -> workers -> `data/`, one result at a time.

A result is fresh if its record is whole and was made from the same inputs, by the same version of
the analysis and of the libraries. Each result is written as soon as it is made: whoever stops the
run loses the results under way and nothing else.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import NamedTuple

from generator import store
from generator.catalog import ArchitectureEntry, Catalog
from generator.errors import AtlasError, DamagedRecord, Refusal
from generator.records import Architecture

# Grows when the same network would be measured or drawn differently.
ARCHITECTURE_VERSION = 2
ARCHITECTURES = "architectures"

# What can be measured, in this order: each kind has its folder in `data/`.
KINDS = (ARCHITECTURES,)


class Task(NamedTuple):
    """One stale result: what to measure, where it goes, the digest of what it is made from.

    `damage` says what is wrong with the result that is there, if that is why it is made again.
    """

    entry: ArchitectureEntry
    catalog_folder: Path
    output: Path
    digest: str
    damage: DamagedRecord | None = None


class Outcome(NamedTuple):
    """What became of one task: nothing is wrong, or `error`."""

    task: Task
    error: AtlasError | None = None


class Plan(NamedTuple):
    """Stale results to make, and the ids of those that are fresh."""

    tasks: tuple[Task, ...]
    fresh: tuple[str, ...]


def plan(
    catalog: Catalog,
    data: Path,
    kinds: Sequence[str],
    libraries: dict[str, str],
    *,
    force: bool = False,
) -> Plan:
    """Compare the catalogue with `data`, for results of `kinds`.

    `libraries` are the versions that would measure.
    """
    output = data / ARCHITECTURES
    tasks, fresh = [], []
    for entry in catalog.architectures if ARCHITECTURES in kinds else ():
        config = (catalog.folder / entry.config).read_bytes()
        made_from = store.digest(ARCHITECTURE_VERSION, entry, config.hex(), libraries)
        damage = None
        try:
            record = store.read_result(output / f"{entry.id}.json", Architecture)
            if record.digest == made_from and not force:
                fresh.append(entry.id)
                continue
        except DamagedRecord as error:
            damage = error if (output / f"{entry.id}.json").exists() else None
        tasks.append(Task(entry, catalog.folder, output, made_from, damage))
    return Plan(tuple(tasks), tuple(fresh))


def remove_orphans(catalog: Catalog, data: Path) -> list[str]:
    """Delete the results whose entry has left the catalogue; return their ids.

    An entry that is refused keeps the result it had.
    """
    kept = {entry.id for entry in catalog.architectures}
    kept |= {entry.id for entry in catalog.refused}
    folder = data / ARCHITECTURES
    orphans = sorted(path.stem for path in folder.glob("*.json") if path.stem not in kept)
    for orphan in orphans:
        for path in sorted(folder.glob(f"{orphan}.*")):
            path.unlink()
    return orphans


def run(tasks: Sequence[Task], workers: int) -> Iterator[Outcome]:
    """Make the results in up to `workers` processes; yield each outcome as it comes.

    Processes are spawned, not forked, so that the same thing happens on every system. One task or
    one worker runs without a pool of its own.
    """
    for folder in {task.output for task in tasks}:
        store.sweep(folder)
    if min(workers, len(tasks)) < 2:
        yield from map(measure, tasks)
        return
    processes = min(workers, len(tasks))
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start_worker)
    futures = {pool.submit(measure, task): task for task in tasks}
    try:
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                reason = "a worker process died, killed or out of memory"
                error = Refusal(futures[future].entry.id, reason, "Try again with --workers 1")
                yield Outcome(futures[future], error)
        pool.shutdown()
    except BaseException:
        for process in active_children():
            process.terminate()
        pool.shutdown(cancel_futures=True)
        raise


def _start_worker() -> None:
    """Let a worker be stopped at any moment and leave nothing behind."""
    import tqdm

    # The main process alone answers Ctrl-C; what a worker is writing is atomic.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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
        return Outcome(task, error)
    return Outcome(task)


def default_workers() -> int:
    """As many processes as this process may use cores."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
