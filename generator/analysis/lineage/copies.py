"""Members of a group -> classes of members with the same component, and their main names."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from generator.analysis.lineage.members import compared
from generator.analysis.lineage.rounding import USUAL
from generator.records import Checkpoint, IdentityClass
from generator.records.identities import component_of, identity_classes
from generator.records.pairwise_sums import PairwiseSums


def identities(
    sums: PairwiseSums, component: str, checkpoints: Mapping[str, Checkpoint]
) -> tuple[IdentityClass, ...]:
    """The classes of two or more members with the same `component`.

    By digests for members with records, and by distance if that adds a member.
    """
    members = sums.head.members
    known = [checkpoints[name] for name in members if name in checkpoints]
    found = [
        each
        for each in identity_classes(known)
        if each.component == component and len(each.members) > 1
    ]
    by_distance = [
        IdentityClass(component=component, how="distance", members=alike)
        for alike in _alike(sums, component)
        if not any(set(alike) <= set(each.members) for each in found)
    ]
    return (*found, *by_distance)


def copies(
    sums: PairwiseSums,
    component: str,
    classes: Iterable[IdentityClass],
    checkpoints: Mapping[str, Checkpoint],
    known: Collection[str] = (),
) -> list[list[int]]:
    """All members by number, grouped by class, the most precise first; of equally precise ones,
    those `known` as parents."""
    members = sums.head.members
    group_of = {name: [name] for name in members}
    for each in classes:
        joined = list(dict.fromkeys(name for old in each.members for name in group_of[old]))
        group_of |= dict.fromkeys(joined, joined)
    precision = {name: _bits(checkpoints.get(name), component) for name in members}
    order = {
        name: (-precision[name], name not in known, number) for number, name in enumerate(members)
    }
    unique = {id(group): sorted(group, key=lambda name: order[name]) for group in group_of.values()}
    return sorted([members.index(name) for name in group] for group in unique.values())


def _alike(sums: PairwiseSums, component: str) -> list[tuple[str, ...]]:
    """Classes of members at distance zero."""
    totals = sums.add_up(component)
    same = compared(sums, component) & (totals.squared == 0)
    members = sums.head.members
    left, found = list(range(len(members))), []
    while left:
        alike = [other for other in left if other == left[0] or same[left[0], other]]
        if len(alike) > 1:
            found.append(tuple(members[number] for number in alike))
        left = [other for other in left if other not in alike]
    return found


def dtypes(
    members: Sequence[str], component: str, checkpoints: Mapping[str, Checkpoint]
) -> list[Mapping[str, int]]:
    """Numbers of weights of a component by dtype or format, by member; `USUAL` if unknown."""
    parts = (
        component_of(checkpoints[name], component) if name in checkpoints else None
        for name in members
    )
    return [part.dtypes if part and part.dtypes else {USUAL: 1} for part in parts]


def _bits(checkpoint: Checkpoint | None, component: str) -> float:
    """Bits per weight of a component, in its file; 0 if unknown."""
    part = component_of(checkpoint, component) if checkpoint else None
    return 8 * part.nbytes / part.parameters if part and part.parameters else 0.0
