"""`data/groups/` -> the groups with the sums from which their distances follow."""

import re
from pathlib import Path

import numpy as np

from generator.catalog.reading import ID_PATTERN
from generator.errors import DamagedRecord
from generator.records import Group, Record, store
from generator.records.pairwise_sums import PairwiseSums, unpack_sums

GROUPS = "groups"
ADVICE = "`atlas measure` makes it again"


class Measured(Record, frozen=True, kw_only=True):
    """A group with its sums, whose members are in the same order."""

    group: Group
    sums: PairwiseSums


def read_groups(data: Path) -> tuple[Measured, ...]:
    """All groups by id; none if there is no folder.

    Raises:
        DamagedRecord: a file is missing, or not what was measured.
    """
    folder = data / GROUPS
    return tuple(_read(folder, group) for group in store.read_results(folder, Group))


def _read(folder: Path, group: Group) -> Measured:
    record, path = str(folder / f"{group.id}.json"), folder / f"{group.id}.safetensors"
    # The id becomes an address, and so does that of a measured member.
    identities = (group.id, *(group.members if group.origin == "measured" else ()))
    if not all(re.fullmatch(ID_PATTERN, identity) for identity in identities):
        raise DamagedRecord(record, "has an id that is no address", ADVICE)
    if path.name not in group.files:
        raise DamagedRecord(str(path), "is not among the files of its record", ADVICE)
    sums = unpack_sums(path.read_bytes(), str(path))
    if sums.head.members != group.members or not _is_sound(group, sums):
        raise DamagedRecord(record, f"does not belong to {path.name}", ADVICE)
    return Measured(group=group, sums=sums)


def _is_sound(group: Group, sums: PairwiseSums) -> bool:
    """Whether every arrangement is one of members that were compared."""
    known = set(sums.components)
    for component in group.components:
        if component.arrangement is not None:
            members = list(component.arrangement.members)
            if component.name not in known or not set(members) <= set(range(len(group.members))):
                return False
            compared = sums.add_up(component.name).elements[np.ix_(members, members)] > 0
            np.fill_diagonal(compared, True)
            if not compared.all():
                return False
    return group.reference in ("", *group.members)
