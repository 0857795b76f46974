"""Components of the catalogue -> counted in worker processes -> `data/components/`."""

from functools import partial
from pathlib import Path

from generator.catalog.entries import Catalog, ComponentEntry
from generator.pipeline.configs import judge_by_config
from generator.pipeline.results import Kind, Made, Plan, Progress, Resources, Task, plan_each
from generator.records import Component
from generator.records.versions import COMPONENTS

FOLDER = "components"
# Increase if the same component would be counted differently.
VERSION = 1


def plan(catalog: Catalog, data: Path, *, force: bool) -> Plan:
    """Compare the catalogue with the results; the digest is like an architecture's."""

    def inputs(entry: ComponentEntry, config: str) -> tuple[object, ...]:
        return VERSION, entry, config

    def task(entry: ComponentEntry, _: bytes, made_from: str) -> Task:
        return Task(entry.id, partial(make, entry, catalog.folder, made_from), size=1)

    judge = judge_by_config(catalog.folder, COMPONENTS, inputs, task, force=force)
    return plan_each(catalog.components, data / FOLDER, Component, judge)


def make(entry: ComponentEntry, folder: Path, made_from: str, _: Resources, __: Progress) -> Made:
    """Count one component; its config path is relative to `folder`. Runs in a worker."""
    # Imported here: planning and reporting need no torch.
    from generator.architectures.components import measure_component

    return Made(measure_component(entry, folder), {}, made_from)


KIND = Kind(FOLDER, FOLDER, plan, unit="results", parallel=True)
