"""Components of the catalogue -> counted in worker processes -> `data/components/`."""

from functools import partial
from pathlib import Path

from generator.catalog.reading import Catalog, ComponentEntry
from generator.pipeline.results import Kind, Made, Plan, Progress, Resources, Stay, Task, plan_each
from generator.records import Component, store
from generator.records.versions import COMPONENTS, installed_versions, library_versions

FOLDER = "components"
# Increase if the same component would be counted differently.
VERSION = 1


def plan(catalog: Catalog, data: Path, *, force: bool) -> Plan:
    """Compare the catalogue with the results; the digest is like an architecture's."""
    installed = installed_versions(COMPONENTS)

    def judge(entry: ComponentEntry, record: Component | None) -> Task | Stay:
        config = (catalog.folder / entry.config).read_bytes()
        libraries = installed or (record and record.versions)
        made_from = store.digest(VERSION, entry, config.hex(), libraries)
        if record and record.digest == made_from and not force:
            return Stay.FRESH
        library_versions(COMPONENTS, entry.id)
        return Task(entry.id, partial(make, entry, catalog.folder, made_from), size=1)

    return plan_each(catalog.components, data / FOLDER, Component, judge)


def make(entry: ComponentEntry, folder: Path, made_from: str, _: Resources, __: Progress) -> Made:
    """Count one component; its config path is relative to `folder`. Runs in a worker."""
    # Imported here: planning and reporting need no torch.
    from generator.architectures.components import measure_component

    return Made(measure_component(entry, folder), {}, made_from)


KIND = Kind(FOLDER, FOLDER, plan, unit="results", parallel=True)
