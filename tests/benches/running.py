"""A command -> its wall time, CPU time and memory; and what a bench reports."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

import psutil

ATLAS = [sys.executable, "-m", "generator.cli"]


class Run(NamedTuple):
    """Wall time in seconds and the most memory in bytes of one command; and the CPU time in seconds
    of all its processes, where the system counts it."""

    seconds: float
    peak: int
    processor_seconds: float

    @property
    def gigabytes(self) -> float:
        """The memory in units of 10^9 bytes."""
        return self.peak / 1e9


def run(command: Sequence[str]) -> Run:
    """Run a command; memory is that of it and its children, looked at twenty times a second.

    Memory that processes share is counted once, where the system can tell.
    """
    before, started = os.times(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    root, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        try:
            members = [root, *root.children(recursive=True)]
            memories = [member.memory_full_info() for member in members]
            peak = max(peak, sum(getattr(memory, "pss", memory.rss) for memory in memories))
        except psutil.Error:
            pass
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    after = os.times()
    spent = after.children_user - before.children_user
    spent += after.children_system - before.children_system
    return Run(time.perf_counter() - started, peak, spent)
