"""`atlas measure`: bring `data/` up to date with the catalogue."""

from pathlib import Path

import click

from generator.cli.options import data_option, device_option, scheduler_option, workers_option
from generator.cli.terminal import report
from generator.pipeline import KINDS


@click.command()
@data_option
@click.option(
    "--only",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    help="Measure only this kind of results. May be given several times.",
)
@workers_option
@device_option
@scheduler_option
@click.option("--force", is_flag=True, help="Measure fresh results again, if their files exist.")
def measure(
    data: Path,
    kinds: tuple[str, ...],
    workers: int,
    device: str,
    scheduler: str | None,
    force: bool,
) -> int:
    """Bring data/ up to date with data/catalog.toml.

    Example: atlas measure --only checkpoints --only groups --workers 8
    """
    from generator.cli.measuring import RunOptions, bring_up_to_date

    options = RunOptions(workers, device, scheduler, force)
    return report(bring_up_to_date(data, kinds or KINDS, options))
