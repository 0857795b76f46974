"""The steps of a family from its root -> mixes with weights of their own for each block."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from generator.analysis.lineage.directions import CLEARLY, is_admissible
from generator.analysis.lineage.members import Members
from generator.analysis.lineage.relations import Relations
from generator.analysis.lineage.sums_of_steps import (
    ACCURACY,
    EXACT,
    EXACT_IN_PART,
    FLAT,
    NEEDED,
    SMALLEST,
    Steps,
    accuracy_of,
    fit,
    fit_whole,
    mix_of,
    needs_all,
    pursue,
    rounding_of,
)
from generator.records.arrays import Floats

# Most members in one mix.
MOST_BY_BLOCK = 5


def parents_by_block(
    members: Members, steps: Steps, relations: Relations, target: int, pool: Sequence[int]
) -> tuple[int, ...]:
    """Parents of a mix with weights of its own for each block; empty if there is none."""
    chosen = pursue(steps, target, pool, MOST_BY_BLOCK)
    for count in range(2, len(chosen) + 1):
        parents = chosen[:count]
        whole = fit(steps, target, parents)
        if not needs_all(steps, target, whole):
            return ()
        if not is_admissible(relations, parents, related=True):
            return ()
        weights = weights_by_block(steps, target, parents, members.block_of)
        if weights is not None and _root_has_part(steps, target, parents, weights, members):
            return ()
        if weights is not None:
            largest = weights.max(0)
            needed = [each for each, most in zip(parents, largest, strict=True) if most >= SMALLEST]
            return tuple(needed) if len(needed) > 1 else ()
    return ()


def _root_has_part(
    steps: Steps, target: int, parents: Sequence[int], weights: Floats, members: Members
) -> bool:
    """Whether a mix by block, of `weights` (B x k) with sum 1, is much nearer with a share of the
    root as well."""
    row_of = {name: row for row, name in enumerate(dict.fromkeys(members.block_of))}
    rows = weights[[row_of[name] for name in members.block_of]]
    parts = steps.parts[:, [target, *parents]][:, :, [target, *parents]]
    signed = np.column_stack([-np.ones(len(rows)), rows])
    left = float(np.einsum("pi,pij,pj->", signed, parts, signed))
    return left > CLEARLY * left_by_block(steps, target, parents, members.block_of)


def weights_by_block(
    steps: Steps, target: int, parents: Sequence[int], block_of: Sequence[str]
) -> Floats | None:
    """Weights of an exact mix of `parents`, B x k, a row for each block, none below 0 or above 1;
    None if there is none, or if one row for all blocks is nearly as near. The root takes no
    part."""
    whole = fit_whole(steps, target, parents)
    if whole.left <= NEEDED * rounding_of(steps, target, whole).sum():
        return None
    rows, left = [], 0.0
    for block in dict.fromkeys(block_of):
        found = _nonnegative_mix(steps, target, parents, [each == block for each in block_of])
        if found is None:
            return None
        rows.append(found[0])
        left += found[1]
    allowed = EXACT * rounding_of(steps, target, whole).sum() + accuracy_of(steps, target, whole)
    return np.array(rows) if left <= allowed else None


def left_by_block(
    steps: Steps, target: int, parents: Sequence[int], block_of: Sequence[str]
) -> float:
    """Squared distance from the target to the nearest sum of the steps of `parents`, with weights
    of its own for each block; `block_of` is the block of each part."""
    names, places = np.array(block_of), [target, *parents]
    chosen = steps.parts[:, places][:, :, places]
    left = 0.0
    for name in dict.fromkeys(block_of):
        gram = chosen[names == name].sum(0)
        factors = np.linalg.lstsq(gram[1:, 1:], gram[1:, 0], rcond=FLAT)[0]
        left += abs(float(gram[0, 0] - factors @ gram[1:, 0]))
    return left


def _nonnegative_mix(
    steps: Steps, target: int, parents: Sequence[int], own: Sequence[bool]
) -> tuple[Floats, float] | None:
    """Weights of an exact mix in the parts that are `own`, with sum 1 and none negative, of as few
    parents as possible, and its squared distance; None if there is none."""
    chosen_parts = np.array(own)
    gram = steps.parts[chosen_parts].sum(0)
    noise = steps.noise[chosen_parts].sum(0)
    places = list(parents)
    for count in range(1, len(places) + 1):
        for chosen in combinations(range(len(places)), count):
            some = [places[each] for each in chosen]
            weights, left = mix_of(gram, target, some)
            sizes = gram[target, target] + (weights**2 * gram[some, some]).sum()
            allowed = EXACT_IN_PART * (noise[target] + (weights**2 * noise[some]).sum())
            if left <= allowed + 10 * ACCURACY * sizes and (weights >= -SMALLEST / 2).all():
                found = np.zeros(len(places))
                found[list(chosen)] = weights
                return found, left
    return None
