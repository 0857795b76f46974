"""A mix -> the same mix, if no other model near one of its parents may have been mixed instead.

What is near a parent, such as another strength of the same adapter, or a mix of it with a little of
something else, gives nearly the same sum; so does what equals a parent in the only blocks that
were taken from it. The nearer sum is told if it is clearly nearer; else nothing is: rounding hides
which of the two was mixed.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from generator.analysis.lineage.directions import CLEARLY
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.stand_ins import Mix
from generator.analysis.lineage.sums_by_block import left_by_block, weights_by_block
from generator.analysis.lineage.sums_of_steps import SMALLEST, Steps, fit, is_exact
from generator.records.arrays import Booleans

# A member is near a parent up to this part of the parent's distance from the root.
NEAR = 0.1


def nearest_parents(
    members: Members, steps: Steps, target: int, mix: Mix, twins: Mapping[int, int]
) -> Mix | None:
    """The mix with those near its parents that are clearly nearer to the target; None if one that
    may be another model is about as near. `twins`: see `rooted.twins_of`."""
    blocks = members.block_of if mix.by_block else [""] * len(members.block_of)
    parents = [each for each in mix.parents if each != steps.root]
    taken = _taken(steps, target, parents, blocks)
    for place, parent in enumerate(parents):
        left = left_by_block(steps, target, parents, blocks)
        for other in _near(members, steps, parent, taken[:, place], twins):
            if other == target or other in parents:
                continue
            is_twin = twins.get(other) == parent
            # A mix of the parents stands for them in the same sum.
            if not is_twin and is_exact(steps, other, fit(steps, other, parents)):
                continue
            others = [*parents[:place], other, *parents[place + 1 :]]
            with_other = left_by_block(steps, target, others, blocks)
            if CLEARLY * with_other < left:
                parents, left = others, with_other
            elif with_other < CLEARLY * left and not (is_twin and is_copy(members, parent, other)):
                return None
    renamed = iter(parents)
    return mix._replace(
        parents=tuple(each if each == steps.root else next(renamed) for each in mix.parents)
    )


def _taken(steps: Steps, target: int, parents: Sequence[int], blocks: Sequence[str]) -> Booleans:
    """The parts (P x k) in which each parent has a weight: all, if one row of weights is enough."""
    weights = weights_by_block(steps, target, parents, blocks)
    if weights is None:
        return np.ones((len(blocks), len(parents)), np.bool_)
    row_of = {name: row for row, name in enumerate(dict.fromkeys(blocks))}
    return weights[[row_of[name] for name in blocks]] >= SMALLEST


def _near(
    members: Members, steps: Steps, parent: int, taken: Booleans, twins: Mapping[int, int]
) -> Iterator[int]:
    """The twins of a parent, and other members near it in the parts that are `taken` from it."""
    yield from (each for each, other in twins.items() if other == parent)
    squared = members.parts.squared[taken, parent].sum(0)
    reach = NEAR**2 * steps.parts[taken, parent, parent].sum()
    for each in members.clique:
        is_other = each not in twins and each not in (parent, steps.root)
        if is_other and squared[each] <= reach:
            yield each


def is_copy(members: Members, one: int, other: int) -> bool:
    """Whether two twins may be one model in two precisions: in one, they would be equal."""
    noise = members.noise[[one, other]]
    return bool(noise.max() >= CLEARLY * noise.min())
