"""`atlas add`: add checkpoints to the catalogue."""

from pathlib import Path

import click

from generator.catalog.reading import read_catalog
from generator.cli.options import data_option
from generator.cli.terminal import report, say
from generator.records.lock import only_writer

# Seconds to wait for another `atlas add`, which takes less.
PATIENCE = 10.0


@click.command()
@data_option
@click.option("--group", metavar="ID", help="Add them to this group; create it if necessary.")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
def add(data: Path, group: str | None, paths: tuple[Path, ...]) -> int:
    """Add the checkpoints at PATHS to the catalogue.

    A path is a weight file, a diffusers folder, or a folder with these at any depth.

    Example: atlas add --group mine ~/models
    """
    from generator.catalog.adding import (
        add_checkpoints,
        add_to_group,
        check_group,
        find_checkpoints,
    )

    if group is not None:
        check_group(group)
    walked = find_checkpoints(paths)
    found = walked.paths
    for path in walked.broken:
        say(f"passed over {path}: a link that leads nowhere")
    if walked.others:
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(walked.others.items()))
        say(f"passed over other files: {kinds}")
    with only_writer(data, PATIENCE):
        catalog = read_catalog(data)
        added = add_checkpoints(catalog, found)
        for identity in added:
            say(f"added {identity}")
        say(f"{len(added)} added, {len(found) - len(added)} were in the catalogue")
        if group is not None:
            joined = add_to_group(read_catalog(data), group, found)
            say(f"{len(joined)} joined the group {group}")
    return report([entry.error for entry in catalog.refused])
