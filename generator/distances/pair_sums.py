"""Distances of the tensors of two checkpoints -> their sums by component, block and kind."""

import math
from collections.abc import Callable, Collection, Iterable, Sequence

from generator.checkpoints.identify.components import Weight
from generator.records import (
    ComparisonSummary,
    ComponentComparison,
    DistanceSum,
    Excluded,
    Reason,
    TensorDistance,
)


class TensorPair:
    """Sums over one tensor of two checkpoints, in float64, filled chunk by chunk.

    `is_weight`: on at least one side. `squared` is the squared L2; `norms` are the squared norms of
    both sides. `equal_rounded`: equal in float16, and in bfloat16. `identical`: same dtype and
    bytes, which a tensor that is not read is never called. With a `reason`, the sums are not used.
    """

    def __init__(self, weight: Weight, *, is_weight: bool) -> None:
        self.weight = weight
        self.is_weight = is_weight
        self.elements = weight.elements
        self.squared = 0.0
        self.norms = [0.0, 0.0]
        self.l1 = 0.0
        self.l0 = 0
        self.identical = False
        self.equal_rounded = [True, True]
        self.reason: Reason | None = None

    def distance(self) -> TensorDistance:
        """The distances of this tensor."""
        total = add_up([self])
        return TensorDistance(
            name=self.weight.name,
            component=self.weight.component,
            block=self.weight.block,
            kind=self.weight.kind,
            shape=self.weight.shape,
            l0=total.l0,
            l1=total.l1,
            l2=total.l2,
            cosine=total.cosine,
            identical=self.identical,
        )


def add_up(measured: Iterable[TensorPair]) -> DistanceSum:
    """Distances of all tensors in `measured` as one vector; those with a reason are left out.

    Sums are exact (`math.fsum`), so their order does not matter.
    """
    tensors = list(measured)
    usable = [each for each in tensors if not each.reason]
    squared = math.fsum(each.squared for each in usable)
    lengths = [math.sqrt(math.fsum(each.norms[side] for each in usable)) for side in (0, 1)]
    return DistanceSum(
        tensors=len(usable),
        elements=sum(each.elements for each in usable),
        l0=sum(each.l0 for each in usable) if usable else None,
        l1=math.fsum(each.l1 for each in usable) if usable else None,
        l2=math.sqrt(squared) if usable else None,
        cosine=_cosine(squared, lengths),
        identical=all(each.identical for each in tensors),
    )


def _cosine(squared: float, lengths: Sequence[float]) -> float | None:
    one, other = lengths
    if not one * other:
        return None
    # From the distance: exactly 1 for equal vectors, and accurate for near ones.
    return max(-1.0, min(1.0, 1 - (squared - (one - other) ** 2) / (2 * one * other)))


def summarise(
    measured: Sequence[TensorPair], same_components: Collection[str], strange: Sequence[Excluded]
) -> ComparisonSummary:
    """All sums. `same_components` have the same weights on both sides. The components in `strange`
    are different networks; their tensors are not listed one by one."""
    left_out = {entry.tensor for entry in strange}
    components: dict[str, list[TensorPair]] = {}
    for each in measured:
        if each.is_weight and each.weight.component not in left_out:
            components.setdefault(each.weight.component, []).append(each)
    return ComparisonSummary(
        components={
            name: _component(tensors, name in same_components)
            for name, tensors in components.items()
        },
        excluded=(
            *strange,
            *(
                Excluded(
                    checkpoint="",
                    tensor=f"{each.weight.component}/{each.weight.name}",
                    reason=each.reason,
                )
                for each in measured
                if each.reason and each.weight.component not in left_out
            ),
        ),
    )


def _component(tensors: Sequence[TensorPair], same_weights: bool) -> ComponentComparison:
    blocks = group_by(tensors, lambda each: each.weight.block)
    usable = [each for each in tensors if not each.reason]
    # None: all compared tensors are equal, but some could not be compared.
    whole = len(usable) == len(tensors)
    in_float16, in_bfloat16 = (
        same and (whole or None)
        for place in (0, 1)
        for same in [same_weights and all(each.equal_rounded[place] for each in usable)]
    )
    return ComponentComparison(
        total=add_up(tensors),
        blocks={name: add_up(each) for name, each in blocks.items()},
        kinds={
            name: add_up(each)
            for name, each in group_by(tensors, lambda each: each.weight.kind).items()
        },
        blocks_kinds={
            name: {
                kind: add_up(each)
                for kind, each in group_by(some, lambda each: each.weight.kind).items()
            }
            for name, some in blocks.items()
        },
        same_weights=same_weights,
        equal_in_float16=in_float16,
        equal_in_bfloat16=in_bfloat16,
    )


def group_by(
    tensors: Iterable[TensorPair], key: Callable[[TensorPair], str]
) -> dict[str, list[TensorPair]]:
    """`tensors` by `key`, sorted."""
    groups: dict[str, list[TensorPair]] = {}
    for each in tensors:
        groups.setdefault(key(each), []).append(each)
    return dict(sorted(groups.items()))
