"""What the bench of distances runs in processes of their own; each prints its figures as JSON."""

import json
import math
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from generator.distances.chunk import CHUNK_COLUMNS, Chunk
from generator.distances.matrix import matrix

WORKERS = 2
FLOAT16 = 2
WAIT = 0.2


class Watch(threading.Thread):
    """Looks 200 times a second at the memory of this process, or of each of its children."""

    def __init__(self, *, children: bool) -> None:
        super().__init__(daemon=True)
        self._children, self._over = children, threading.Event()
        self.peak = 0

    def run(self) -> None:
        here = psutil.Process()
        while not self._over.wait(0.005):
            watched = here.children(recursive=True) if self._children else [here]
            for process in watched:
                try:
                    self.peak = max(self.peak, process.memory_full_info().uss)
                except psutil.Error:
                    continue

    def stop(self) -> int:
        self._over.set()
        self.join()
        return self.peak


def baseline(paths: Sequence[Path]) -> dict[str, float]:
    """All files in memory, `torch.dist` per tensor in float32, for every pair once."""
    return _pairwise(paths, lambda tensor: tensor.float())


def half_baseline(paths: Sequence[Path]) -> dict[str, float]:
    """The same on the float16 numbers as they are stored: quicker, and wrong."""
    return _pairwise(paths, lambda tensor: tensor)


def _pairwise(paths: Sequence[Path], read: Callable[[Any], Any]) -> dict[str, float]:
    import torch
    from safetensors.torch import load_file

    watch = Watch(children=False)
    watch.start()
    models = [load_file(path) for path in paths]
    squared = 0.0
    for one, other in combinations(models, 2):
        squared = sum(float(torch.dist(read(one[name]), read(other[name]))) ** 2 for name in one)
    # Of the last pair.
    return {"peak": watch.stop(), "l2": math.sqrt(squared)}


def memory(paths: Sequence[Path]) -> dict[str, float]:
    """What `atlas matrix` takes, beyond an interpreter: a run of its own, as looking takes time."""
    bare = _bare_worker()
    watch, own = Watch(children=True), Watch(children=False)
    before = psutil.Process().memory_full_info().uss
    watch.start()
    own.start()
    matrix(paths, ("l2", "cosine"), WORKERS)
    return {
        "worker": watch.stop() - bare,
        "parent": own.stop() - before,
        "buffers": len(paths) * CHUNK_COLUMNS * FLOAT16,
    }


def _bare_worker() -> int:
    """Memory of a worker that has loaded what it needs and done nothing."""
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        return min(pool.map(_load, range(WORKERS)))


def _load(_number: int) -> int:
    # Compiled loops are loaded at their first use.
    chunk = Chunk(2)
    chunk.start(["float16", "float16"], 1)
    chunk.centred_gram(np.arange(2), np.ones((2, 2), dtype=bool))
    memory: int = psutil.Process().memory_full_info().uss
    # Both workers have to be there before either is done.
    time.sleep(WAIT)
    return memory


TASKS: dict[str, Callable[[Sequence[Path]], dict[str, float]]] = {
    "baseline": baseline,
    "half_baseline": half_baseline,
    "memory": memory,
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]]([Path(path) for path in sys.argv[2:]])))
