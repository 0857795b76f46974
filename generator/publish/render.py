"""`data/` and `templates/` -> the generated part of `site_src/`."""

from pathlib import Path

from generator.publish import downloads
from generator.publish.atlas import read_atlas
from generator.publish.pages import pages
from generator.publish.templating import environment, fill
from generator.publish.writing import RenderReport, write_files


def render(data: Path, templates: Path, site_src: Path) -> RenderReport:
    """Write all generated pages and downloads; the same data give the same bytes.

    Raises:
        DamagedRecord: a file of `data` is not what was measured; nothing is written.
        UsageError: the published table cannot be used; nothing is written.
    """
    atlas = read_atlas(data)
    common = downloads.common_files(data, atlas)
    own = {
        network.architecture.id: downloads.network_files(data, network)
        for network in atlas.networks
    }
    listed = {
        network.architecture.id: downloads.list_network(own[network.architecture.id], network)
        for network in atlas.networks
    }
    jinja = environment(templates)
    files = common | {path: content for group in own.values() for path, content in group.items()}
    for path, context in pages(atlas, downloads.list_common(common), listed):
        files[path] = fill(jinja, context).encode()
    return write_files(site_src, files)
