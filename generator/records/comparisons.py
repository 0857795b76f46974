"""Two checkpoints, tensor by tensor."""

from generator.records.base import Record
from generator.records.matrices import Excluded


class ShapePair(Record, frozen=True, kw_only=True):
    """A weight (`COMPONENT/NAME`) whose shapes differ."""

    name: str
    a: tuple[int, ...]
    b: tuple[int, ...]


class DTypePair(Record, frozen=True, kw_only=True):
    """A weight (`COMPONENT/NAME`) whose dtypes differ."""

    name: str
    a: str
    b: str


class TensorDistance(Record, frozen=True, kw_only=True):
    """Distances of one tensor that two checkpoints have in equal shape.

    All None if they cannot be compared (see `Comparison.summary`); `cosine` also if one of the two
    is zero. `identical`: the same dtype and bytes.
    """

    name: str
    component: str
    block: str
    kind: str
    shape: tuple[int, ...]
    l0: int | None
    l1: float | None
    l2: float | None
    cosine: float | None
    identical: bool


class DistanceSum(Record, frozen=True, kw_only=True):
    """Distances over `tensors` tensors taken as one vector of `elements` numbers.

    None if none of them could be compared. `identical`: all of them are.
    """

    tensors: int
    elements: int
    l0: int | None
    l1: float | None
    l2: float | None
    cosine: float | None
    identical: bool


class ComponentComparison(Record, frozen=True, kw_only=True):
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


class ComparisonSummary(Record, frozen=True, kw_only=True):
    """The sums of a comparison. `excluded`: the tensors that are not summed, and why."""

    components: dict[str, ComponentComparison]
    excluded: tuple[Excluded, ...]


class Comparison(Record, frozen=True, kw_only=True):
    """Two checkpoints, tensor by tensor, under canonical keys.

    `shared` counts the names in both; `tensors` holds those of equal shape, by component and name.
    Other names are `COMPONENT/NAME`.
    """

    a: str
    b: str
    shared: int
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    shape_mismatch: tuple[ShapePair, ...]
    dtype_difference: tuple[DTypePair, ...]
    tensors: tuple[TensorDistance, ...]
    summary: ComparisonSummary
