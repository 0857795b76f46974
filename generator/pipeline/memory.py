"""Networks of the catalogue -> their memory, simulated in worker processes -> `data/memory/`."""

from functools import partial
from pathlib import Path

from generator.catalog.entries import ArchitectureEntry, Catalog, ComponentEntry
from generator.networks.memory import MEMORY
from generator.pipeline.configs import judge_by_config
from generator.pipeline.results import Kind, Made, Plan, Progress, Resources, Task, plan_each
from generator.records.memory import PartMemory
from generator.records.versions import COMPONENTS

FOLDER = "memory"
# Increase if the same network would be simulated differently.
VERSION = 4


def plan(catalog: Catalog, data: Path, *, force: bool) -> Plan:
    """Compare the catalogue with the results; the digest is like an architecture's."""

    def inputs(entry: ArchitectureEntry | ComponentEntry, config: str) -> tuple[object, ...]:
        return VERSION, entry.id, getattr(entry, "class_name", ""), config, MEMORY.formats

    def task(entry: ArchitectureEntry | ComponentEntry, _: bytes, made_from: str) -> Task:
        return Task(entry.id, partial(make, entry, catalog.folder, made_from), size=1)

    judge = judge_by_config(catalog.folder, COMPONENTS, inputs, task, force=force)
    entries: list[ArchitectureEntry | ComponentEntry] = [
        *catalog.architectures,
        *catalog.components,
    ]
    return plan_each(entries, data / FOLDER, PartMemory, judge)


def make(
    entry: ArchitectureEntry | ComponentEntry,
    folder: Path,
    made_from: str,
    _: Resources,
    __: Progress,
) -> Made:
    """Simulate one network; its config path is relative to `folder`. Runs in a worker."""
    # Imported here: planning and reporting need no torch.
    from generator.architectures.memory.measuring import measure_denoiser, measure_part

    measured = (
        measure_denoiser(entry, folder)
        if isinstance(entry, ArchitectureEntry)
        else measure_part(entry, folder)
    )
    return Made(measured, {}, made_from)


KIND = Kind(FOLDER, FOLDER, plan, unit="results", parallel=True)
