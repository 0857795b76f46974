"""`atlas measure`: bring `data/` up to date with the catalogue."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.progress import (
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from generator import store
from generator.catalog import Catalog, read_catalog
from generator.cli.options import data_option
from generator.cli.terminal import progress_bar, report, say
from generator.errors import AtlasError
from generator.libraries import ENCODING, library_versions
from generator.pipeline import KINDS, architectures, checkpoints, embeddings, results
from generator.pipeline.results import Outcome, Plan


@click.command()
@data_option
@click.option(
    "--only",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    help="Bring only this kind of results up to date. May be given several times.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes to use. Default: one per core.",
)
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda or cuda:N.")
@click.option("--force", is_flag=True, help="Measure again what is fresh.")
def measure(
    data: Path, kinds: tuple[str, ...], workers: int | None, device: str, force: bool
) -> int:
    """Bring data/ up to date with data/catalog.toml."""
    catalog = read_catalog(data)
    errors: list[AtlasError] = [entry.error for entry in catalog.refused]
    for kind in kinds or KINDS:
        output = data / kind
        store.sweep(output)
        for orphan in results.remove_orphans(output, IDS[kind](catalog)):
            say(f"removed {orphan}: no longer in the catalogue")
        processes = workers or architectures.default_workers()
        errors += RUNS[kind](catalog, output, Means(processes, device, force))
    return report(errors)


class Means(NamedTuple):
    """With what to measure: processes, torch's device, and whether also what is fresh."""

    workers: int
    device: str
    force: bool


def _measure_architectures(catalog: Catalog, output: Path, means: Means) -> list[AtlasError]:
    plan = architectures.plan(catalog, output, library_versions(), force=means.force)
    _announce(plan)
    outcomes = []
    with progress_bar(MofNCompleteColumn()) as progress:
        bar = progress.add_task("architectures", total=len(plan.tasks))
        for outcome in architectures.run(plan.tasks, means.workers):
            progress.advance(bar)
            outcomes.append(outcome)
            _tell(progress, outcome)
    return _conclude("architectures", plan, outcomes)


def _measure_checkpoints(catalog: Catalog, output: Path, means: Means) -> list[AtlasError]:
    plan = checkpoints.plan(catalog, output, force=means.force)
    _announce(plan)
    outcomes = []
    with progress_bar(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as progress:
        bar = progress.add_task("checkpoints", total=sum(task.size for task in plan.tasks))
        for task in plan.tasks:
            outcome = checkpoints.measure(task, lambda read: progress.advance(bar, read))
            outcomes.append(outcome)
            _tell(progress, outcome)
    refused = [outcome for outcome in (*plan.refused, *outcomes) if outcome.error]
    checkpoints.write_refused(catalog, output, refused)
    return _conclude("checkpoints", plan, outcomes)


def _measure_embeddings(catalog: Catalog, output: Path, means: Means) -> list[AtlasError]:
    plan = embeddings.plan(catalog, output, library_versions(ENCODING), force=means.force)
    _announce(plan)
    outcomes: list[Outcome] = []
    left_out: list[AtlasError] = []
    with progress_bar(MofNCompleteColumn(), TimeRemainingColumn()) as progress:
        for task in plan.tasks:
            bar = progress.add_task(task.subject.id, total=None)
            made = embeddings.measure(
                task, means.device, partial(_show, progress=progress, bar=bar)
            )
            outcomes.append(made.outcome)
            left_out += made.refused
            _tell(progress, made.outcome)
    return [*_conclude("embeddings", plan, outcomes), *left_out]


def _show(done: int, total: int, progress: Progress, bar: TaskID) -> None:
    progress.update(bar, completed=done, total=total)


IDS: dict[str, Callable[[Catalog], set[str]]] = {
    "architectures": lambda catalog: catalog.ids("architecture"),
    "checkpoints": lambda catalog: catalog.ids("checkpoint"),
    "embeddings": embeddings.ids,
}
RUNS: dict[str, Callable[[Catalog, Path, Means], list[AtlasError]]] = {
    "architectures": _measure_architectures,
    "checkpoints": _measure_checkpoints,
    "embeddings": _measure_embeddings,
}


def _announce(plan: Plan[Any]) -> None:
    for damage in plan.damage:
        say(f"making again: {damage}")
    for identity in plan.kept:
        say(f"kept {identity}: its file is not here")


def _tell(progress: Progress, outcome: Outcome) -> None:
    if not outcome.error:
        progress.console.print(f"made {outcome.id}")


def _conclude(kind: str, plan: Plan[Any], outcomes: list[Outcome]) -> list[AtlasError]:
    errors = [outcome.error for outcome in (*plan.refused, *outcomes) if outcome.error]
    made = sum(not outcome.error for outcome in outcomes)
    kept = f", {len(plan.kept)} kept" if plan.kept else ""
    say(f"{kind}: {made} made, {len(plan.fresh)} fresh{kept}, {len(errors)} refused")
    return errors
