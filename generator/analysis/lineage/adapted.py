"""Sums over a target, checkpoints and adapters -> the weights of all in the target, and a verdict.

The target is base + sum of w (other - base) + sum of v change: the nearest mix of the checkpoints
and of the base with each adapter added. Weights of the checkpoints sum to 1; those of adapters are
strengths.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from generator.analysis.lineage.affine import are_independent, nearest_mix
from generator.analysis.lineage.rounding import USUAL, rounding_noise
from generator.analysis.lineage.search import LARGEST_RESIDUAL
from generator.analysis.lineage.sums_of_steps import EXACT, NEEDED
from generator.errors import UsageError
from generator.records import NamedBlock, NamedMix, NamedRecipe, NamedVerdict
from generator.records.arrays import Floats
from generator.records.pairwise_sums import AdaptedSums


class _Fit(NamedTuple):
    """Weights by parent (None where an adapter changes nothing), the squared distance to the
    target, and the largest one between two parents."""

    weights: list[float | None]
    left: float
    span: float


def adapted_recipe(found: AdaptedSums, component: str) -> NamedRecipe:
    """The weights of checkpoints and adapters in a component of the target and in each block.

    Raises:
        UsageError: the component is not in all of them, or an adapter does not change it.
    """
    head, squared = found.sums.head, found.sums.floats["squared"]
    own = [place for place, each in enumerate(head.groups) if each[0] == component]
    if not own:
        held = ", ".join(sorted({each[0] for each in head.groups}))
        raise UsageError(component, "is missing from at least one of the files", f"Try {held}")
    parents = (*found.checkpoints, *found.adapters)
    n_whole = len(found.checkpoints)
    total = squared[own].sum(0)
    for number, name in enumerate(found.adapters, 1 + n_whole):
        if not total[1, number]:
            raise UsageError(name, f"changes nothing in the {component}", "Leave it out")
    whole = _fit(total, n_whole)
    by_block: dict[str, Floats] = {}
    for place in own:
        name = head.groups[place][1]
        by_block[name] = by_block.get(name, 0) + squared[place]
    blocks = {name: _fit(each, n_whole) for name, each in by_block.items()}
    dtypes = found.dtypes.get(component) or {USUAL: 1}
    noise = rounding_noise(
        found.sums.floats["norms"][own],
        found.sums.counts["elements"][own],
        squared[own],
        [dtypes] * len(head.members),
    )[:, 0].sum()
    return NamedRecipe(
        target=head.members[0],
        parents=parents,
        component=component,
        verdict=_verdict(total, whole, float(noise)),
        unique=are_independent(total[1:, 1:]),
        whole=NamedMix(weights=_named(parents, whole), residual=_residual(whole)),
        blocks=tuple(
            NamedBlock(name=name, weights=_named(parents, each), residual=_residual(each))
            for name, each in blocks.items()
        ),
        adapters=found.adapters,
    )


def _fit(squared: Floats, n_whole: int) -> _Fit:
    """The nearest mix; the first of `n_whole` checkpoints is the base of all changes."""
    places = range(1, len(squared))
    used = [each for each in places if each <= n_whole or squared[1, each]]
    span = float(squared[np.ix_(used, used)].max())
    if not span:
        return _Fit([None] * len(places), float(squared[0, 1]), span)
    weights, left = nearest_mix(squared, 0, used)
    share = dict(zip(used, weights.tolist(), strict=True))
    share[1] += sum(share[each] for each in used if each > n_whole)
    return _Fit([share.get(each) for each in places], abs(left), span)


def _verdict(total: Floats, whole: _Fit, noise: float) -> NamedVerdict:
    """Whether the target is the mix, but for rounding or a small part of what each parent adds, and
    is much farther from any mix without one of them."""
    # The base takes part in every change that was added to it.
    others: Sequence[int] = range(2, len(total))
    without = [
        abs(nearest_mix(total, 0, [1, *(each for each in others if each != out)])[1])
        if len(others) > 1
        else float(total[0, 1])
        for out in others
    ]
    # Of the part, not of the distances of the parents: an adapter that was added weakly changes
    # little, and one like it leaves as little.
    least = min(without)
    near = whole.left <= max(LARGEST_RESIDUAL**2 * least, EXACT * noise)
    return "adapters" if near and least > NEEDED * max(whole.left, noise) else "none"


def _residual(fit: _Fit) -> float | None:
    return float(np.sqrt(fit.left / fit.span)) if fit.span else None


def _named(parents: Sequence[str], fit: _Fit) -> dict[str, float | None]:
    return dict(zip(parents, fit.weights, strict=True))
