"""The catalogue -> `data/` brought up to date, kind by kind, with progress.

Apart from the verb, so that the command line works where what measures is not installed.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.progress import (
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from generator.catalog.entries import Catalog
from generator.catalog.reading import read_catalog
from generator.cli.cluster import executor_at
from generator.cli.terminal import progress_bar, resumable, say
from generator.errors import AtlasError
from generator.pipeline import (
    architectures,
    archives,
    checkpoints,
    components,
    embeddings,
    groups,
    memory,
    pairs,
    results,
)
from generator.pipeline.results import Kind, Plan, Resources, Task
from generator.pipeline.running import ignore_progress, run
from generator.records import store
from generator.records.lock import only_writer

# What `--only` names: results that lie in one folder, of one kind or two.
KINDS: dict[str, tuple[Kind, ...]] = {
    "components": (components.KIND,),
    "architectures": (architectures.KIND,),
    "memory": (memory.KIND,),
    "checkpoints": (checkpoints.KIND,),
    "groups": (groups.KIND, archives.KIND),
    "pairs": (pairs.KIND,),
    "embeddings": (embeddings.KIND,),
}
# Those that are made on the device that is asked for.
USE_DEVICE = ("groups", "embeddings")
COLUMNS: dict[str, tuple[type[ProgressColumn], ...]] = {
    "bytes": (DownloadColumn, TransferSpeedColumn, TimeRemainingColumn),
    "results": (MofNCompleteColumn, TimeRemainingColumn),
}


class RunOptions(NamedTuple):
    """What the command line says of a run."""

    workers: int
    device: str
    scheduler: str | None
    force: bool


def bring_up_to_date(data: Path, names: Sequence[str], options: RunOptions) -> list[AtlasError]:
    """Measure what is stale of the kinds `names` in `data`; return what was refused."""
    if not options.scheduler and set(USE_DEVICE) & set(names) and options.device != "cpu":
        # Loaded only for a GPU.
        from generator.distances.matrix import check_device

        check_device(options.device, None)
    with only_writer(data), resumable(kept=True):
        catalog = read_catalog(data)
        errors: list[AtlasError] = [entry.error for entry in catalog.refused]
        for name in names:
            for orphan in results.remove_orphans(data / name, _ids(catalog, name)):
                say(f"removed {orphan}: no longer in the catalogue")
            for kind in KINDS[name]:
                errors += _measure(kind, catalog, data, options)
    return errors


def _ids(catalog: Catalog, name: str) -> set[str]:
    """Ids of the results that the catalogue asks for. Maps are of every set in every group, memory
    is of every network."""
    if name == "embeddings":
        return embeddings.ids(catalog)
    if name == "memory":
        return catalog.ids("architecture") | catalog.ids("component")
    return catalog.ids(name.removesuffix("s"))


def _measure(kind: Kind, catalog: Catalog, data: Path, options: RunOptions) -> list[AtlasError]:
    """Bring one kind of results up to date, and say so."""
    if kind is archives.KIND and not catalog.archives:
        return []
    plan = kind.plan(catalog, data, force=options.force)
    for damage in plan.damage:
        say(f"making again: {damage}")
    for identity in plan.kept:
        say(f"kept {identity}: its file is not here")
    for outcome in plan.refused:
        if outcome.of_other_version:
            say(f"kept {outcome.id}: another version measured it")
    for outcome in plan.refused if kind.drops else ():
        if outcome.replaces:
            store.remove_result(data / kind.folder, outcome.id)
    outcomes = []
    # A cluster is asked for only where there is something to do.
    scheduler = options.scheduler if plan.tasks and kind.distributed else None
    columns = [column() for column in COLUMNS[kind.unit]]
    with executor_at(scheduler) as executor, progress_bar(*columns) as display:
        resources = Resources(options.workers, options.device, executor)
        told = _show(display, kind, plan)
        for outcome in run(kind, data, plan.tasks, resources, told):
            outcomes.append(outcome)
            # Above the bar: they share a console.
            if not outcome.error:
                say(f"made {outcome.id}")
    failed = [outcome for outcome in (*plan.refused, *outcomes) if outcome.error]
    kind.finish(catalog, data / kind.folder, failed)
    made = sum(not outcome.error for outcome in outcomes)
    kept = f", {len(plan.kept)} kept" if plan.kept else ""
    say(f"{kind.name}: {made} made, {len(plan.fresh)} fresh{kept}, {len(failed)} refused")
    left_out = [error for outcome in outcomes for error in outcome.left_out]
    return [*(outcome.error for outcome in failed if outcome.error), *plan.without, *left_out]


def _show(display: Progress, kind: Kind, plan: Plan) -> Callable[[Task], results.Progress]:
    """One bar: of all tasks where their sizes are known, else of the task that is under way."""
    if not plan.tasks:
        return lambda _: ignore_progress
    whole = sum(task.size or 0 for task in plan.tasks)
    bar = display.add_task(kind.name, total=whole or None)
    finished: dict[str, int] = {}

    def start(task: Task) -> results.Progress:
        if task.size is None:
            display.reset(bar, description=task.id, total=None)

        def tell(done: int, total: int | None) -> None:
            finished[task.id] = done
            if task.size is None:
                display.update(bar, completed=done, total=total)
            else:
                display.update(bar, completed=sum(finished.values()))

        return tell

    return start
