"""`atlas check`: find errors in the built site."""

from pathlib import Path

import click

from generator.cli.terminal import say
from generator.errors import Refusal


@click.command()
@click.argument(
    "site",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("site"),
)
def check(site: Path) -> int:
    """Check links, anchors, assets and markup of the built SITE."""
    from generator.publish.check import check as check_site

    problems = check_site(site)
    for problem in problems:
        click.echo(str(problem))
    say(f"{len(problems)} problems in {site}")
    return Refusal.exit_code if problems else 0
