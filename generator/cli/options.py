"""Options that several verbs share."""

from pathlib import Path

import click


def _one_per_core() -> int:
    # Not before it is asked for: pools of processes take a while to import.
    from generator.distances.processes import default_workers

    return default_workers()


data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    show_default=True,
    help="Folder of the catalogue and the results.",
)


output_option = click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all results as JSON.",
)

workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=_one_per_core,
    show_default="one per core",
    help="Processes to use.",
)

device_option = click.option(
    "--device", default="cpu", show_default=True, help="Where to compute: cpu, cuda or cuda:N."
)

scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Compare checkpoints on the Dask cluster with the scheduler at ADDRESS. Its workers must "
    "see the files under the same paths.",
)
