"""`atlas matrix`: the distances of many checkpoints."""

from pathlib import Path

import click

from generator.cli.cluster import executor_at
from generator.cli.options import (
    checkpoints_argument,
    device_option,
    output_option,
    scheduler_option,
    workers_option,
)
from generator.cli.plotting import matrix_figure, plot_option, write_plot
from generator.cli.terminal import STDOUT, bytes_progress, report, resumable, show
from generator.text.report import describe_matrix

# By default: both are in --output, the first is printed.
METRICS = ("l2", "cosine")


@click.command()
@checkpoints_argument
@click.option(
    "--metric",
    "metrics",
    type=click.Choice(["l2", "cosine", "l1", "l0"], case_sensitive=False),
    multiple=True,
    show_default=", ".join(METRICS),
    help="May be given several times.",
)
@workers_option
@device_option
@scheduler_option
@output_option
@plot_option
def matrix(
    paths: list[Path],
    metrics: tuple[str, ...],
    workers: int,
    device: str,
    scheduler: str | None,
    output: Path | None,
    plot: Path | None,
) -> int:
    """Distances between all checkpoints at PATHS; each is read once.

    Of a folder of models, all checkpoints in it are meant. With --output, partial results are
    kept, so an interrupted run resumes.

    Example: atlas matrix models/*.safetensors --output distances.json --plot distances.pdf
    """
    from generator.distances.matrix import matrix as measure_matrix
    from generator.records.distances import distance_matrix

    # Partial results, from which an interrupted run resumes.
    kept = output.with_name(f".{output.name}.tasks") if output and output != STDOUT else None
    with (
        resumable(kept is not None),
        executor_at(scheduler) as executor,
        bytes_progress("comparing") as advance,
    ):
        result = measure_matrix(
            paths,
            metrics or METRICS,
            workers,
            device,
            executor=executor,
            progress=advance,
            resume_folder=kept,
        )
    show(describe_matrix(result.matrix, metrics or METRICS[:1]), output, result.matrix)
    if plot is not None:
        # Drawn by L2, whatever was asked for.
        drawn = distance_matrix(result.sums, METRICS[:1])
        write_plot(plot, drawn.members, lambda: matrix_figure(drawn))
    return report(list(result.refused))
