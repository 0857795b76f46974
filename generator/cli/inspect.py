"""`atlas inspect`: find out what a file is."""

from pathlib import Path

import click
from rich.progress import DownloadColumn, TimeRemainingColumn, TransferSpeedColumn

from generator.cli.options import output_option
from generator.cli.terminal import print_lines, progress_bar, write_json
from generator.text.report import describe


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--full", is_flag=True, help="Read the values too: hashes, statistics, anomalies.")
@output_option
def inspect(file: Path, full: bool, output: Path | None) -> int:
    """Find out what FILE is: a weight file, a shard index or a diffusers folder.

    By default, only headers are read, in a fraction of a second for any size.
    """
    from generator.checkpoints.inventory.record import inspect as inspect_headers

    if full:
        from generator.checkpoints.formats.opening import open_checkpoint
        from generator.checkpoints.inventory.measuring import measure_checkpoint

        total = sum(source.size for source in open_checkpoint(file).files)
        with progress_bar(
            DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
        ) as progress:
            bar = progress.add_task("reading", total=total)
            measured = measure_checkpoint(file, "", lambda read: progress.advance(bar, read))
        record, rows = measured.record, measured.rows
    else:
        record, rows = inspect_headers(file)
    print_lines(describe(record))
    write_json(output, {"checkpoint": record, "tensors": rows})
    return 0
