"""Tasks -> their results in order, from processes of this machine or from any other executor.

A task whose worker dies is tried once more, by itself; if that worker dies, too, the task is named.
Only as many tasks as keep the workers busy are under way, so results never pile up.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from generator.distances import partial_results
from generator.distances.processes import worker_pools
from generator.distances.tasks import Task, TaskResult
from generator.errors import AtlasError, Refusal

# Tasks under way for each worker: one in hand and one waiting.
AHEAD = 2
# Tasks under way on an executor whose number of workers we do not know.
AHEAD_ELSEWHERE = 32


class Done(NamedTuple):
    """A task and its result, or why there is none."""

    task: Task
    result: TaskResult | None
    error: AtlasError | None = None


def run_here(tasks: Sequence[Task], folder: Path | None) -> Iterator[Done]:
    """Run `tasks` in this process."""
    for task in tasks:
        result = partial_results.load(task, folder)
        yield Done(task, result or partial_results.run_and_keep(task, folder))


def run_in_processes(tasks: Sequence[Task], workers: int, folder: Path | None) -> Iterator[Done]:
    """Run `tasks` in `workers` processes, spawned, so that it is the same on every system."""
    with worker_pools(workers) as new_pool:
        pool = new_pool()
        under_way: deque[tuple[Task, Future[TaskResult] | TaskResult]] = deque()
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
                # Whichever task it was, all that were under way are lost with the pool.
                broken = [task for task, _ in under_way]
                under_way.clear()
                for task in broken:
                    yield _run_alone(task, new_pool, folder)
                pool = new_pool()
            else:
                under_way.popleft()
                yield Done(task, result)


def run_elsewhere(tasks: Sequence[Task], executor: Executor, folder: Path | None) -> Iterator[Done]:
    """Run `tasks` on `executor`, whose workers see the same files but not `folder`."""
    under_way: deque[tuple[Task, Future[TaskResult] | TaskResult]] = deque()
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


def _wait_elsewhere(future: "Future[TaskResult]", executor: Executor, task: Task) -> TaskResult:
    """The result of `future`, or of a second try if its worker was lost."""
    try:
        return future.result()
    except Exception as error:
        if not _is_lost_worker(error):
            raise
        return executor.submit(partial_results.run_and_keep, task, None).result()


def _is_lost_worker(error: Exception) -> bool:
    """Whether an executor says so of a worker. Dask's own error is a mere `Exception`."""
    lost = isinstance(error, BrokenExecutor | CancelledError | ConnectionError)
    return lost or type(error).__name__ == "KilledWorker"


def _run_alone(
    task: Task, new_pool: Callable[[], ProcessPoolExecutor], folder: Path | None
) -> Done:
    """Run a task again, in a pool with nothing else in it, if its result was not kept."""
    kept = partial_results.load(task, folder)
    if kept:
        return Done(task, kept)
    try:
        return Done(task, new_pool().submit(partial_results.run_and_keep, task, folder).result())
    except BrokenExecutor:
        return Done(task, None, _lost(task, "a worker died at it twice, killed or out of memory"))


def _lost(task: Task, reason: str) -> Refusal:
    first, last = task.weights[0], task.weights[-1]
    names = f"tensors {first.component}/{first.name} to {last.component}/{last.name}"
    return Refusal(names, reason, "Run it again with fewer workers; what was done is kept")
