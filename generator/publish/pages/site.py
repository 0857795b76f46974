"""The records in `data/` -> the input of all kinds of pages."""

from pathlib import Path
from typing import NamedTuple

from generator.publish.downloads import Downloads, all_downloads
from generator.publish.figures.groups.prepared import Prepared, prepare
from generator.publish.quantities.memory import Fit, fit_of, setups_of
from generator.publish.reading.atlas import Atlas, read_atlas


class Site(NamedTuple):
    """All records, and what several pages share: the `groups` with their distances and names,
    the `downloads`, and the `fits` of networks whose memory is known; and the `changelog` of this
    program."""

    atlas: Atlas
    groups: tuple[Prepared, ...]
    downloads: Downloads
    fits: tuple[Fit, ...]
    changelog: str = ""


def read_site(data: Path, changelog: str = "") -> Site:
    """Read all of `data` and prepare what several pages share.

    Raises:
        DamagedRecord: a file is missing or does not match its record.
        UsageError: the published table cannot be used.
    """
    atlas = read_atlas(data)
    groups = tuple(prepare(one, atlas.checkpoints, atlas.pairs) for one in atlas.groups)
    parts = {one.id: one.record for one in atlas.memory}
    return Site(
        atlas=atlas,
        groups=groups,
        downloads=all_downloads(data, atlas, groups),
        fits=tuple(map(fit_of, setups_of(atlas.architectures, parts))),
        changelog=changelog,
    )
