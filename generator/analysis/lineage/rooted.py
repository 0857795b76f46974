"""A family -> its root, if it is known, and what follows from it: mixes and parents."""

from collections.abc import Sequence
from typing import NamedTuple

from generator.analysis.lineage.ancestry import find_parents, taking_part
from generator.analysis.lineage.directions import LEAST_ROUNDING
from generator.analysis.lineage.kept_values import swapped_from
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.missing_roots import is_certain, stand_apart
from generator.analysis.lineage.mixes import find_mixes
from generator.analysis.lineage.nearest_parents import is_copy, nearest_parents
from generator.analysis.lineage.relations import Relations
from generator.analysis.lineage.roots import Start, centre, declared_root, possible_roots
from generator.analysis.lineage.stand_ins import Mix
from generator.analysis.lineage.sums_of_steps import Steps, steps_from


class Rooted(NamedTuple):
    """A family with an origin from which all steps are seen, and the `start` of its drawing: the
    origin as its root, or the centre, if one relative of the origin may have come from elsewhere,
    so that it cannot be called the root of all.

    By member: mixes, the single parent of the others, members known to take part in a mix that is
    not known as a whole, and those that differ from another, more precise one by rounding only.
    `pool` are the members that were examined, without the root. Copies whose errors have no bound
    are not: how far training took them cannot be told."""

    start: Start
    steps: Steps
    pool: list[int]
    mixes: dict[int, Mix]
    parents: dict[int, int]
    involves: dict[int, tuple[int, ...]]
    twins: dict[int, int]

    def not_from(self, member: int) -> list[int]:
        """The pool without what is claimed to be made from a member."""
        made = {each for each, mix in self.mixes.items() if member in mix.parents}
        made |= {child for child, parent in self.parents.items() if parent == member}
        return [each for each in self.pool if each not in made]


def with_root(
    members: Members, family: Sequence[int], counted: Sequence[int], reference: int
) -> Rooted | None:
    """The family with its root; None if nothing shows which one that is. `counted` are the family
    and all copies."""
    inner = [each for each in family if each in members.clique]
    if len(inner) < 2:
        return None
    twins = twins_of(members, inner, reference)
    doubled = {other for each, other in twins.items() if not is_copy(members, each, other)}
    told = [each for each in inner if each not in twins and each not in members.unbounded]
    if reference in inner:
        starts = [declared_root(members, inner, reference)]
    elif reference in family:
        return None
    else:
        starts = list(possible_roots(members, told))
    for start in starts:
        pool = [each for each in told if each != start.member]
        steps = steps_from(members, start.member)
        mixes, inside, unclear = find_mixes(members, steps, pool)
        named = {
            each: nearest_parents(members, steps, each, mix, twins) for each, mix in mixes.items()
        }
        inside |= {each for each, mix in named.items() if not mix}
        mixes = {each: mix for each, mix in named.items() if mix}
        swapped = _swapped(members, start.member, [each for each in pool if each not in mixes])
        inside |= swapped.keys()
        mixed = {*mixes, *swapped, *unclear}
        free = [each for each in pool if each not in mixed]
        if start.rule != "declared" and not stand_apart(members, start.member, free):
            continue
        parents = find_parents(members, start.member, pool, mixes, inside, doubled)
        # Of what holds a share of these, the same is true of those on the way there.
        ends = {far for mix in mixes.values() if mix.verdict != "merge" for far in mix.parents}
        involves = swapped | {
            each: some
            for each in free
            if parents.get(each) == start.member
            and (some := taking_part(members, steps, each, free))
            and ends.isdisjoint(some)
        }
        if start.rule != "declared" and not is_certain(members, start.member, free):
            start, parents = centre(members, family, counted), {}
            # t = a + b - c and a = t + c - b are alike but for the root.
            mixes = {each: mix for each, mix in mixes.items() if min(mix.weights) > 0}
        return Rooted(start, steps, pool, mixes, parents, involves, twins)
    return None


def _swapped(members: Members, root: int, pool: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Members of the pool whose values are those of two others."""
    relations = Relations(members, root)
    found = {each: swapped_from(members, relations, root, each, pool) for each in pool}
    return {each: some for each, some in found.items() if some}


def twins_of(members: Members, family: Sequence[int], reference: int = -1) -> dict[int, int]:
    """Members that differ from another one by no more than rounding: that other one, which is more
    precise, the declared root, or comes first."""
    order = sorted(
        family,
        key=lambda each: (
            each != reference,
            _is_rounded(members, each),
            members.noise[each],
            each,
        ),
    )
    found: dict[int, int] = {}
    for place, member in enumerate(order):
        rounded = _is_rounded(members, member)
        close = [
            each
            for each in order[:place]
            if members.close[member, each] and (rounded or each not in found)
        ]
        if close:
            nearest = min(close, key=lambda each: members.squared[member, each])
            found[member] = found.get(nearest, nearest)
    return found


def _is_rounded(members: Members, member: int) -> bool:
    """Whether a coarser member is so near that this one was rounded from it: as bfloat16, whose
    few digits float16 holds, but for the smallest values."""
    coarser = members.close[member] & (members.noise > members.noise[member])
    near = members.squared[member] <= LEAST_ROUNDING * members.noise
    return bool((coarser & near).any())
