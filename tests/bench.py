"""`make bench`: time and memory of measuring all architectures from nothing.

A benchmark, not a test: the figures depend on the machine, which is named beside them.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

DATA = Path(__file__).parents[1] / "data"


def peak_memory(process: subprocess.Popen[bytes]) -> int:
    """Wait for `process`; the most bytes that it and its children held together, twenty times a
    second. Memory that processes share is counted once, where the system can tell."""
    peak = 0
    root = psutil.Process(process.pid)
    while process.poll() is None:
        total = 0
        try:
            for member in [root, *root.children(recursive=True)]:
                memory = member.memory_full_info()
                total += getattr(memory, "pss", memory.rss)
        except psutil.Error:
            continue
        peak = max(peak, total)
        time.sleep(0.05)
    return peak


def main() -> None:
    """Measure into an empty folder and report."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(DATA / "catalog.toml", folder)
        shutil.copytree(DATA / "configs", Path(folder) / "configs")
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "generator.cli", "measure", "--data", folder]
        )
        peak = peak_memory(process)
        seconds = time.perf_counter() - started
    cores = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else "?"
    print(f"{platform.machine()}, {cores} cores, Python {platform.python_version()}")
    print(f"all architectures, diagrams included: {seconds:.1f} s, {peak / 1e9:.2f} GB at most")


if __name__ == "__main__":
    main()
