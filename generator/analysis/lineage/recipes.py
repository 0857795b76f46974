"""A mix and its distances -> its recipe, by block."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from generator.analysis.lineage.affine import nearest_difference, nearest_mix
from generator.analysis.lineage.search import DIFFERENCE, MIX, Candidate
from generator.analysis.lineage.search import leading_first as order_of
from generator.analysis.lineage.stand_ins import Mix
from generator.records import BlockRecipe, Recipe, Rule
from generator.records.arrays import Floats
from generator.records.recipes import MixForm

Verdict = Literal["merge", "interpolation", "between", "none"]

# A mix is by block if separate weights per block reduce the residual by more than this.
DIFFERS_BY_BLOCK = 0.01
# Signs of the weights of A + w(B - C).
DIFFERENCE_SIGNS = (1, 1, -1)


def recipe(
    names: Sequence[str],
    blocks: Mapping[str, Floats],
    target: int,
    found: Candidate,
    verdict: Verdict,
    failed: Rule = "",
) -> Recipe:
    """The record of a mix. `names` and `blocks` (N x N each) are of all members.

    A mix that is not claimed has no blocks; `failed` is the rule that it does not meet.
    """
    residual = float(np.sqrt(found.left / found.span))
    return Recipe(
        target=names[target],
        parents=tuple(names[parent] for parent in found.parents),
        form=found.form,
        verdict=verdict,
        weights=found.weights,
        residual=residual,
        residual_by_block=found.residual,
        by_block=residual - found.residual > DIFFERS_BY_BLOCK,
        blocks=tuple(
            block_recipe(name, squared, target, found.parents, found.form)
            for name, squared in blocks.items()
            if verdict != "none"
        ),
        failed=failed,
    )


def mix_recipe(
    names: Sequence[str],
    blocks: Mapping[str, Floats],
    target: int,
    mix: Mix,
    failed: Rule = "",
) -> Recipe:
    """The record of a mix seen from a root; `failed` is the rule that it does not meet."""
    form = DIFFERENCE if _is_difference(mix) else MIX
    parents = _difference_first(mix) if form == DIFFERENCE else leading_first(*mix[:2])
    chosen = np.ix_((target, *parents), (target, *parents))
    own = {name: squared[chosen] for name, squared in blocks.items()}
    total = np.sum(list(own.values()), axis=0)
    places = range(1, len(parents) + 1)
    span = float(total[1:, 1:].max())
    fit = nearest_difference if form == DIFFERENCE else nearest_mix
    weights, left = fit(total, 0, places)
    by_block = sum(abs(fit(each, 0, places)[1]) for each in own.values())
    verdict: Verdict = "none" if failed else mix.verdict
    return Recipe(
        target=names[target],
        parents=tuple(names[each] for each in parents),
        form=form,
        verdict=verdict,
        weights=tuple(weights.tolist()),
        residual=float(np.sqrt(abs(left) / span)),
        residual_by_block=float(np.sqrt(by_block / span)),
        by_block=mix.by_block,
        blocks=tuple(
            block_recipe(name, squared, 0, places, form)
            for name, squared in own.items()
            if verdict != "none"
        ),
        failed=failed,
    )


def leading_first(parents: Sequence[int], weights: Sequence[float]) -> tuple[int, ...]:
    """Parents by weight, the largest first; weights shown as equal in group order."""
    return tuple(parents[place] for place in order_of(parents, weights, MIX))


def _is_difference(mix: Mix) -> bool:
    """Whether it is A + w(B - C), with C the root."""
    if len(mix.parents) != len(DIFFERENCE_SIGNS) or mix.by_block:
        return False
    a, b, c = sorted(mix.weights, reverse=True)
    return c < 0 and min(abs(a - 1), abs(b - 1)) <= DIFFERS_BY_BLOCK


def _difference_first(mix: Mix) -> tuple[int, ...]:
    """A, B and C: C has the negative weight, and A the one nearest to 1."""
    shares = dict(zip(mix.parents, mix.weights, strict=True))
    c = min(mix.parents, key=lambda each: shares[each])
    a, b = sorted(
        (each for each in mix.parents if each != c),
        key=lambda each: (round(abs(shares[each] - 1), 2), each),
    )
    return a, b, c


def block_recipe(
    name: str, squared: Floats, target: int, parents: Sequence[int], form: MixForm
) -> BlockRecipe:
    """The best mix of `parents` in one block with the squared distances `squared`."""
    span = float(squared[np.ix_(parents, parents)].max())
    fit = nearest_difference if form == DIFFERENCE else nearest_mix
    weights, left = fit(squared, target, parents)
    known = span > 0 and bool(np.isfinite(weights).all())
    return BlockRecipe(
        name=name,
        weights=tuple(weights.tolist() if known else [None] * len(parents)),
        residual=float(np.sqrt(abs(left) / span)) if known else None,
    )
