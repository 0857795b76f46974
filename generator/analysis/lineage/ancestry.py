"""A family with a known root -> the parent of each member, as far as nothing else explains it.

All members of the family descend from its root. A member descends from another, P, if what it added
to P is independent of what P had added to the root, in the whole and in the parts, and of what any
other member added, except its own descendants and those of mixes. Seen from a sibling, or from a
merge with a parent that is missing, this is not so (see `angles`).

What shares constant parts with several independent members, as mixes do that were trained further
or that drop values at random, involves these.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations, pairwise

import numpy as np

from generator.analysis.lineage.angles import SURE, TAIL, TRIM, UNEVEN, angles, is_partial
from generator.analysis.lineage.kept_values import keeps_values
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.relations import Relations
from generator.analysis.lineage.stand_ins import Mix
from generator.analysis.lineage.sums_of_steps import MOST, Steps, fit, is_exact
from generator.analysis.lineage.training import training_order
from generator.records.arrays import Floats

# Smallest share of a member in a mix that is not known as a whole.
SMALLEST_PART = 0.05
# A missing model that one of these was trained from, by up to this part of its own step, would have
# the same share in all parts but for 2 %, which is not told from one share.
STAND_IN = 0.15
# Fewest parts in which a share must be the same.
FEWEST_PARTS = 4
# Beside the way from the root to a child, a step back to it has a negative inner product with the
# way to what is called the parent; more than this many standard deviations are evidence of it.
ASIDE = 2.5
# Values that are few or large count for more in a share than in an angle: the fourth moment of a
# normal distribution is three times the squared second.
HEAVY = 3.0


def find_parents(
    members: Members,
    root: int,
    pool: Sequence[int],
    mixes: Mapping[int, Mix],
    inside: Collection[int],
    doubled: Collection[int] = (),
) -> dict[int, int]:
    """The nearest known ancestor of each member of `pool` that is not a mix; of published distances
    only if they are those of one training. `inside`: see `mixes.Found`; these descend from the
    root, for all that is known. `doubled` are those of which another model differs by rounding
    only: which of the two a child was made from is not known."""
    told = {*mixes, *inside}
    if members.imported:
        # Whole distances cannot exclude that a parent is a mix of its child with missing ones.
        order = [] if told else training_order(members.squared, root, pool)
        return {child: parent for parent, child in pairwise([root, *order])}
    relations = Relations(members, root)
    made_from = {each: set(mix.parents) for each, mix in mixes.items()}
    unclear = {*inside, *doubled}
    found = {
        child: next(
            _ancestors(members, relations, root, child, pool, told, unclear, made_from), root
        )
        for child in pool
        if child not in told
    }
    return found | dict.fromkeys(inside, root)


def _ancestors(
    members: Members,
    relations: Relations,
    root: int,
    child: int,
    pool: Sequence[int],
    told: Collection[int],
    unclear: Collection[int],
    made_from: Mapping[int, Collection[int]],
) -> Iterator[int]:
    """Possible ancestors between the root and `child`, the nearest first. `told` are mixes and
    those `inside`, `unclear` these and those `doubled`, and `made_from` the parents of mixes, where
    known."""
    squared = members.squared
    passed: list[int] = []
    for parent in sorted(pool, key=lambda each: squared[child, each]):
        if squared[child, parent] >= squared[child, root]:
            return
        if (
            parent == child
            or members.close[child, parent]
            or not relations.descends(child, parent)
            or relations.independent(child, parent)
            or any(
                child in made_from[mix] and (parent == mix or relations.descends(parent, mix))
                for mix in made_from
            )
            # The step between them is too small to tell which came first.
            or relations.descends(parent, child)
            or _holds_part(relations, parent, child, pool)
            or not all(relations.descends(each, parent) for each in passed)
        ):
            continue
        if (
            parent in unclear
            or _holds_adapter(members, parent, child)
            or _holds_values(members, relations, parent, [root, *pool])
        ):
            # If not from this one, then from what it was made from.
            passed.append(parent)
            continue
        step = angles(members.parts, parent, child, root)
        if step.sure[parent] < -ASIDE:
            continue
        explained = step.right | (np.abs(step.sure) <= SURE)
        if all(
            explained[each]
            or each in (child, parent)
            or any(relations.descends(each, origin) for origin in (child, *told))
            for each in pool
            if each not in told and not members.close[child, each]
        ):
            yield parent


def _holds_part(relations: Relations, parent: int, child: int, pool: Sequence[int]) -> bool:
    """Whether the parent may be a mix of its child and an ancestor of both, as one that took values
    from each is: what it took is at an exactly right angle to what it left."""
    return any(
        relations.descends(parent, origin) and not relations.seen_from(parent, origin, child)
        for origin in pool
        if origin not in (parent, child)
    )


def _holds_adapter(members: Members, parent: int, child: int) -> bool:
    """Whether the parent differs from a member other than the child by what may be an adapter. The
    same adapter may have been added to what the child was made from instead."""
    others = [each for each in members.clique if each not in (parent, child)]
    return any(is_partial(members.parts, parent, each) for each in others)


def _holds_values(
    members: Members, relations: Relations, parent: int, origins: Sequence[int]
) -> bool:
    """Whether the parent may hold values of a missing model, and others as they were: one that the
    missing model was trained to would seem to be trained from it."""
    return any(
        keeps_values(members, parent, origin)
        for origin in origins
        if origin == origins[0] or relations.descends(parent, origin)
    )


def taking_part(
    members: Members, steps: Steps, target: int, pool: Sequence[int]
) -> tuple[int, ...]:
    """Independent members of which the target holds constant shares; empty if fewer than two."""
    relations = Relations(members, steps.root)
    step = angles(members.parts, steps.root, target, steps.root)
    near = [each for each in pool if each != target and step.acute[each]]
    if not 1 < len(near) <= MOST:
        return ()
    whole = fit(steps, target, near)
    shared = {
        each: factor
        for each, factor in zip(near, whole.factors, strict=True)
        if factor >= SMALLEST_PART
    }
    # Of an exact sum it is known which directions it may have: see `mixes`.
    if len(shared) < len(near) or is_exact(steps, target, whole):
        return ()
    if any(
        whole.left <= (STAND_IN * factor) ** 2 * steps.total[each, each]
        for each, factor in shared.items()
    ):
        # What is left may be the step from the missing model to the one that stands for it.
        return ()
    if not all(relations.independent(*pair) for pair in combinations(shared, 2)):
        return ()
    if not all(_is_constant(members, steps, target, each, f) for each, f in shared.items()):
        return ()
    return tuple(sorted(shared, key=lambda each: (-shared[each], each)))


def _is_constant(members: Members, steps: Steps, target: int, other: int, factor: float) -> bool:
    """Whether the share of `other` in the target is `factor` in all parts, but for chance."""
    own = steps.parts[:, other, other]
    noise = members.parts.noise[:, other] + members.parts.noise[:, target]
    told = own > TRIM * noise
    if told.sum() < FEWEST_PARTS:
        return False
    off = steps.parts[:, target, other] - factor * own
    rest: Floats = (
        steps.parts[:, target, target]
        - 2 * factor * steps.parts[:, target, other]
        + factor**2 * own
    )
    chance = HEAVY * np.maximum(rest, 0) * own / members.parts.dimensions + (0.01 * own) ** 2
    spread = np.minimum(off[told] ** 2 / chance[told], TRIM).mean()
    return bool(spread <= UNEVEN + TAIL * np.sqrt(2 / told.sum()))
