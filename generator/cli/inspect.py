"""`atlas inspect`: find out what a file is."""

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import ADDRESSES, output_option
from generator.cli.terminal import byte_columns, progress_bar, show
from generator.errors import MissingExtra
from generator.records.inspection import inspection_of
from generator.text.inspection import describe, describe_tensors

if TYPE_CHECKING:
    from generator.checkpoints.inventory.record import Inspection


@click.command()
@click.argument("file")
@click.option("--full", is_flag=True, help="Read the values too: hashes, statistics, anomalies.")
@click.option("--tensors", is_flag=True, help="List every tensor.")
@output_option
def inspect(file: str, full: bool, tensors: bool, output: Path | None) -> int:
    """Find out what FILE is: a weight file, a shard index or a diffusers folder.

    By default, only headers are read, in a fraction of a second for any size. FILE may be an
    address, https://... or hf:ORGANISATION/NAME[/FILE][@REVISION]: of it, only the header is read.

    Example: atlas inspect model.safetensors --output - | jq .architecture
    """
    from generator.checkpoints.inventory.record import inspect as inspect_headers

    if file.startswith(ADDRESSES):
        if full:
            raise click.UsageError("--full reads values, which an address does not give.")
        record, rows = _inspect_address(file)
    elif full:
        from generator.checkpoints.formats.opening import open_checkpoint
        from generator.checkpoints.inventory.measuring import measure_checkpoint

        total = sum(source.size for source in open_checkpoint(Path(file)).files)
        with progress_bar(*byte_columns()) as progress:
            bar = progress.add_task("reading", total=total)
            measured = measure_checkpoint(Path(file), "", lambda read: progress.advance(bar, read))
        record, rows = measured.record, measured.rows
    else:
        record, rows = inspect_headers(Path(file))
    lines = chain(describe(record), describe_tensors(rows) if tensors else ())
    show(lines, output, inspection_of(record, rows if tensors else None))
    return 0


def _inspect_address(address: str) -> "Inspection":
    try:
        from generator.checkpoints.formats.remote import open_remote
    except ModuleNotFoundError as error:
        raise MissingExtra(address, "remote") from error
    from generator.checkpoints.inventory.record import describe_index

    return describe_index(open_remote(address))
