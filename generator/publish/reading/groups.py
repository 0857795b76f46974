"""`data/groups/` -> the groups with the sums from which their distances are computed."""

from pathlib import Path

import numpy as np

from generator.publish.reading.loaded import Loaded, ResultFolder, content_of
from generator.records import Group, store
from generator.records.checks import require
from generator.records.pairwise_sums import PairwiseSums, unpack_sums
from generator.text.findings import group_sentence

# The sums must have the same members in the same order as the record.
LoadedGroup = Loaded[Group, PairwiseSums]


def _sums(folder: Path, stored: store.StoredResult[Group]) -> PairwiseSums:
    group, path = stored.record, folder / f"{stored.record.id}.safetensors"
    with content_of(path, stored.files) as content:
        sums = unpack_sums(content, str(path))
        require(sums.head.members == group.members, "it is of other members than the record")
        _check(group, sums)
    return sums


def _check(group: Group, sums: PairwiseSums) -> None:
    """Raise `ValueError` unless every arrangement covers members that were compared."""
    for component in group.components:
        require(component.name in sums.components, f"it has no component {component.name!r}")
        if component.arrangement is not None:
            members = list(component.arrangement.members)
            compared = sums.add_up(component.name).elements[np.ix_(members, members)] > 0
            np.fill_diagonal(compared, True)
            require(bool(compared.all()), f"members of {component.name} were not all compared")


def _addresses(group: Group) -> tuple[str, ...]:
    """Ids that become addresses: the group's, and those of measured members, which have pages."""
    return (group.id, *(group.members if group.origin == "measured" else ()))


GROUPS = ResultFolder(
    "groups",
    Group,
    _sums,
    _addresses,
    findings=lambda group: group.findings,
    sentence=group_sentence,
)
