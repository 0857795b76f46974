"""Distances between N checkpoints."""

from generator.records.base import Record
from generator.records.reasons import Reason

# N x N, row by row; None where two checkpoints cannot be compared.
Square = tuple[tuple[float | None, ...], ...]


class Excluded(Record):
    """A tensor (`COMPONENT/NAME`) or component that is not compared, and why."""

    checkpoint: str
    tensor: str
    reason: Reason


class ComponentDistances(Record, omit_defaults=True):
    """The requested metrics, over all weights of a component that two checkpoints share.

    `identical`: both have the same weights, in the same dtypes and bytes.
    """

    l2: Square | None = None
    l1: Square | None = None
    l0: Square | None = None
    cosine: Square | None = None
    identical: tuple[tuple[bool | None, ...], ...]


class BlockDistances(Record):
    """L2 over the weights of one block that two checkpoints share."""

    l2: Square


class Matrix(Record):
    """Distances between all `members`, in order, by component, and by component and block.

    Pairs that were not compared are None; the reasons are in `excluded`.
    """

    members: tuple[str, ...]
    components: dict[str, ComponentDistances]
    blocks: dict[str, dict[str, BlockDistances]]
    excluded: tuple[Excluded, ...]
