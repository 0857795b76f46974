"""Tasks -> their results in order, from local processes or any other executor.

A task whose worker dies is tried once more, alone; if that worker dies too, the task is reported.
Few tasks are submitted ahead, so results never pile up.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from generator.distances import partial_results
from generator.distances.tasks import CompareTask, TaskResult
from generator.errors import AtlasError, Refusal
from generator.processes import worker_pools

# Submitted tasks per worker: one running and one waiting.
AHEAD = 2
# Submitted tasks on an executor with an unknown number of workers.
AHEAD_ELSEWHERE = 32


class Done(NamedTuple):
    """A task and its result, or the error."""

    task: CompareTask
    result: TaskResult | None
    error: AtlasError | None = None


def run_here(tasks: Sequence[CompareTask], folder: Path | None) -> Iterator[Done]:
    """Run `tasks` in this process."""
    for task in tasks:
        result = partial_results.load(task, folder)
        yield Done(task, result or partial_results.run_and_keep(task, folder))


def run_in_processes(
    tasks: Sequence[CompareTask], workers: int, folder: Path | None
) -> Iterator[Done]:
    """Run `tasks` in `workers` spawned processes."""
    with worker_pools(workers) as new_pool:
        pool = new_pool()
        under_way: deque[tuple[CompareTask, Future[TaskResult] | TaskResult]] = deque()
        waiting = deque(tasks)
        while under_way or waiting:
            try:
                while waiting and len(under_way) < AHEAD * workers:
                    kept = partial_results.load(waiting[0], folder)
                    future = kept or pool.submit(partial_results.run_and_keep, waiting[0], folder)
                    under_way.append((waiting.popleft(), future))
                task, outcome = under_way[0]
                result = outcome if isinstance(outcome, TaskResult) else outcome.result()
            except BrokenExecutor:
                # All submitted tasks are lost with the pool, whichever task caused it.
                broken = [task for task, _ in under_way]
                under_way.clear()
                for task in broken:
                    yield _run_alone(task, new_pool, folder)
                pool = new_pool()
            else:
                under_way.popleft()
                yield Done(task, result)


def run_elsewhere(
    tasks: Sequence[CompareTask], executor: Executor, folder: Path | None
) -> Iterator[Done]:
    """Run `tasks` on `executor`, whose workers see the same files but not `folder`."""
    under_way: deque[tuple[CompareTask, Future[TaskResult] | TaskResult]] = deque()
    waiting = deque(tasks)
    while under_way or waiting:
        while waiting and len(under_way) < AHEAD_ELSEWHERE:
            task = waiting.popleft()
            kept = partial_results.load(task, folder)
            future = kept or executor.submit(partial_results.run_and_keep, task, None)
            under_way.append((task, future))
        task, outcome = under_way.popleft()
        if isinstance(outcome, TaskResult):
            yield Done(task, outcome)
            continue
        try:
            result = _wait_elsewhere(outcome, executor, task)
        except Exception as error:
            if not _is_lost_worker(error):
                raise
            yield Done(task, None, _lost(task, f"a worker was lost at it twice ({error})"))
        else:
            partial_results.keep(task, result, folder)
            yield Done(task, result)


def _wait_elsewhere(
    future: "Future[TaskResult]", executor: Executor, task: CompareTask
) -> TaskResult:
    """The result of `future`, or of a second attempt if its worker was lost."""
    try:
        return future.result()
    except Exception as error:
        if not _is_lost_worker(error):
            raise
        return executor.submit(partial_results.run_and_keep, task, None).result()


def _is_lost_worker(error: Exception) -> bool:
    """Whether `error` reports a lost worker. Dask's error is a plain `Exception`."""
    lost = isinstance(error, BrokenExecutor | CancelledError | ConnectionError)
    return lost or type(error).__name__ == "KilledWorker"


def _run_alone(
    task: CompareTask, new_pool: Callable[[], ProcessPoolExecutor], folder: Path | None
) -> Done:
    """Run a task again, alone in a new pool, unless its result was kept."""
    kept = partial_results.load(task, folder)
    if kept:
        return Done(task, kept)
    try:
        return Done(task, new_pool().submit(partial_results.run_and_keep, task, folder).result())
    except BrokenExecutor:
        return Done(task, None, _lost(task, "a worker died at it twice, killed or out of memory"))


def _lost(task: CompareTask, reason: str) -> Refusal:
    first, last = task.weights[0], task.weights[-1]
    names = f"tensors {first.component}/{first.name} to {last.component}/{last.name}"
    return Refusal(names, reason, "Run it again with fewer workers; finished tasks are kept")
