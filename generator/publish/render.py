"""`data/` and `templates/` -> the generated part of `site_src/`."""

from pathlib import Path

from generator.publish import checkpoint_pages, downloads, pages
from generator.publish.atlas import read_atlas
from generator.publish.groups.files import group_files, list_group
from generator.publish.groups.interactive import script_files
from generator.publish.groups.prepared import prepare
from generator.publish.maps import pages as map_pages
from generator.publish.pairs import downloads as pair_downloads
from generator.publish.templating import environment, fill
from generator.publish.writing import RenderReport, write_files


def render(data: Path, templates: Path, site_src: Path) -> RenderReport:
    """Write all generated pages and downloads; the same data give the same bytes.

    Raises:
        DamagedRecord: a file of `data` is not what was measured; nothing is written.
        UsageError: the published table cannot be used; nothing is written.
    """
    atlas = read_atlas(data)
    common = (
        downloads.common_files(data, atlas)
        | checkpoint_pages.index_files(atlas)
        | pair_downloads.index_files(atlas)
    )
    own = {
        network.architecture.id: downloads.network_files(data, network)
        for network in atlas.networks
    }
    held = {
        one.checkpoint.id: checkpoint_pages.checkpoint_files(data, one) for one in atlas.checkpoints
    }
    paired = {one.pair.id: pair_downloads.pair_files(data, one) for one in atlas.pairs}
    groups = [prepare(one, atlas.checkpoints) for one in atlas.groups]
    compared = {one.group.id: group_files(data, one) for one in groups}
    mapped = {one.id: map_pages.map_files(data, one) for one in atlas.maps}
    listed = pages.Downloads(
        common=downloads.list_common(common),
        networks={
            network.architecture.id: downloads.list_network(own[network.architecture.id], network)
            for network in atlas.networks
        },
        checkpoints={
            one.checkpoint.id: checkpoint_pages.list_checkpoint(held[one.checkpoint.id], one)
            for one in atlas.checkpoints
        },
        pairs={
            one.pair.id: pair_downloads.list_pair(paired[one.pair.id], one) for one in atlas.pairs
        },
        groups={one.group.id: list_group(compared[one.group.id], one) for one in groups},
        maps={one.id: map_pages.list_map(mapped[one.id], one) for one in atlas.maps},
    )
    jinja = environment(templates)
    files = {**common, **script_files(groups), **map_pages.page_assets(atlas.maps)}
    made = (*own.values(), *held.values(), *paired.values(), *compared.values(), *mapped.values())
    for several in made:
        files |= several
    for path, context in pages.pages(atlas, groups, listed):
        files[path] = fill(jinja, context).encode()
    return write_files(site_src, files)
