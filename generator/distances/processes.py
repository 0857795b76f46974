"""Pools of worker processes that end when they should, whatever becomes of a worker."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children, connection, get_context, parent_process

# Seconds for a process to end by itself once it was told to.
PATIENCE = 5


def default_workers() -> int:
    """As many processes as this process may use cores."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextlib.contextmanager
def worker_pools(
    workers: int, prepare: Callable[[], object] | None = None
) -> Iterator[Callable[[], ProcessPoolExecutor]]:
    """A maker of pools of `workers` processes, each in place of the one before.

    Processes are spawned, not forked, so that the same happens on every system; `prepare` is run in
    each of them. None outlives the context, which does not wait for what they are doing: whoever
    wants a result has to have it by then. A pool's own way to end may wait for ever for a worker
    that it started just as another died.
    """
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
    # The main process alone answers Ctrl-C; what a worker is writing is atomic.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if prepare:
        prepare()


def _end_with_parent() -> None:
    """A parent that is killed tells nobody, and its workers would wait for work for ever."""
    parent = parent_process()
    if parent:
        connection.wait([parent.sentinel])
        os._exit(1)
