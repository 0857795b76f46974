"""`atlas matrix`: checkpoints and their distances to one another."""

from pathlib import Path

import click

from generator.cli.options import output_option
from generator.cli.terminal import bytes_progress, print_lines, report, write_json
from generator.pipeline import architectures
from generator.report import describe_matrix


@click.command()
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
    with bytes_progress("comparing") as advance:
        result = measure_matrix(paths, metrics, processes, device, progress=advance)
    print_lines(describe_matrix(result.matrix))
    write_json(output, result.matrix)
    return report(list(result.refused))
