"""Sums of a target and its parents -> the mix of all the parents that is nearest to it."""

from collections.abc import Sequence

import numpy as np

from generator.errors import UsageError
from generator.grams import Grams
from generator.lineage.affine import nearest_mix
from generator.lineage.members import compared
from generator.lineage.recipes import DECIMALS, block_recipe
from generator.records import NamedBlock, NamedMix, NamedRecipe


def named_recipe(grams: Grams, target: str, parents: Sequence[str], component: str) -> NamedRecipe:
    """The weights of `parents` in `target`, over a component and in each of its blocks.

    Any number of parents; a decoy among them gets next to nothing.

    Raises:
        UsageError: not all of them hold the same component.
    """
    members = grams.head.members
    numbers = [members.index(name) for name in (target, *parents)]
    totals = grams.add_up(component)
    known = compared(totals)[np.ix_(numbers, numbers)]
    if not known.all():
        strange = [
            name for name, row in zip((target, *parents), known, strict=True) if not row.all()
        ]
        raise UsageError(", ".join(strange), f"do not all hold the same {component}")
    weights, left = nearest_mix(totals.squared, numbers[0], numbers[1:])
    span = float(totals.squared[np.ix_(numbers[1:], numbers[1:])].max())
    return NamedRecipe(
        target=target,
        parents=tuple(parents),
        component=component,
        whole=NamedMix(
            weights=_named(parents, weights.tolist() if span else [None] * len(parents)),
            residual=round(float(np.sqrt(abs(left) / span)), DECIMALS) if span else None,
        ),
        blocks=tuple(
            NamedBlock(name=name, weights=_named(parents, block.weights), residual=block.residual)
            for name in grams.blocks(component)
            for sums in [grams.add_up(component, name).squared]
            for block in [block_recipe(name, sums, numbers[0], numbers[1:], "mix")]
        ),
    )


def _named(parents: Sequence[str], weights: Sequence[float | None]) -> dict[str, float | None]:
    return {
        name: None if weight is None else round(weight, DECIMALS)
        for name, weight in zip(parents, weights, strict=True)
    }
