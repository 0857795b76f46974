"""`data/groups/` -> the groups with the sums from which their distances follow."""

from pathlib import Path

import numpy as np

from generator.publish.reading.beside import check_findings, require_address, table_of
from generator.records import Group, Record, store
from generator.records.checks import require
from generator.records.pairwise_sums import PairwiseSums, unpack_sums
from generator.text.findings import group_sentence

GROUPS = "groups"


class Measured(Record, frozen=True, kw_only=True):
    """A group with its sums, whose members are in the same order."""

    group: Group
    sums: PairwiseSums


def read_groups(data: Path) -> tuple[Measured, ...]:
    """All groups by id; none if there is no folder.

    Raises:
        DamagedRecord: a file is missing, or not what was measured.
    """
    return tuple(_read(data / GROUPS, one) for one in store.load_all(data / GROUPS, Group))


def _read(folder: Path, stored: store.Stored[Group]) -> Measured:
    group, name = stored.record, f"{stored.record.id}.safetensors"
    # The id becomes an address, and so does that of a measured member.
    for identity in (group.id, *(group.members if group.origin == "measured" else ())):
        require_address(folder, group.id, identity)
    check_findings(folder / f"{group.id}.json", group.findings, group_sentence)
    with table_of(folder / name, stored):
        sums = unpack_sums(stored.files[name], str(folder / name))
        require(sums.head.members == group.members, "it is of other members than the record")
        _check(group, sums)
    return Measured(group=group, sums=sums)


def _check(group: Group, sums: PairwiseSums) -> None:
    """Raise `ValueError` unless every arrangement is one of members that were compared."""
    for component in group.components:
        require(component.name in sums.components, f"it has no component {component.name!r}")
        if component.arrangement is not None:
            members = list(component.arrangement.members)
            compared = sums.add_up(component.name).elements[np.ix_(members, members)] > 0
            np.fill_diagonal(compared, True)
            require(bool(compared.all()), f"members of {component.name} were not all compared")
