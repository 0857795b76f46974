"""The command `atlas`: its verbs, what it says, and how it exits.

This is the only module that prints, asks or exits. Messages and progress go to stderr, results to
stdout. Exit codes: 0 fine, 1 a bug of ours, 2 the command or the catalogue cannot be used, 3 some
inputs were refused (each is named, the rest is done), 130 stopped by Ctrl-C.
"""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from generator import pipeline
from generator.catalog import read_catalog
from generator.errors import AtlasError
from generator.libraries import library_versions

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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="diffusion-atlas")
def cli() -> None:
    """Measured numbers about diffusion models, and the site that shows them."""


@cli.command()
@data_option
@click.option(
    "--only",
    "kinds",
    type=click.Choice(pipeline.KINDS),
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
    plan = pipeline.plan(catalog, data, kinds or pipeline.KINDS, library_versions(), force=force)
    for orphan in pipeline.remove_orphans(catalog, data):
        _say(f"removed {orphan}: no longer in the catalogue")
    for task in plan.tasks:
        if task.damage:
            _say(f"making again: {task.damage}")
    made = 0
    with _progress() as progress:
        bar = progress.add_task("measuring", total=len(plan.tasks))
        for outcome in pipeline.run(plan.tasks, workers or pipeline.default_workers()):
            progress.advance(bar)
            if outcome.error:
                errors.append(outcome.error)
            else:
                made += 1
                progress.console.print(f"made {outcome.task.entry.id}")
    _say(f"{made} made, {len(plan.fresh)} fresh, {len(errors)} refused")
    return _report(errors)


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


def _say(message: str) -> None:
    """One message, with control characters of file names and contents made visible."""
    _stderr.print("".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in message))


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=_stderr, disable=not _stderr.is_terminal)


if __name__ == "__main__":
    main()
