"""Architectures of the catalogue -> measured in worker processes -> `data/architectures/`."""

import json
import traceback
from functools import partial
from pathlib import Path

from generator.catalog.entries import ArchitectureEntry, Catalog
from generator.errors import ConfigError
from generator.pipeline.configs import judge_by_config
from generator.pipeline.results import Kind, Made, Plan, Progress, Resources, Task, plan_each
from generator.records import Architecture
from generator.records.versions import NETWORKS

FOLDER = "architectures"
PACKAGE = Path(__file__).parents[1]
# Increase if the same network would be measured or drawn differently.
VERSION = 4


def plan(catalog: Catalog, data: Path, *, force: bool) -> Plan:
    """Compare the catalogue with the results.

    The digest includes the installed libraries; where there are none, those of the record.
    """

    def inputs(entry: ArchitectureEntry, config: str) -> tuple[object, ...]:
        return VERSION, entry, config

    def task(entry: ArchitectureEntry, config: bytes, made_from: str) -> Task:
        return Task(entry.id, partial(make, entry, catalog.folder, made_from), size=_cost(config))

    judge = judge_by_config(catalog.folder, NETWORKS, inputs, task, force=force)
    planned = plan_each(catalog.architectures, data / FOLDER, Architecture, judge)
    # The most expensive first, so that no process is left alone with one in the end.
    tasks = sorted(planned.tasks, key=lambda task: task.size or 0, reverse=True)
    return planned._replace(tasks=tuple(tasks))


def make(
    entry: ArchitectureEntry, folder: Path, made_from: str, _: Resources, __: Progress
) -> Made:
    """Measure one architecture; its config path is relative to `folder`. Runs in a worker.

    Raises:
        Refusal: the config is wrong, or a library fails with this network.
    """
    # Imported here: planning and reporting need no torch.
    from generator.architectures.measure import measure_architecture

    try:
        measured = measure_architecture(entry, folder)
    except Exception as error:
        if library := _library_of(error):
            reason = f"{library} fails with it ({type(error).__name__}: {error})"
            raise ConfigError(str(folder / entry.config), reason) from error
        raise
    return Made(measured.record, measured.files, made_from)


def _library_of(error: Exception) -> str:
    """The library that was called last before an error; empty if our own code raised it.

    What a library calls, such as NumPy, counts as its fault.
    """
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        parts = Path(frame.filename).parts
        found = next((library for library in NETWORKS.names if library in parts), "")
        if found or Path(frame.filename).is_relative_to(PACKAGE):
            return found
    return ""


def _cost(config: bytes) -> int:
    """About how long a network takes: the number of its layers, by the keys that count them."""
    try:
        keys = json.loads(config).items()
    except (ValueError, RecursionError, AttributeError):
        # It is refused when it is measured.
        return 1
    counts = [value for key, value in keys if "layers" in key and isinstance(value, int)]
    return max(1, sum(counts))


KIND = Kind(FOLDER, FOLDER, plan, unit="results", parallel=True)
