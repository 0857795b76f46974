"""`data/` and `templates/` -> the generated part of `site_src/`."""

from pathlib import Path

from generator.publish.downloads import all_downloads
from generator.publish.figures.groups.interactive import script_files
from generator.publish.figures.page_script import page_script, runtime_file
from generator.publish.pages import site
from generator.publish.pages.groups.prepared import prepare
from generator.publish.pages.maps.views import page_assets
from generator.publish.reading.atlas import read_atlas
from generator.publish.style.templating import environment, fill
from generator.publish.tables.pairs import judge
from generator.publish.writing import RenderReport, write_files


def render(data: Path, templates: Path, site_src: Path) -> RenderReport:
    """Write all generated pages and downloads; the same data give the same bytes.

    Raises:
        DamagedRecord: a file of `data` is not what was measured; nothing is written.
        UsageError: the published table cannot be used; nothing is written.
    """
    atlas = read_atlas(data)
    judged = judge(atlas.pairs, atlas.checkpoints)
    groups = [prepare(one, atlas.checkpoints) for one in atlas.groups]
    downloads = all_downloads(data, atlas, judged, groups)
    files = {file.path: file.content for file in downloads.all}
    files |= script_files(groups) | page_assets(atlas.maps)
    jinja = environment(templates)
    for path, context in site.pages(atlas, judged, groups, downloads):
        files[path] = fill(jinja, context).encode()
        files |= page_script(path, context.figures(), context.controls())
    files |= runtime_file(files)
    return write_files(site_src, files)
