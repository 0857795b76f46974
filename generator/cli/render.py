"""`atlas render`: make the pages from `data/`."""

from importlib.util import find_spec
from pathlib import Path

import click

from generator.cli.options import data_option, site_of, workers_option
from generator.cli.terminal import count_progress, say
from generator.errors import PACKAGE


@click.command()
@data_option
@click.option(
    "--templates",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the Jinja templates. Default: templates/ of the site, else the program's own.",
)
@click.option(
    "--site-src",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of MkDocs' sources. Default: site_src/ of the site.",
)
@workers_option
@click.pass_context
def render(
    context: click.Context,
    data: Path,
    templates: Path | None,
    site_src: Path | None,
    workers: int,
) -> int:
    """Make the pages in site_src/ from data/.

    Example: atlas render --site my-models
    """
    from generator.catalog.site import check_templates
    from generator.publish.render import render as render_pages
    from generator.publish.writing import check_rendered
    from generator.records.files import check_writable

    pages = site_src or site_of(context).pages
    if site_src is not None:
        check_rendered(site_src)
    if templates is not None:
        check_templates(templates)
    # Before anything is read: a large site takes a minute.
    check_writable(pages / "index.md")
    with count_progress("pages") as tell:
        report = render_pages(data, templates or site_of(context).templates, pages, workers, tell)
    say(
        f"{len(report.written)} pages and downloads written, {len(report.unchanged)} unchanged, "
        f"{len(report.removed)} removed"
    )
    if find_spec("mkdocs") is None:
        say(f"To build the site from them: pip install '{PACKAGE}[site]', then mkdocs build")
    return 0
