"""Merge recipes: found in a group, declared by a file, or asked for by name."""

from typing import Literal

from generator.records.base import Record
from generator.records.findings import Ranks


class BlockRecipe(Record):
    """The mix within one block; see `Recipe`.

    None if the parents are equal in this block, so that every mix is the same.
    """

    name: str
    weights: tuple[float | None, ...]
    residual: float | None


# An added difference is A + w(B - C).
MixForm = Literal["mix", "add difference"]
# The rule that a mix fails: see `Recipe`.
Rule = Literal["", "residual", "simpler", "parts", "plane", "many", "line", "order"]


class Recipe(Record):
    """The mix of `parents` that is nearest to `target` in one component.

    `parents` are ordered by weight, the largest first, and in group order if weights are equal to
    two decimals; for an `add difference` they are A, B and C. `weights` has one weight per parent,
    with sum 1; for an `add difference` A + w(B - C) they are 1, w, -w. `residual` is the distance
    from the target to the mix, divided by the largest distance between two parents;
    `residual_by_block` is the same with separate weights per block, which are in `blocks`.
    `by_block`: only separate weights reproduce the target.

    `verdict`: `merge` of the parents; `interpolation` between a parent and another parent that
    descends from it; `between`: it is unknown whether target or parents came first, or other mixes
    of as many parents are the same; `none`: the best mix, not claimed. `failed` is then the first
    rule that it fails: the `residual` is too large; a `simpler` explanation is as near; it is near
    in only a few `parts`; others are in the `plane` of its parents; `many` other mixes are as near;
    others are on one `line` with it; or it is not clear which of these was made from the others
    (`order`).
    """

    target: str
    parents: tuple[str, ...]
    form: MixForm
    verdict: Literal["merge", "interpolation", "between", "none"]
    weights: tuple[float, ...]
    residual: float
    residual_by_block: float
    by_block: bool
    blocks: tuple[BlockRecipe, ...]
    failed: Rule = ""


class DeclaredCheck(Record):
    """The check of a declared recipe: the best mix of the declared `parents` in the declared form;
    see `Recipe`.

    It `agrees` if the mix is near (with separate weights per block) and weights declared for the
    whole component are within 0.01.
    """

    component: str
    parents: tuple[str, ...]
    form: MixForm
    weights: tuple[float, ...]
    residual: float
    residual_by_block: float
    verdict: Literal["agrees", "contradicts"]


class DeclaredRecipe(Record):
    """The merge recipe in a file's metadata, unverified.

    `models`, `method` and `weights` are as written there, empty if missing. `check` is None if the
    models are not all members, or not all compared.
    """

    checkpoint: str
    source: str
    method: str
    models: tuple[str, ...]
    weights: str
    check: DeclaredCheck | None = None


class NamedMix(Record):
    """Weights by parent with sum 1, and the residual; see `Recipe`.

    None if the parents are equal.
    """

    weights: dict[str, float | None]
    residual: float | None


class NamedBlock(NamedMix):
    """The mix within one block."""

    name: str


NamedVerdict = Literal[
    "merge",
    "interpolation",
    "between",
    "add difference",
    "extrapolation",
    "copy",
    "whole blocks",
    "swapped values",
    "dropped values",
    "elected values",
    "adapters",
    "none",
]


class LowRankChange(Record):
    """A change of low rank that the target differs by from one checkpoint."""

    parent: str
    ranks: Ranks


class MaskedBlock(Record):
    """The share of the changes of each parent that one block kept."""

    name: str
    kept: dict[str, float]


class MaskedSum(Record):
    """A target each of whose values is that of the `base` plus some of the changes of the others,
    times their `factors`: all that were kept, or, if `elected`, their mean.

    `kept` is the share of the changes that are in the target; `explained` the share of values that
    are such a sum, of those where this can be told.
    """

    base: str
    factors: dict[str, float]
    kept: dict[str, float]
    explained: float
    blocks: tuple[MaskedBlock, ...]


class NamedRecipe(Record):
    """Result of `atlas recipe`: the mix of the given parents that is nearest to the target.

    `verdict`: `merge`, `interpolation` and `between` as in `Recipe`, decided by norms; `add
    difference`, A + w(B - C); `extrapolation`, beyond the parents; `copy` of one of them except for
    a small part; `whole blocks`, each of which is that of one parent, as after a swap, or in the
    model that the parents were trained from, each in other blocks; `swapped values`, each that of
    one of two parents; `dropped values` and `elected values`, each that of one parent plus some of
    the changes of the others, or their mean (`masked`); `adapters`, of the checkpoints with the
    `adapters` added at their weights, which are not among those that sum to 1; or `none`. Not
    `unique`: other weights are as near, because parents are equal (`twins`) or one of them is a mix
    of others; these weights are the smallest. Blocks are `not_comparable` if all shapes in them
    differ; where some do, the other tensors count. `low_rank` is looked for if the verdict is
    `none`: the difference from the parent of the largest weight, if its rank is low.
    """

    target: str
    parents: tuple[str, ...]
    component: str
    verdict: NamedVerdict
    unique: bool
    whole: NamedMix
    blocks: tuple[NamedBlock, ...]
    not_comparable: tuple[str, ...] = ()
    twins: tuple[tuple[str, str], ...] = ()
    adapters: tuple[str, ...] = ()
    low_rank: LowRankChange | None = None
    masked: MaskedSum | None = None
