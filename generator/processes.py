"""Pools of worker processes that always end, even if a worker dies."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children, connection, get_context, parent_process

# Seconds for a terminated process to end.
PATIENCE = 5
# Windows waits for so many processes at most, less what a pool itself waits for.
MOST_ON_WINDOWS = 61


def default_workers() -> int:
    """The number of cores that this process may use."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextlib.contextmanager
def worker_pools(
    workers: int, prepare: Callable[[], object] | None = None
) -> Iterator[Callable[[], ProcessPoolExecutor]]:
    """A factory of pools of `workers` processes; each pool replaces the previous one.

    Processes are spawned, not forked, so that all systems behave the same; each runs `prepare`
    first. The context ends all processes without waiting for their work: fetch results before. The
    pool's own shutdown can wait forever for a worker that was started just as another died.
    """
    if sys.platform == "win32":
        workers = min(workers, MOST_ON_WINDOWS)
    before = set(active_children())
    pools: list[ProcessPoolExecutor] = []

    def new_pool() -> ProcessPoolExecutor:
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        pools.append(
            ProcessPoolExecutor(
                workers, get_context("spawn"), initializer=_start, initargs=(prepare,)
            )
        )
        return pools[-1]

    try:
        yield new_pool
    finally:
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        ours = set(active_children()) - before
        for process in ours:
            process.terminate()
        for process in ours:
            process.join(PATIENCE)
            if process.is_alive():
                process.kill()


def _start(prepare: Callable[[], object] | None) -> None:
    # Only the main process handles Ctrl-C; workers write atomically.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if prepare:
        prepare()


def _end_with_parent() -> None:
    """End this worker when its parent is killed; it would wait for work forever."""
    parent = parent_process()
    if parent:
        connection.wait([parent.sentinel])
        os._exit(1)
