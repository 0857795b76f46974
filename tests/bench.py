"""`make bench`: time and memory of what is measured, with the machine it was measured on.

A benchmark, not a test: the figures depend on the machine, and what else it does meanwhile. They
are printed and kept in `data/benchmarks.json` for the Methods page.
"""

import platform
import sys
import tempfile
from pathlib import Path

import msgspec
import psutil
from benches import (
    architectures,
    checkpoint,
    distances,
    embeddings,
    formats,
    histories,
    lineage,
)

from generator.records import Bench, Benchmarks, Machine, store
from generator.records.lock import only_writer

DATA = Path(__file__).parents[1] / "data"
BENCHES = {
    "architectures": architectures.bench,
    "checkpoint": checkpoint.bench,
    "formats": formats.bench,
    "distances": distances.bench,
    "lineage": lineage.bench,
    "histories": histories.bench,
    "embeddings": embeddings.bench,
}


def machine() -> Machine:
    """What this machine is."""
    affinity = getattr(psutil.Process(), "cpu_affinity", None)
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        processor=_processor(),
        cores=len(affinity()) if affinity else psutil.cpu_count(),
        memory=psutil.virtual_memory().total,
        python=platform.python_version(),
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def main() -> None:
    """Run all benches, or those named on the command line; the figures of the others stay."""
    path = DATA / f"{Benchmarks.ID}.json"
    kept = store.read_result(path, Benchmarks).benches if path.is_file() else {}
    benches = dict(kept)
    for name in sys.argv[1:] or BENCHES:
        print(name)
        figures = []
        with tempfile.TemporaryDirectory() as folder:
            for figure in BENCHES[name](Path(folder)):
                print(f"  {figure.name}: {figure.value:.3g} {figure.unit}")
                # As it is read again: a whole number would be another one in the file.
                figures.append(msgspec.structs.replace(figure, value=float(figure.value)))
        benches[name] = Bench(machine=machine(), figures=tuple(figures))
        with only_writer(DATA):
            store.write_result(DATA, Benchmarks(id=Benchmarks.ID, benches=benches), {}, "")


if __name__ == "__main__":
    main()
