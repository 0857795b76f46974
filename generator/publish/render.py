"""`data/` and `templates/` -> the generated part of `site_src/`."""

from pathlib import Path

from generator.publish.figures.card import card
from generator.publish.figures.page_script import page_script
from generator.publish.figures.runtime import runtime_file
from generator.publish.pages.kinds import all_pages
from generator.publish.pages.map_views import page_assets
from generator.publish.pages.site import read_site
from generator.publish.quantities.versions import versions_text
from generator.publish.style.front_matter import field, with_fields
from generator.publish.style.templating import environment, fill
from generator.publish.tables.rows_script import rows_script
from generator.publish.writing import RenderReport, write_files
from generator.text.escaping import inert

CARDS = "cards"


def render(data: Path, templates: Path, site_src: Path) -> RenderReport:
    """Write all generated pages and downloads; equal data give equal bytes.

    Raises:
        DamagedRecord: a file of `data` is missing or does not match its record; nothing is written.
        UsageError: the published table cannot be used; nothing is written.
    """
    site = read_site(data, _changelog(templates.parent))
    files = {file.path: file.content for file in site.downloads.all}
    files |= page_assets(site.atlas.maps)
    jinja = environment(templates)
    measured = inert(versions_text(site.atlas.networks))
    for path, context in all_pages(site):
        page = fill(jinja, context)
        told: dict[str, str] = {"measured": measured}
        if drawing := context.picture():
            told["image"] = f"{CARDS}/{path.removesuffix('.md')}.png"
            title, description = (field(page, name) for name in ("title", "description"))
            files[told["image"]] = card(title, description, drawing)
        files[path] = with_fields(page, told).encode()
        files |= page_script(path, context.figures()) | rows_script(path, context.tables())
    files |= runtime_file(files, site_src)
    return write_files(site_src, files)


def _changelog(program: Path) -> str:
    """What changed in this program, if it was installed with its changelog."""
    path = program / "CHANGELOG.md"
    return path.read_text(encoding="utf-8") if path.is_file() else "# Changes\n"
