"""Distances, a root and the mixes among the members -> everybody's parent.

Without mixes it is the minimum spanning tree, seen from the root. A mix stands between its parents
and nearer to each than they are to their own origin, so a tree that treats it like the rest would
hang its parents on it. Mixes are therefore left out at first, and put in with the parents they
have; then members move to a mix that they are nearer to, their former descendants to the next best
place, wherever that shortens the tree (the sum of the logarithms of its edges: every step of
training has its own scale).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from generator.arrays import Floats

# Largest cosine between what was added to a mix and the line through two of its parents.
BESIDE = 0.1
# Moves are tried until none helps, which takes two or three rounds.
ROUNDS = 20


class RunnerUp(NamedTuple):
    """The next nearest possible parent, and its distance divided by the parent's."""

    member: int
    certainty: float


def grow(
    squared: Floats, families: Mapping[int, Sequence[int]], mixes: Mapping[int, Sequence[int]]
) -> dict[int, tuple[int, ...]]:
    """Everybody's parents; roots have none.

    `squared` is N x N, infinite where it is not known. `families` are the members by root, without
    those that are mixes; `mixes` are the parents of these.
    """
    parents: dict[int, tuple[int, ...]] = {each: tuple(mixes[each]) for each in mixes}
    for root, family in families.items():
        parents |= _spanning_tree(squared, root, family)
    free = [each for each in parents if each not in mixes and parents[each]]
    for _ in range(ROUNDS):
        moved = [_improve(squared, parents, free, mix) for mix in mixes]
        if not any(moved):
            break
    return parents


def runner_up(
    squared: Floats, parents: Mapping[int, tuple[int, ...]], member: int
) -> RunnerUp | None:
    """Who else could be the one parent of `member`; None if there is nobody."""
    (parent,) = parents[member]
    below = descendants(parents, member)
    others = [each for each in parents if each not in below and each != parent]
    if not others or not squared[member, parent]:
        return None
    next_best = others[int(squared[member, others].argmin())]
    if not np.isfinite(squared[member, next_best]):
        return None
    ratio = float(np.sqrt(squared[member, next_best] / squared[member, parent]))
    return RunnerUp(next_best, ratio)


def descendants(parents: Mapping[int, tuple[int, ...]], member: int) -> set[int]:
    """`member` and all that was made from it."""
    found = {member}
    size = 0
    while len(found) > size:
        size = len(found)
        found |= {each for each, above in parents.items() if not found.isdisjoint(above)}
    return found


def ancestors(parents: Mapping[int, tuple[int, ...]], member: int) -> set[int]:
    """`member` and all that it was made from."""
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


def _spanning_tree(
    squared: Floats, root: int, members: Sequence[int]
) -> dict[int, tuple[int, ...]]:
    """Prim's: the nearest that is not in the tree is hung on what it is nearest to."""
    parents: dict[int, tuple[int, ...]] = {root: ()}
    outside = [member for member in members if member != root]
    nearest = dict.fromkeys(outside, root)
    while outside:
        member = min(outside, key=lambda each: float(squared[each, nearest[each]]))
        parents[member] = (nearest[member],)
        outside.remove(member)
        for each in outside:
            if squared[each, member] < squared[each, nearest[each]]:
                nearest[each] = member
    return parents


def _improve(
    squared: Floats,
    parents: dict[int, tuple[int, ...]],
    free: Sequence[int],
    mix: int,
) -> bool:
    """Move members to `mix` where that shortens the tree; whether any was."""
    moved = False
    for member in free:
        if member in parents[mix] or not _is_beside(squared, member, mix, parents[mix]):
            continue
        saved = _length(squared, member, parents[member][0]) - _length(squared, member, mix)
        if saved <= 0:
            continue
        moves = _repair(squared, parents, member, mix)
        if moves is None:
            continue
        cost = sum(
            _length(squared, each, place) - _length(squared, each, parents[each][0])
            for each, place in moves.items()
        )
        if cost < saved:
            parents |= {each: (place,) for each, place in moves.items()}
            parents[member] = (mix,)
            moved = True
    return moved


def _is_beside(squared: Floats, member: int, mix: int, parents: Sequence[int]) -> bool:
    """Whether `member` leaves the mix in a direction of its own, as what is trained from it does.

    2<V - M, A - B> = |V - B|^2 + |M - A|^2 - |V - A|^2 - |M - B|^2.
    """
    for one, other in combinations(parents, 2):
        along = (
            squared[member, other] + squared[mix, one] - squared[member, one] - squared[mix, other]
        )
        if not abs(along) <= 2 * BESIDE * np.sqrt(squared[member, mix] * squared[one, other]):
            return False
    return True


def _repair(
    squared: Floats, parents: Mapping[int, tuple[int, ...]], member: int, mix: int
) -> dict[int, int] | None:
    """New places for those that lead from `member` to `mix`; None if there is no other way."""
    moves: dict[int, int] = {}
    leading = ancestors(parents, mix)
    if member not in leading:
        return moves
    below = descendants(parents, member)
    for each in sorted(leading):
        if member in parents[each]:
            if len(parents[each]) > 1:
                return None
            # The roots are always among them: `member` is none.
            possible = [place for place in parents if place not in below]
            moves[each] = possible[int(squared[each, possible].argmin())]
    return moves


def _length(squared: Floats, member: int, parent: int) -> float:
    """What an edge costs."""
    return float(np.log(squared[member, parent] + np.finfo(np.float64).tiny))
