"""Two checkpoints, tensor by tensor."""

from generator.records.base import Count, Length, Record
from generator.records.matrices import Excluded


class ShapePair(Record, frozen=True, kw_only=True):
    """A weight (`COMPONENT/NAME`) whose shapes differ."""

    name: str
    a: tuple[Count, ...]
    b: tuple[Count, ...]


class DTypePair(Record, frozen=True, kw_only=True):
    """A weight (`COMPONENT/NAME`) whose dtypes differ."""

    name: str
    a: str
    b: str


class TensorDistance(Record, frozen=True, kw_only=True):
    """Distances of one tensor that two checkpoints hold in one shape.

    All None where they cannot be compared (`Comparison.summary` says why), `cosine` also where one
    of the two is zero. `identical`: the same dtype and bytes.
    """

    name: str
    component: str
    block: str
    kind: str
    shape: tuple[Count, ...]
    l0: Count | None
    l1: Length | None
    l2: Length | None
    cosine: float | None
    identical: bool


class DistanceSum(Record, frozen=True, kw_only=True):
    """Distances over `tensors` tensors taken as one vector of `elements` numbers.

    None where none of them could be compared. `identical`: all of them are.
    """

    tensors: Count
    elements: Count
    l0: Count | None
    l1: Length | None
    l2: Length | None
    cosine: float | None
    identical: bool


class ComponentComparison(Record, frozen=True, kw_only=True):
    """A component that both checkpoints have.

    `total` is over its weights, of which `blocks`, `kinds` and `blocks_kinds` (block, then kind)
    are parts. `equal_in_float16` and `equal_in_bfloat16`: both hold the same weights, and all of
    them are equal once rounded to that format, to nearest, ties to even. `same_weights`: both hold
    the same weights in the same shapes.
    """

    total: DistanceSum
    blocks: dict[str, DistanceSum]
    kinds: dict[str, DistanceSum]
    blocks_kinds: dict[str, dict[str, DistanceSum]]
    same_weights: bool
    equal_in_float16: bool | None
    equal_in_bfloat16: bool | None


class ComparisonSummary(Record, frozen=True, kw_only=True):
    """A comparison, added up. `excluded`: the tensors that are not summed, and why."""

    components: dict[str, ComponentComparison]
    excluded: tuple[Excluded, ...]


class Comparison(Record, frozen=True, kw_only=True):
    """Two checkpoints, tensor by tensor, under canonical names.

    `shared` counts the names in both; those in one shape are in `tensors`, by component and name.
    Other names are `COMPONENT/NAME`.
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
