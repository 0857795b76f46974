"""A mix and its distances -> its recipe, by block."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from generator.analysis.lineage.affine import nearest_difference, nearest_mix
from generator.analysis.lineage.search import DIFFERENCE, Candidate
from generator.records import BlockRecipe, Recipe, Rule
from generator.records.arrays import Floats

Verdict = Literal["merge", "interpolation", "between", "none"]

# A mix is by block if separate weights per block reduce the residual by more than this.
DIFFERS_BY_BLOCK = 0.01
DIGITS = 9
# Decimals of weights and residuals; further ones are noise of the distances.
DECIMALS = 6


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
        form="add difference" if found.form == DIFFERENCE else "mix",
        verdict=verdict,
        weights=tuple(round(weight, DECIMALS) for weight in found.weights),
        residual=round(residual, DECIMALS),
        residual_by_block=round(found.residual, DECIMALS),
        by_block=residual - found.residual > DIFFERS_BY_BLOCK,
        blocks=tuple(
            block_recipe(name, squared, target, found.parents, found.form)
            for name, squared in blocks.items()
            if verdict != "none"
        ),
        failed=failed,
    )


def block_recipe(
    name: str, squared: Floats, target: int, parents: Sequence[int], form: str
) -> BlockRecipe:
    """The best mix of `parents` in one block with the squared distances `squared`."""
    span = float(squared[np.ix_(parents, parents)].max())
    fit = nearest_difference if form == DIFFERENCE else nearest_mix
    weights, left = fit(squared, target, parents)
    known = span > 0 and bool(np.isfinite(weights).all())
    return BlockRecipe(
        name=name,
        weights=tuple(round(each, DECIMALS) if known else None for each in weights.tolist()),
        residual=round(float(np.sqrt(abs(left) / span)), DECIMALS) if known else None,
    )


def rounded(value: float) -> float:
    """Rounded to nine significant digits, which are the same on all machines."""
    return float(f"{value:.{DIGITS}g}")
