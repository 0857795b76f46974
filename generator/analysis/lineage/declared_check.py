"""A declared recipe, and distances -> whether they agree."""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from generator.analysis.lineage.affine import nearest_difference, nearest_mix
from generator.analysis.lineage.members import compared
from generator.analysis.lineage.search import DIFFERENCE, LARGEST_RESIDUAL, MIX, leading_first
from generator.records import Checkpoint, DeclaredCheck, DeclaredRecipe
from generator.records.pairwise_sums import PairwiseSums
from generator.records.recipes import MixForm

# The components to check, in order: most merges are of the denoiser.
ORDER = ("denoiser", "text_encoder", "text_encoder_2", "text_encoder_3", "vae")
# Declared weights have two decimals.
ROUNDING = 0.01
SUFFIX = re.compile(r"\.(safetensors|ckpt|pt|pth|bin)$", re.IGNORECASE)


def check_declared(
    sums: PairwiseSums, declared: DeclaredRecipe, checkpoints: Mapping[str, Checkpoint]
) -> DeclaredRecipe:
    """`declared` with the check by weights; unchanged if not all its parents are members."""
    known = {name: member for member in checkpoints for name in _names(checkpoints[member])}
    members = sums.head.members
    parents = [known.get(_plain(model), "") for model in declared.models]
    distinct = {declared.checkpoint, *parents}
    if len(parents) < 2 or len(distinct) <= len(parents) or not distinct <= {*members}:
        return declared
    numbers = [members.index(name) for name in (declared.checkpoint, *parents)]
    for component in ORDER:
        if component in sums.components and (found := _check(sums, component, numbers, declared)):
            return msgspec.structs.replace(declared, check=found)
    return declared


def _check(
    sums: PairwiseSums, component: str, numbers: Sequence[int], declared: DeclaredRecipe
) -> DeclaredCheck | None:
    """None if they cannot be compared, or the parents are equal."""
    totals = sums.add_up(component)
    chosen = np.ix_(numbers, numbers)
    if not compared(sums, component)[chosen].all():
        return None
    total = totals.squared[chosen]
    span = float(total[1:, 1:].max())
    if not span:
        return None
    # `Add difference`, `Add Difference` and `addDifference` are one method.
    is_difference = "difference" in declared.method.lower() and len(declared.models) == 3
    form = DIFFERENCE if is_difference else MIX
    fit = nearest_difference if form == DIFFERENCE else nearest_mix
    places = range(1, len(numbers))
    weights, left = fit(total, 0, places)
    by_block = sum(
        abs(fit(sums.add_up(component, block).squared[chosen], 0, places)[1])
        for block in sums.blocks(component)
    )
    said = _shares(declared, form)
    near = np.sqrt([abs(left) / span, by_block / span])
    is_whole = said and near[0] <= LARGEST_RESIDUAL
    agrees = near[1] <= LARGEST_RESIDUAL and bool(np.isfinite(weights).all())
    if agrees and is_whole:
        agrees = bool(np.allclose(weights, said, rtol=0, atol=ROUNDING))
    shown = np.nan_to_num(weights).tolist()
    order = leading_first(numbers[1:], shown, form)
    return DeclaredCheck(
        component=component,
        parents=tuple(sums.head.members[numbers[1:][place]] for place in order),
        form=form,
        weights=tuple(shown[place] for place in order),
        residual=float(near[0]),
        residual_by_block=float(near[1]),
        verdict="agrees" if agrees else "contradicts",
    )


def _shares(declared: DeclaredRecipe, form: MixForm) -> list[float]:
    """The declared weight of every parent; empty if not declared for the whole component.

    A single number is the weight of the second of two models, or of the added difference.
    """
    try:
        numbers = [float(each) for each in declared.weights.split(",")]
    except ValueError:
        return []
    if len(numbers) == 1 and form == DIFFERENCE:
        return [1.0, numbers[0], -numbers[0]]
    if len(numbers) == 1 and len(declared.models) == 2:
        return [1 - numbers[0], numbers[0]]
    return numbers if len(numbers) == len(declared.models) and form == MIX else []


def _names(checkpoint: Checkpoint) -> Iterator[str]:
    """All names that others may use for it: its names, and the hashes of its files."""
    yield from (_plain(checkpoint.id), _plain(checkpoint.name))
    for source in checkpoint.sources:
        hashes = (source.sha256, source.autov1, source.autov2, source.autov3)
        yield from (_plain(each) for each in (source.name, *hashes) if each)


def _plain(name: str) -> str:
    """A name without folder and suffix, in lower case."""
    return SUFFIX.sub("", re.split(r"[/\\]", name)[-1]).lower()
