"""The steps of a family from its root -> the best explanations of a member that is not claimed."""

from collections.abc import Sequence
from typing import NamedTuple

from generator.analysis.lineage.stand_ins import Mix
from generator.analysis.lineage.sums_of_steps import SMALLEST, Steps, fit, is_exact, pursue
from generator.records import Rule

# Explanations told of each member.
SHOWN = 3
# Smallest weight of a parent that is told.
SMALLEST_TOLD = 0.05


class Unclaimed(NamedTuple):
    """A mix, and the rule that it fails."""

    mix: Mix
    failed: Rule


def best_explanations(steps: Steps, target: int, pool: Sequence[int]) -> list[Unclaimed]:
    """Up to three mixes of `pool` and the root, the nearest first: of as many members as help."""
    others = [each for each in pool if each != target]
    chosen = pursue(steps, target, others, SHOWN)
    found = []
    for count in range(len(chosen), 0, -1):
        told = fit(steps, target, chosen[:count])
        if count > 1 and min(map(abs, told.factors)) < SMALLEST_TOLD:
            continue
        weights = dict(zip(told.parents, told.factors, strict=True))
        rest = 1 - sum(told.factors)
        if abs(rest) >= SMALLEST or count == 1:
            weights[steps.root] = rest
        mix = Mix(tuple(weights), tuple(weights.values()), "merge")
        found.append(Unclaimed(mix, "order" if is_exact(steps, target, told) else "residual"))
    return found
