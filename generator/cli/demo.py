"""`atlas demo`: write the demo family, small checkpoints with a known history."""

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def demo(folder: Path) -> int:
    """Write a small family of checkpoints with a known history into FOLDER.

    Example: atlas demo demo
    """
    from generator.checkpoints.demo.making import write_demo

    for path in write_demo(folder):
        click.echo(path)
    return 0
