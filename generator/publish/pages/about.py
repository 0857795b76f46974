"""The program and its sources -> the pages that say how to cite the site, and what changed."""

from collections.abc import Iterator

from markupsafe import Markup

from generator.publish.downloads import Download
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities.versions import program_version, versions_text
from generator.records import Group
from generator.text.citation import bibtex


class CitePage(Context):
    """How to cite the site: a BibTeX entry, the `sources` of imported distances and their
    `licences`, the `versions` of the libraries that measured networks."""

    TEMPLATE = "cite.md"

    version: str
    bibtex: str
    sources: tuple[Group, ...]
    licences: tuple[Download, ...]
    versions: str


class ChangesPage(Context):
    """What changed in each version: the changelog, which is Markdown of this program."""

    TEMPLATE = "changes.md"

    changelog: Markup


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The pages `cite.md` and `changes.md`."""
    groups = (one.record for one in site.atlas.groups)
    yield (
        "cite.md",
        CitePage(
            version=program_version(),
            bibtex=bibtex(program_version()),
            sources=tuple(group for group in groups if group.about.source),
            licences=site.downloads.licences,
            versions=versions_text(site.atlas.networks),
        ),
    )
    yield "changes.md", ChangesPage(changelog=Markup(site.changelog))
