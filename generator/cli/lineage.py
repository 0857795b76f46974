"""`atlas lineage`: who descends from whom, and what is mixed from what."""

from pathlib import Path

import click

from generator.cli.options import (
    CheckpointPath,
    checkpoints_argument,
    device_option,
    output_option,
    workers_option,
)
from generator.cli.plotting import lineage_figure, plot_option, write_plot
from generator.cli.terminal import bytes_progress, report, show
from generator.text.lineage_lines import describe_lineage


@click.command()
@checkpoints_argument
@click.option(
    "--reference",
    type=CheckpointPath(),
    help="The one of PATHS from which the others were made, if known.",
)
@workers_option
@device_option
@output_option
@plot_option
def lineage(
    paths: list[Path],
    reference: Path | None,
    workers: int,
    device: str,
    output: Path | None,
    plot: Path | None,
) -> int:
    """Find out which of the checkpoints at PATHS descend from others or are mixed from them.

    Of a folder of models, all checkpoints in it are meant.

    Example: atlas lineage models --reference models/base.safetensors
    """
    from generator.api import find_lineage

    with bytes_progress("comparing") as advance:
        found, refused = find_lineage(paths, reference, workers, device, advance)
    show(describe_lineage(found), output, found)
    write_plot(plot, found.members, lambda: lineage_figure(found))
    return report(list(refused))
