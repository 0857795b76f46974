"""The catalogue -> `data/` brought up to date, kind by kind, with progress.

Apart from the verb, so that the command line works where what measures is not installed.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from rich.progress import (
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from generator.catalog.reading import Catalog, read_catalog
from generator.cli.cluster import executor_at
from generator.cli.terminal import bytes_progress, progress_bar, say
from generator.errors import AtlasError
from generator.pipeline import (
    architectures,
    archives,
    checkpoints,
    embeddings,
    groups,
    pairs,
    results,
)
from generator.pipeline.results import Outcome, Plan
from generator.records import store
from generator.records.lock import only_writer
from generator.records.versions import ENCODING, library_versions

# Kinds of results that are made on the device that is asked for.
USE_DEVICE = ("groups", "embeddings")


class Options(NamedTuple):
    """What the command line says of a run."""

    workers: int
    device: str
    scheduler: str | None
    force: bool


def bring_up_to_date(data: Path, kinds: Sequence[str], options: Options) -> list[AtlasError]:
    """Measure what is stale of `kinds` in `data`; return what was refused."""
    if not options.scheduler and set(USE_DEVICE) & set(kinds) and options.device != "cpu":
        # Loaded only for a GPU.
        from generator.distances.matrix import check_device

        check_device(options.device, None)
    with only_writer(data):
        catalog = read_catalog(data)
        errors: list[AtlasError] = [entry.error for entry in catalog.refused]
        for kind in kinds:
            output = data / kind
            for orphan in results.remove_orphans(output, _ids(catalog, kind)):
                say(f"removed {orphan}: no longer in the catalogue")
            errors += MEASURE[kind](catalog, output, options)
    return errors


def _ids(catalog: Catalog, kind: str) -> set[str]:
    """Ids of the results that the catalogue asks for. Maps are of every set in every group."""
    if kind == "embeddings":
        return embeddings.ids(catalog)
    return catalog.ids(kind.removesuffix("s"))


def _measure_architectures(catalog: Catalog, output: Path, options: Options) -> list[AtlasError]:
    plan = architectures.plan(catalog, output, library_versions(), force=options.force)
    _announce(plan)
    outcomes = []
    with progress_bar(MofNCompleteColumn()) as progress:
        bar = progress.add_task("architectures", total=len(plan.tasks))
        for outcome in architectures.run(plan.tasks, options.workers):
            progress.advance(bar)
            outcomes.append(outcome)
            _tell(outcome)
    return _conclude("architectures", plan, outcomes)


def _measure_checkpoints(catalog: Catalog, output: Path, options: Options) -> list[AtlasError]:
    plan = checkpoints.plan(catalog, output, force=options.force)
    _announce(plan)
    outcomes = []
    with progress_bar(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as progress:
        bar = progress.add_task("checkpoints", total=sum(task.size for task in plan.tasks))
        for task in plan.tasks:
            outcome = checkpoints.measure(task, lambda read: progress.advance(bar, read))
            outcomes.append(outcome)
            _tell(outcome)
    refused = [outcome for outcome in (*plan.refused, *outcomes) if outcome.error]
    checkpoints.write_refused(catalog, output, refused)
    return _conclude("checkpoints", plan, outcomes)


def _measure_groups(catalog: Catalog, output: Path, options: Options) -> list[AtlasError]:
    folder = output.parent / "checkpoints"
    records = checkpoints.read_records(catalog, folder)
    has_changed = checkpoints.changed_files(catalog, records, folder)
    plan = groups.plan(catalog, output, records, has_changed, force=options.force)
    _announce(plan)
    _drop_refused(plan, output)
    outcomes = []
    # A cluster is asked for only where there is something to do.
    scheduler = options.scheduler if plan.tasks else None
    with executor_at(scheduler) as executor:
        resources = groups.Resources(options.workers, options.device, executor)
        for task in plan.tasks:
            with bytes_progress(task.entry.id) as advance:
                outcomes.append(groups.measure(task, resources, advance))
            _tell(outcomes[-1])
    errors = _conclude("groups", plan, outcomes)
    return errors + _read_archives(catalog, output, options) if catalog.archives else errors


def _read_archives(catalog: Catalog, output: Path, options: Options) -> list[AtlasError]:
    plan = archives.plan(catalog, output, force=options.force)
    _announce(plan)
    outcomes = []
    for task in plan.tasks:
        outcomes.append(archives.measure(task))
        _tell(outcomes[-1])
    return _conclude("archives", plan, outcomes)


def _measure_pairs(catalog: Catalog, output: Path, options: Options) -> list[AtlasError]:
    folder = output.parent / "checkpoints"
    records = checkpoints.read_records(catalog, folder)
    has_changed = checkpoints.changed_files(catalog, records, folder)
    plan = pairs.plan(catalog, output, records, has_changed, force=options.force)
    _announce(plan)
    _drop_refused(plan, output)
    outcomes = []
    for task in plan.tasks:
        with bytes_progress(task.entry.id) as advance:
            outcomes.append(pairs.measure(task, advance))
        _tell(outcomes[-1])
    return _conclude("pairs", plan, outcomes)


def _measure_embeddings(catalog: Catalog, output: Path, options: Options) -> list[AtlasError]:
    records = checkpoints.read_records(catalog, output.parent / "checkpoints")
    libraries = library_versions(ENCODING)
    plan = embeddings.plan(catalog, output, records, libraries, force=options.force)
    _announce(plan)
    outcomes: list[Outcome] = []
    left_out: list[AtlasError] = []
    with progress_bar(MofNCompleteColumn(), TimeRemainingColumn()) as progress:
        for task in plan.tasks:
            bar = progress.add_task(task.subject.id, total=None)
            show = partial(_show, progress, bar)
            made = embeddings.measure(task, options.device, show)
            outcomes.append(made.outcome)
            left_out += made.refused
            _tell(made.outcome)
    return [*_conclude("embeddings", plan, outcomes), *plan.without, *left_out]


def _show(progress: Progress, bar: TaskID, done: int, total: int) -> None:
    progress.update(bar, completed=done, total=total)


MEASURE: dict[str, Callable[[Catalog, Path, Options], list[AtlasError]]] = {
    "architectures": _measure_architectures,
    "checkpoints": _measure_checkpoints,
    "groups": _measure_groups,
    "pairs": _measure_pairs,
    "embeddings": _measure_embeddings,
}


def _drop_refused(plan: Plan[Any], output: Path) -> None:
    """Remove what told of other content than that which is refused."""
    for outcome in plan.refused:
        store.remove_result(output, outcome.id)


def _announce(plan: Plan[Any]) -> None:
    for damage in plan.damage:
        say(f"making again: {damage}")
    for identity in plan.kept:
        say(f"kept {identity}: its file is not here")


def _tell(outcome: Outcome) -> None:
    # Above the bar, if there is one: they share a console.
    if not outcome.error:
        say(f"made {outcome.id}")


def _conclude(kind: str, plan: Plan[Any], outcomes: list[Outcome]) -> list[AtlasError]:
    errors = [outcome.error for outcome in (*plan.refused, *outcomes) if outcome.error]
    made = sum(not outcome.error for outcome in outcomes)
    kept = f", {len(plan.kept)} kept" if plan.kept else ""
    say(f"{kind}: {made} made, {len(plan.fresh)} fresh{kept}, {len(errors)} refused")
    return errors + [error for outcome in outcomes for error in outcome.left_out]
