"""A family -> its root, if it is known, and what follows from it: mixes and parents."""

from collections.abc import Sequence
from typing import NamedTuple

from generator.analysis.lineage.ancestry import find_parents, taking_part
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.mixes import Mix, find_mixes
from generator.analysis.lineage.roots import Start, declared_root, possible_roots, stand_apart
from generator.analysis.lineage.sums_of_steps import Steps, steps_from


class Rooted(NamedTuple):
    """A family with a known root; by member: mixes, the single parent of the others, members known
    to take part in a mix that is not known as a whole, and those that differ from another, more
    precise one by rounding only. `pool` are the members that were examined, without the root."""

    start: Start
    steps: Steps
    pool: list[int]
    mixes: dict[int, Mix]
    parents: dict[int, int]
    involves: dict[int, tuple[int, ...]]
    twins: dict[int, int]


def with_root(members: Members, family: Sequence[int], reference: int) -> Rooted | None:
    """The family with its root; None if nothing shows which one that is."""
    inner = [each for each in family if each in members.clique]
    if len(inner) < 2:
        return None
    twins = twins_of(members, inner, reference)
    if reference in inner:
        starts = [declared_root(members, inner, reference)]
    elif reference in family:
        return None
    else:
        starts = list(possible_roots(members, [each for each in inner if each not in twins]))
    for start in starts:
        pool = [each for each in inner if each not in twins and each != start.member]
        steps = steps_from(members, start.member)
        mixes, inside = find_mixes(members, steps, pool)
        free = [each for each in pool if each not in mixes]
        if start.rule != "declared" and not stand_apart(members, start.member, free):
            continue
        parents = find_parents(members, start.member, pool, mixes, inside)
        involves = {
            each: some
            for each in free
            if parents.get(each) == start.member
            and (some := taking_part(members, steps, each, free))
        }
        return Rooted(start, steps, pool, mixes, parents, involves, twins)
    return None


def twins_of(members: Members, family: Sequence[int], reference: int = -1) -> dict[int, int]:
    """Members that differ from another one by no more than rounding: that other one, which is more
    precise, the declared root, or comes first."""
    order = sorted(family, key=lambda each: (each != reference, members.noise[each], each))
    found: dict[int, int] = {}
    for place, member in enumerate(order):
        close = [
            each for each in order[:place] if members.close[member, each] and each not in found
        ]
        if close:
            found[member] = min(close, key=lambda each: members.squared[member, each])
    return found
