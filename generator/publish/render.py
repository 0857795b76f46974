"""`data/` and `templates/` -> the generated part of `site_src/`."""

from pathlib import Path

from generator.publish.figures.page_script import page_script
from generator.publish.figures.runtime import runtime_file
from generator.publish.pages.kinds import all_pages
from generator.publish.pages.map_views import page_assets
from generator.publish.pages.site import read_site
from generator.publish.style.templating import environment, fill
from generator.publish.writing import RenderReport, write_files


def render(data: Path, templates: Path, site_src: Path) -> RenderReport:
    """Write all generated pages and downloads; equal data give equal bytes.

    Raises:
        DamagedRecord: a file of `data` is missing or does not match its record; nothing is written.
        UsageError: the published table cannot be used; nothing is written.
    """
    site = read_site(data)
    files = {file.path: file.content for file in site.downloads.all}
    files |= page_assets(site.atlas.maps)
    jinja = environment(templates)
    for path, context in all_pages(site):
        files[path] = fill(jinja, context).encode()
        files |= page_script(path, context.figures())
    files |= runtime_file(files, site_src)
    return write_files(site_src, files)
