"""Tasks of one kind -> results in `data/`, one after the other or in separate processes.

Only this process writes: it holds the lock, which ends with it.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

from generator.errors import AtlasError, CannotWrite, Refusal
from generator.pipeline.results import (
    Kind,
    Made,
    Outcome,
    Progress,
    Resources,
    Task,
    named_if_ours,
)
from generator.processes import worker_pools
from generator.records import store


def run(
    kind: Kind,
    data: Path,
    tasks: Sequence[Task],
    resources: Resources,
    progress: Callable[[Task], Progress],
) -> Iterator[Outcome]:
    """Make and write the results; yield each outcome when it is known.

    If a result fails, with any exception, the outcome names it and the others are still made.
    `progress` returns the callback for a task.

    Raises:
        CannotWrite: `data` cannot be written; the run ends.
    """
    in_processes = kind.parallel and min(resources.workers, len(tasks)) > 1
    for task, wait in (_in_pool if in_processes else _one_by_one)(tasks, resources, progress):
        try:
            with named_if_ours(f"{kind.folder}/{task.id}"):
                made = wait()
                store.write_result(
                    data / kind.folder, made.record, made.files, made.digest, made.others
                )
        except CannotWrite:
            raise
        except AtlasError as error:
            yield Outcome(task.id, error)
        else:
            yield Outcome(task.id, left_out=made.left_out)


Waiting = Iterator[tuple[Task, Callable[[], Made]]]


def _one_by_one(
    tasks: Sequence[Task], resources: Resources, progress: Callable[[Task], Progress]
) -> Waiting:
    for task in tasks:
        told = progress(task)
        yield task, partial(task.make, resources, told)
        if task.size is not None:
            told(task.size, task.size)


def _in_pool(
    tasks: Sequence[Task], resources: Resources, progress: Callable[[Task], Progress]
) -> Waiting:
    with worker_pools(min(resources.workers, len(tasks)), _share_nothing) as new_pool:
        pool = new_pool()
        futures = {pool.submit(task.make, Resources(), ignore_progress): task for task in tasks}
        for future in as_completed(futures):
            task = futures.pop(future)
            yield task, partial(_result, task, future)
            progress(task)(task.size or 0, task.size)


def _result(task: Task, future: "Future[Made]") -> Made:
    try:
        return future.result()
    except BrokenProcessPool as error:
        reason = "a worker process died, killed or out of memory"
        raise Refusal(task.id, reason, "Try again with --workers 1") from error


def ignore_progress(done: int, total: int | None) -> None:
    """Ignore progress."""


def _share_nothing() -> None:
    """Make a worker safe to stop at any moment, leaving nothing behind."""
    import tqdm

    # Otherwise tqdm, loaded by the model libraries, creates a semaphore that outlives its process.
    tqdm.tqdm.set_lock(threading.RLock())
