"""The records in `data/` -> the input of all kinds of pages."""

from pathlib import Path
from typing import NamedTuple

from generator.publish.downloads import Downloads, all_downloads
from generator.publish.figures.groups.prepared import Prepared, prepare
from generator.publish.reading.atlas import Atlas, read_atlas


class Site(NamedTuple):
    """All records, and what several pages share: the `groups` with their distances and names,
    and the `downloads`; and the `changelog` of this program."""

    atlas: Atlas
    groups: tuple[Prepared, ...]
    downloads: Downloads
    changelog: str = ""


def read_site(data: Path, changelog: str = "") -> Site:
    """Read all of `data` and prepare what several pages share.

    Raises:
        DamagedRecord: a file is missing or does not match its record.
        UsageError: the published table cannot be used.
    """
    atlas = read_atlas(data)
    groups = tuple(prepare(one, atlas.checkpoints, atlas.pairs) for one in atlas.groups)
    return Site(
        atlas=atlas,
        groups=groups,
        downloads=all_downloads(data, atlas, groups),
        changelog=changelog,
    )
