"""Two checkpoints, tensor by tensor."""

import math
from collections.abc import Collection
from typing import Literal

from generator.records.base import Count, Length, Record
from generator.records.checks import all_in, require
from generator.records.matrices import Excluded
from generator.records.reasons import Reason

# Tolerance of sums of squares: they are added in a different order in a check.
TOLERANCE = 1e-6


class ShapePair(Record):
    """A weight (`COMPONENT/NAME`) whose shapes differ."""

    name: str
    a: tuple[Count, ...]
    b: tuple[Count, ...]


class DTypePair(Record):
    """A weight (`COMPONENT/NAME`) whose dtypes differ."""

    name: str
    a: str
    b: str


class TensorDistance(Record):
    """Distances of one tensor that both checkpoints have in the same shape.

    All are None if the tensor cannot be compared (see `Comparison.summary`); `cosine` also if one
    of the two is zero. `identical`: the same dtype and bytes.
    """

    component: str
    name: str
    block: str
    kind: str
    shape: tuple[Count, ...]
    l0: Count | None
    l1: Length | None
    l2: Length | None
    cosine: float | None
    identical: bool


class DistanceSum(Record):
    """Distances over `tensors` tensors taken as one vector of `elements` numbers.

    None if no tensor could be compared. `identical`: all of them are identical.
    """

    tensors: Count
    elements: Count
    l0: Count | None
    l1: Length | None
    l2: Length | None
    cosine: float | None
    identical: bool

    @property
    def rms(self) -> float | None:
        """Root mean square of the differences: L2 divided by the square root of the number of
        elements.

        Unlike L2 it does not grow with size, so small and large parts can be compared.
        """
        if self.l2 is None or not self.elements:
            return None
        return self.l2 / math.sqrt(self.elements)

    def check(self, parts: Collection["DistanceSum"], what: str) -> None:
        """Raise `ValueError` unless these are the sums of `parts`."""
        for key in ("tensors", "elements"):
            summed = sum(getattr(part, key) for part in parts)
            require(getattr(self, key) == summed, f"{what}: {key} is not the sum of its parts")
        for key, power in (("l0", 1), ("l1", 1), ("l2", 2)):
            known = [getattr(part, key) for part in parts if getattr(part, key) is not None]
            whole = getattr(self, key)
            require((whole is None) == (not known), f"{what}: {key} is missing in some")
            if whole is not None:
                # Products, not powers: powers raise on overflow.
                summed = math.fsum(math.prod([value] * power) for value in known)
                same = math.isclose(math.prod([whole] * power), summed, rel_tol=TOLERANCE)
                require(
                    same and math.isfinite(summed), f"{what}: {key} is not the sum of its parts"
                )


class ComponentComparison(Record):
    """A component that both checkpoints have.

    `total` is over all weights; `blocks`, `kinds` and `blocks_kinds` (block, then kind) are its
    parts. `equal_in_float16` and `equal_in_bfloat16`: both have the same weights, and all values
    are equal after rounding to that format (to nearest, ties to even). `same_weights`: both have
    the same weights in the same shapes.
    """

    total: DistanceSum
    blocks: dict[str, DistanceSum]
    kinds: dict[str, DistanceSum]
    blocks_kinds: dict[str, dict[str, DistanceSum]]
    same_weights: bool
    equal_in_float16: bool | None
    equal_in_bfloat16: bool | None

    def check(self, name: str) -> None:
        """Raise `ValueError` unless blocks and kinds sum to the total."""
        kinds: dict[str, list[DistanceSum]] = {kind: [] for kind in self.kinds}
        require(
            self.blocks.keys() == self.blocks_kinds.keys(), f"{name}: blocks_kinds has not blocks"
        )
        for block, by_kind in self.blocks_kinds.items():
            all_in(by_kind, kinds, f"{name}: blocks_kinds")
            self.blocks[block].check(by_kind.values(), f"{name}: {block}")
            for kind, cell in by_kind.items():
                kinds[kind].append(cell)
        for kind, cells in kinds.items():
            self.kinds[kind].check(cells, f"{name}: {kind}")
        self.total.check(self.blocks.values(), f"{name}: total")


class ComparisonSummary(Record):
    """The sums of a comparison. `excluded`: the tensors left out of the sums, and why."""

    components: dict[str, ComponentComparison]
    excluded: tuple[Excluded, ...]


class Comparison(Record, omit_defaults=True):
    """Two checkpoints, tensor by tensor, under canonical keys.

    `shared` counts the names in both; `tensors` holds those of equal shape, by component and name.
    Other names are `COMPONENT/NAME`. `changes` are the components whose weights are changes that
    two adapters make.
    """

    a: str
    b: str
    shared: Count
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    shape_mismatch: tuple[ShapePair, ...]
    dtype_difference: tuple[DTypePair, ...]
    tensors: tuple[TensorDistance, ...]
    summary: ComparisonSummary
    changes: tuple[str, ...] = ()


PairState = Literal[
    "identical", "equal", "float16", "bfloat16", "differs", "only_a", "only_b", "not_compared"
]


class Place(Record):
    """A kind in a block, the number of its weights, and the RMS of their differences."""

    block: str
    kind: str
    elements: Count
    rms: float


class ComponentVerdict(Record, omit_defaults=True):
    """The verdict on one component that at least one of two checkpoints has.

    `state`: `identical`: the same bytes; `equal`: the same values in other dtypes; `float16` and
    `bfloat16`: equal after rounding to that format; `differs`; only one of them has it; or nothing
    was compared, for `reason` if one reason covers the whole component.

    `differing` of the `tensors` compared tensors differ; `within` lists the blocks that hold all of
    them, if these are few. `l2` and `rms` (L2 divided by the square root of the number of elements)
    are over all compared tensors; `most` is where weights differ most, if by more than the RMS of
    so few weights scatters. `only_a`, `only_b`, `other_shapes` and `not_comparable` count tensors
    that were not compared although both have the component. `layouts` are the key layouts of A and
    B, if they differ.
    """

    component: str
    state: PairState
    tensors: int = 0
    differing: int = 0
    within: tuple[str, ...] = ()
    l2: float | None = None
    rms: float | None = None
    most: Place | None = None
    only_a: int = 0
    only_b: int = 0
    other_shapes: int = 0
    not_comparable: int = 0
    layouts: tuple[str, str] | None = None
    reason: Reason | None = None

    @property
    def partly(self) -> bool:
        """Whether some tensors were not compared."""
        return any((self.only_a, self.only_b, self.other_shapes, self.not_comparable))
