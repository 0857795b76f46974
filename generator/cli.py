"""The command `atlas`: its verbs, what it says, and how it exits.

This is the only module that prints, asks or exits. Messages and progress go to stderr, results to
stdout. Exit codes: 0 fine, 1 a bug of ours, 2 the command or the catalogue cannot be used, 3 some
inputs were refused (each is named, the rest is done), 130 stopped by Ctrl-C.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from generator import store
from generator.catalog import Catalog, read_catalog
from generator.errors import AtlasError
from generator.libraries import library_versions
from generator.pipeline import KINDS, architectures, checkpoints, results
from generator.pipeline.results import Outcome, Plan
from generator.report import describe, describe_comparison, describe_matrix

REFUSED = 3
STOPPED = 130

_stderr = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    show_default=True,
    help="Folder of the catalogue and of the results.",
)


output_option = click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write everything that was measured as JSON.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="diffusion-atlas")
def cli() -> None:
    """Measured numbers about diffusion models, and the site that shows them."""


@cli.command()
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
@click.option("--force", is_flag=True, help="Measure again what is fresh.")
def measure(data: Path, kinds: tuple[str, ...], workers: int | None, force: bool) -> int:
    """Bring data/ up to date with data/catalog.toml."""
    catalog = read_catalog(data)
    errors: list[AtlasError] = [entry.error for entry in catalog.refused]
    for kind in kinds or KINDS:
        output = data / kind
        store.sweep(output)
        for orphan in results.remove_orphans(output, catalog.ids(kind.removesuffix("s"))):
            _say(f"removed {orphan}: no longer in the catalogue")
        run = _measure_architectures if kind == "architectures" else _measure_checkpoints
        errors += run(catalog, output, workers or architectures.default_workers(), force)
    return _report(errors)


def _measure_architectures(
    catalog: Catalog, output: Path, workers: int, force: bool
) -> list[AtlasError]:
    plan = architectures.plan(catalog, output, library_versions(), force=force)
    _announce(plan)
    outcomes = []
    with _progress(MofNCompleteColumn()) as progress:
        bar = progress.add_task("architectures", total=len(plan.tasks))
        for outcome in architectures.run(plan.tasks, workers):
            progress.advance(bar)
            outcomes.append(outcome)
            _tell(progress, outcome)
    return _conclude("architectures", plan, outcomes)


def _measure_checkpoints(
    catalog: Catalog, output: Path, _workers: int, force: bool
) -> list[AtlasError]:
    plan = checkpoints.plan(catalog, output, force=force)
    _announce(plan)
    outcomes = []
    with _progress(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as progress:
        bar = progress.add_task("checkpoints", total=sum(task.size for task in plan.tasks))
        for task in plan.tasks:
            outcome = checkpoints.measure(task, lambda read: progress.advance(bar, read))
            outcomes.append(outcome)
            _tell(progress, outcome)
    refused = [outcome for outcome in (*plan.refused, *outcomes) if outcome.error]
    checkpoints.write_refused(catalog, output, refused)
    return _conclude("checkpoints", plan, outcomes)


def _announce(plan: Plan[Any]) -> None:
    for damage in plan.damage:
        _say(f"making again: {damage}")
    for identity in plan.kept:
        _say(f"kept {identity}: its file is not here")


def _tell(progress: Progress, outcome: Outcome) -> None:
    if not outcome.error:
        progress.console.print(f"made {outcome.id}")


def _conclude(kind: str, plan: Plan[Any], outcomes: list[Outcome]) -> list[AtlasError]:
    errors = [outcome.error for outcome in (*plan.refused, *outcomes) if outcome.error]
    made = sum(not outcome.error for outcome in outcomes)
    kept = f", {len(plan.kept)} kept" if plan.kept else ""
    _say(f"{kind}: {made} made, {len(plan.fresh)} fresh{kept}, {len(errors)} refused")
    return errors


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--full", is_flag=True, help="Read the values too: hashes, statistics, anomalies.")
@output_option
def inspect(file: Path, full: bool, output: Path | None) -> int:
    """Say what FILE is: a weight file, a shard index or a diffusers folder.

    By default only headers are read, in a fraction of a second whatever the size.
    """
    from generator.checkpoints.inventory import inspect as inspect_headers

    if full:
        from generator.checkpoints.measuring import measure_checkpoint
        from generator.checkpoints.opening import open_checkpoint

        total = sum(source.size for source in open_checkpoint(file).files)
        with _progress(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as progress:
            bar = progress.add_task("reading", total=total)
            measured = measure_checkpoint(file, "", lambda read: progress.advance(bar, read))
        record, rows = measured.record, measured.rows
    else:
        record, rows = inspect_headers(file)
    _print(describe(record))
    _write(output, {"checkpoint": record, "tensors": rows})
    return 0


@cli.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@output_option
def compare(a: Path, b: Path, output: Path | None) -> int:
    """Compare the checkpoints A and B, tensor by tensor, across layouts and formats."""
    from generator.distances.pair import compare as compare_pair

    with _bytes_progress("comparing") as advance:
        comparison = compare_pair(a, b, progress=advance)
    _print(describe_comparison(comparison))
    _write(output, comparison)
    return 0


@cli.command()
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--metric",
    "metrics",
    type=click.Choice(["l2", "cosine", "l1", "l0"]),
    multiple=True,
    default=("l2", "cosine"),
    show_default=True,
    help="May be given several times.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes. Default: one per core.")
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda or cuda:N.")
@output_option
def matrix(
    paths: tuple[Path, ...],
    metrics: tuple[str, ...],
    workers: int | None,
    device: str,
    output: Path | None,
) -> int:
    """Distances of the checkpoints at PATHS from one another, each read once."""
    from generator.distances.matrix import matrix as measure_matrix

    processes = workers or architectures.default_workers()
    with _bytes_progress("comparing") as advance:
        result = measure_matrix(paths, metrics, processes, device, progress=advance)
    _print(describe_matrix(result.matrix))
    _write(output, result.matrix)
    return _report(list(result.refused))


@cli.command()
@data_option
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
def add(data: Path, paths: tuple[Path, ...]) -> int:
    """Put the checkpoints at PATHS into the catalogue.

    A path is a weight file, a diffusers folder, or a folder of such.
    """
    from generator.adding import add_checkpoints, find_checkpoints

    found = find_checkpoints(paths)
    added = add_checkpoints(read_catalog(data), found)
    for identity in added:
        _say(f"added {identity}")
    _say(f"{len(added)} added, {len(found) - len(added)} were in the catalogue")
    return 0


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def demo(folder: Path) -> int:
    """Write a small family of checkpoints with a known history into FOLDER."""
    from generator.checkpoints.demo import write_demo

    for path in write_demo(folder):
        click.echo(path)
    return 0


@cli.command()
@data_option
@click.option(
    "--templates",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("templates"),
    show_default=True,
    help="Folder of the Jinja templates.",
)
@click.option(
    "--site-src",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("site_src"),
    show_default=True,
    help="Folder that MkDocs builds from.",
)
def render(data: Path, templates: Path, site_src: Path) -> int:
    """Turn data/ into the pages of site_src/."""
    from generator.publish.render import render as render_pages

    report = render_pages(data, templates, site_src)
    _say(
        f"{len(report.written)} pages and downloads written, {len(report.unchanged)} unchanged, "
        f"{len(report.removed)} removed"
    )
    return 0


@cli.command()
@click.argument(
    "site",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("site"),
)
def check(site: Path) -> int:
    """Check links, anchors, assets and markup of the built SITE."""
    from generator.publish.check import check as check_site

    problems = check_site(site)
    for problem in problems:
        click.echo(str(problem))
    _say(f"{len(problems)} problems in {site}")
    return REFUSED if problems else 0


def main() -> None:
    """Run the command line and exit."""
    try:
        code = cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except AtlasError as error:
        code = _report([error])
    except (KeyboardInterrupt, click.Abort):
        _say("stopped; the next run goes on from here")
        code = STOPPED
    sys.exit(code)


def _report(errors: list[AtlasError]) -> int:
    for error in errors:
        _say(f"refused: {error}")
    return max((error.exit_code for error in errors), default=0)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(_visible(line))


def _write(output: Path | None, content: object) -> None:
    if output:
        encoded = msgspec.json.format(msgspec.json.encode(content, order="deterministic"), indent=1)
        store.write_file(output, encoded + b"\n")


@contextmanager
def _bytes_progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told how many bytes are done, of how many."""
    with _progress(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) as progress:
        bar = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


def _say(message: str) -> None:
    _stderr.print(_visible(message))


def _visible(text: str) -> str:
    """Text with the control characters of file names and contents made visible."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def _progress(*columns: ProgressColumn) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        TimeElapsedColumn(),
        console=_stderr,
        disable=not _stderr.is_terminal,
    )


if __name__ == "__main__":
    main()
