"""`atlas render`: make the pages from `data/`."""

from pathlib import Path

import click

from generator.cli.options import data_option
from generator.cli.terminal import say


@click.command()
@data_option
@click.option(
    "--templates",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("templates"),
    show_default=True,
    help="Folder of the Jinja templates.",
)
@click.option(
    "--site-src",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("site_src"),
    show_default=True,
    help="Folder of MkDocs' sources.",
)
def render(data: Path, templates: Path, site_src: Path) -> int:
    """Make the pages in site_src/ from data/."""
    from generator.publish.render import render as render_pages

    report = render_pages(data, templates, site_src)
    say(
        f"{len(report.written)} pages and downloads written, {len(report.unchanged)} unchanged, "
        f"{len(report.removed)} removed"
    )
    return 0
