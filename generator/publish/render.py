"""`data/` and `templates/` -> the generated part of `site_src/`."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from generator.publish.figures.page_script import page_script, runtime_file
from generator.publish.pages import checkpoints, site
from generator.publish.pages.context import Download
from generator.publish.pages.groups.prepared import prepare
from generator.publish.reading.atlas import read_atlas
from generator.publish.style.templating import environment, fill
from generator.publish.tables import downloads, map_downloads, pair_downloads
from generator.publish.tables.group_downloads import group_files, list_group
from generator.publish.writing import RenderReport, write_files


class Kind(NamedTuple):
    """What has files to download: how they are made of one of its subjects, and listed."""

    identity: Callable[[Any], str]
    files: Callable[[Path, Any], dict[str, bytes]]
    listed: Callable[[Mapping[str, bytes], Any], tuple[Download, ...]]


KINDS = {
    "networks": Kind(
        lambda one: one.architecture.id, downloads.network_files, downloads.list_network
    ),
    "checkpoints": Kind(
        lambda one: one.checkpoint.id,
        checkpoints.checkpoint_files,
        checkpoints.list_checkpoint,
    ),
    "pairs": Kind(lambda one: one.pair.id, pair_downloads.pair_files, pair_downloads.list_pair),
    "groups": Kind(lambda one: one.group.id, group_files, list_group),
    "maps": Kind(lambda one: one.id, map_downloads.map_files, map_downloads.list_map),
}


def render(data: Path, templates: Path, site_src: Path) -> RenderReport:
    """Write all generated pages and downloads; the same data give the same bytes.

    Raises:
        DamagedRecord: a file of `data` is not what was measured; nothing is written.
        UsageError: the published table cannot be used; nothing is written.
    """
    atlas = read_atlas(data)
    groups = [prepare(one, atlas.checkpoints) for one in atlas.groups]
    subjects: dict[str, Sequence[Any]] = {
        "networks": atlas.networks,
        "checkpoints": atlas.checkpoints,
        "pairs": atlas.pairs,
        "groups": groups,
        "maps": atlas.maps,
    }
    common = (
        downloads.common_files(data, atlas)
        | checkpoints.index_files(atlas)
        | pair_downloads.index_files(atlas)
    )
    files = {**common, **map_downloads.page_assets(atlas.maps)}
    listed: dict[str, dict[str, tuple[Download, ...]]] = {}
    for name, kind in KINDS.items():
        listed[name] = {}
        for one in subjects[name]:
            own = kind.files(data, one)
            listed[name][kind.identity(one)] = kind.listed(own, one)
            files |= own
    available = site.Downloads(common=downloads.list_common(common), **listed)
    jinja = environment(templates)
    for path, context in site.pages(atlas, groups, available):
        files[path] = fill(jinja, context).encode()
        files |= page_script(path, context.figures())
    files |= runtime_file(files)
    return write_files(site_src, files)
