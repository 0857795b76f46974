"""`atlas new` and `atlas upgrade`: a site of one's own."""

from pathlib import Path

import click

from generator.cli.options import site_of, site_option
from generator.cli.terminal import say
from generator.errors import UsageError


@click.command()
@click.option("--name", help="Title of the site. Default: the name of the folder.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def new(folder: Path, name: str | None) -> int:
    """Make a site of your own in DIR, a new or empty folder.

    It gets a catalogue, MkDocs' configuration, a workflow that publishes it, and a README.

    Example: atlas new my-models && cd my-models && atlas add --group mine ~/models
    """
    from generator.catalog.new_site import new_site

    try:
        title = name or folder.resolve().name
    except RuntimeError as error:
        raise UsageError(str(folder), "is a link that leads to itself", "Name a folder") from error
    new_site(folder, title)
    say(f"made a site in {folder}; its README.md says how to go on")
    return 0


@click.command()
@site_option
@click.pass_context
def upgrade(context: click.Context) -> int:
    """Bring a site that `atlas new` has made up to date with this version.

    Files that you changed or removed stay as they are, and are named.

    Example: atlas upgrade --site my-models
    """
    from generator.catalog.new_site import upgrade_site

    changes = upgrade_site(site_of(context))
    for path in changes.written:
        say(f"wrote {path}")
    for path in changes.removed:
        say(f"removed {path}: no longer needed")
    for path in changes.kept:
        say(f"kept {path}: you changed or removed it")
    say(f"{len(changes.written)} written, {len(changes.kept)} kept as you changed them")
    return 0
