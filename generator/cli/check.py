"""`atlas check`: find errors in the built site."""

from pathlib import Path

import click

from generator.cli.options import site_of, site_option, workers_option
from generator.cli.terminal import bytes_progress, say
from generator.errors import Refusal


@click.command()
@site_option
@click.argument("built", type=click.Path(path_type=Path, file_okay=False), required=False)
@workers_option
@click.pass_context
def check(context: click.Context, built: Path | None, workers: int) -> int:
    """Check links, anchors, assets and markup of the site that MkDocs has BUILT.

    By default, that is the folder site/ of the site.

    Example: mkdocs build --strict && atlas check
    """
    from generator.publish.check import check as check_site

    folder = built or site_of(context).built
    with bytes_progress("checking") as tell:
        problems = check_site(folder, workers, tell)
    for problem in problems:
        click.echo(str(problem))
    say(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'} in {folder}")
    return Refusal.exit_code if problems else 0
