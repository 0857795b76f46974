"""Architectures of the catalogue -> measured in worker processes -> `data/architectures/`."""

from functools import partial
from pathlib import Path

from generator.catalog.reading import ArchitectureEntry, Catalog
from generator.pipeline.results import Kind, Made, Plan, Progress, Resources, Stay, Task, plan_each
from generator.records import Architecture, store
from generator.records.versions import NETWORKS, installed_versions, library_versions

FOLDER = "architectures"
# Increase if the same network would be measured or drawn differently.
VERSION = 2


def plan(catalog: Catalog, data: Path, *, force: bool) -> Plan:
    """Compare the catalogue with the results.

    The digest includes the installed libraries; where there are none, those of the record.
    """
    installed = installed_versions(NETWORKS)

    def judge(entry: ArchitectureEntry, record: Architecture | None) -> Task | Stay:
        config = (catalog.folder / entry.config).read_bytes()
        libraries = installed or (record and record.versions)
        made_from = store.digest(VERSION, entry, config.hex(), libraries)
        if record and record.digest == made_from and not force:
            return Stay.FRESH
        library_versions(NETWORKS, entry.id)
        return Task(entry.id, partial(make, entry, catalog.folder, made_from), size=1)

    return plan_each(catalog.architectures, data / FOLDER, Architecture, judge)


def make(
    entry: ArchitectureEntry, folder: Path, made_from: str, _: Resources, __: Progress
) -> Made:
    """Measure one architecture; its config path is relative to `folder`. Runs in a worker."""
    # Imported here: planning and reporting need no torch.
    from generator.architectures.measure import measure_architecture

    measured = measure_architecture(entry, folder)
    return Made(measured.record, measured.files, made_from)


KIND = Kind(FOLDER, FOLDER, plan, unit="results", parallel=True)
