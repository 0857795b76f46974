"""Distances, roots and mixes -> the parents of every member.

Without mixes, this is the minimum spanning tree, seen from the root. A mix lies between its
parents, nearer to each than they are to their own origin, so an ordinary tree would attach the
parents to the mix. A mix therefore joins the tree after all its parents, at first without children.
Then members are attached to a mix, one by one, if they are nearer to it than to their parent, leave
it in a new direction, and make the tree shorter. (Its length is the sum of the logarithms of its
edges, because training steps differ in scale.)
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from generator.records.arrays import Floats

# Largest cosine between what was added to a mix and the line through two of its parents.
BESIDE = 0.1

Parents = dict[int, tuple[int, ...]]


class RunnerUp(NamedTuple):
    """The next nearest possible parent, and its distance divided by that of the parent."""

    member: int
    certainty: float


def grow(
    squared: Floats, families: Mapping[int, Sequence[int]], mixes: Mapping[int, Sequence[int]]
) -> Parents:
    """The parents of every member; roots have none.

    `squared` is N x N, infinite if unknown. `families` are the members by root, without mixes;
    `mixes` are the parents of each mix.
    """
    hung: dict[int, int] = {}
    parents = _build(squared, families, mixes, hung)
    refused: set[tuple[int, int]] = set()
    while True:
        possible = [
            (_length(squared, member, mix) - _length(squared, member, above[0]), member, mix)
            for member, above in parents.items()
            if above and member not in mixes
            for mix in mixes
            if squared[member, mix] < squared[member, above[0]]
            and (member, mix) not in refused
            and member not in mixes[mix]
            and _is_beside(squared, member, mix, mixes[mix])
        ]
        if not possible:
            return parents
        _, member, mix = min(possible)
        refused.add((member, mix))
        trial = _build(squared, families, mixes, hung | {member: mix})
        if len(trial) == len(parents) and _total(squared, trial, mixes) < _total(
            squared, parents, mixes
        ):
            parents = trial
            hung[member] = mix


def runner_up(
    squared: Floats, parents: Mapping[int, tuple[int, ...]], member: int
) -> RunnerUp | None:
    """The next candidate, not a mix, for the single parent of `member`; None if there is none."""
    (parent,) = parents[member]
    below = descendants(parents, member)
    single = (each for each, above in parents.items() if len(above) < 2)
    others = [each for each in single if each not in below and each != parent]
    if not others or not squared[member, parent]:
        return None
    next_best = others[int(squared[member, others].argmin())]
    if not np.isfinite(squared[member, next_best]):
        return None
    ratio = float(np.sqrt(squared[member, next_best] / squared[member, parent]))
    return RunnerUp(next_best, ratio)


def descendants(parents: Mapping[int, tuple[int, ...]], member: int) -> set[int]:
    """`member` and all its descendants."""
    found = {member}
    size = 0
    while len(found) > size:
        size = len(found)
        found |= {each for each, above in parents.items() if not found.isdisjoint(above)}
    return found


def ancestors(parents: Mapping[int, tuple[int, ...]], member: int) -> set[int]:
    """`member` and all its ancestors."""
    found: set[int] = set()
    waiting = [member]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += parents.get(each, ())
    return found


def in_order(parents: Mapping[int, tuple[int, ...]]) -> list[int]:
    """All members, each after its parents."""
    placed: dict[int, None] = {}

    def place(members: Iterable[int]) -> None:
        for member in members:
            if member not in placed:
                place(parents[member])
                placed[member] = None

    place(sorted(parents))
    return list(placed)


def _build(
    squared: Floats,
    families: Mapping[int, Sequence[int]],
    mixes: Mapping[int, Sequence[int]],
    hung: Mapping[int, int],
) -> Parents:
    """Prim's tree with the mixes, and with the members that are `hung` on mixes.

    Members that would have to be their own ancestors are missing.
    """
    parents: Parents = dict.fromkeys(families, ())
    free = [member for family in families.values() for member in family if member not in hung]
    waiting = np.full(len(squared), np.inf)
    nearest = np.zeros(len(squared), np.int64)
    inside = np.ones(len(squared), np.bool_)
    inside[free] = False
    placed = list(families)
    while placed:
        for member in placed:
            inside[member] = True
            closer = squared[member] < waiting
            waiting[closer] = squared[member][closer]
            nearest[closer] = member
        placed = _follow(parents, mixes, hung)
        if not placed and not inside.all():
            member = int(np.where(inside, np.inf, waiting).argmin())
            if np.isfinite(waiting[member]) and not inside[member]:
                parents[member] = (int(nearest[member]),)
                placed = [member]
    return _settle(squared, parents, mixes, hung)


def _follow(
    parents: Parents, mixes: Mapping[int, Sequence[int]], hung: Mapping[int, int]
) -> list[int]:
    """Add mixes whose parents are all in the tree, and members hung on mixes; return the latter."""
    added = True
    placed = []
    while added:
        added = False
        for mix, above in mixes.items():
            if mix not in parents and all(each in parents for each in above):
                parents[mix] = tuple(above)
                added = True
        for member, mix in hung.items():
            if member not in parents and mix in parents:
                parents[member] = (mix,)
                placed.append(member)
                added = True
    return placed


def _settle(
    squared: Floats,
    parents: Parents,
    mixes: Mapping[int, Sequence[int]],
    hung: Mapping[int, int],
) -> Parents:
    """Attach members to nearer members that joined the tree later."""
    single = [each for each in parents if each not in mixes]
    for member in single:
        if member in hung or not parents[member]:
            continue
        closer = [
            each for each in single if squared[member, each] < squared[member, parents[member][0]]
        ]
        below = descendants(parents, member) if len(closer) > 1 else {member}
        closer = [each for each in closer if each not in below]
        if closer:
            parents[member] = (closer[int(squared[member, closer].argmin())],)
    return parents


def _total(squared: Floats, parents: Parents, mixes: Mapping[int, Sequence[int]]) -> float:
    """Length of the tree."""
    return sum(
        _length(squared, member, above[0])
        for member, above in parents.items()
        if above and member not in mixes
    )


def _is_beside(squared: Floats, member: int, mix: int, parents: Sequence[int]) -> bool:
    """Whether `member` leaves the mix in a new direction, as models trained from it do.

    2<V - M, A - B> = |V - B|^2 + |M - A|^2 - |V - A|^2 - |M - B|^2.
    """
    for one, other in combinations(parents, 2):
        along = (
            squared[member, other] + squared[mix, one] - squared[member, one] - squared[mix, other]
        )
        if not abs(along) <= 2 * BESIDE * np.sqrt(squared[member, mix] * squared[one, other]):
            return False
    return True


def _length(squared: Floats, member: int, parent: int) -> float:
    """The cost of an edge."""
    return float(np.log(squared[member, parent] + np.finfo(np.float64).tiny))
