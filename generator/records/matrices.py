"""Distances of N checkpoints to one another."""

from generator.records.base import Record
from generator.records.reasons import Reason

# N x N, row by row; None where two checkpoints cannot be compared.
Square = tuple[tuple[float | None, ...], ...]


class Excluded(Record, frozen=True, kw_only=True):
    """What of a checkpoint is not compared, and why: `COMPONENT/NAME`, or a whole component."""

    checkpoint: str
    tensor: str
    reason: Reason


class ComponentDistances(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The metrics asked for, over all weights of a component that two checkpoints share.

    `identical`: both hold the same weights, in the same dtypes and bytes.
    """

    l2: Square | None = None
    l1: Square | None = None
    l0: Square | None = None
    cosine: Square | None = None
    identical: tuple[tuple[bool | None, ...], ...]


class BlockDistances(Record, frozen=True, kw_only=True):
    """L2 over the weights of one block that two checkpoints share."""

    l2: Square


class Matrix(Record, frozen=True, kw_only=True):
    """Distances of all `members`, in their order, by component, and by component and block.

    What could not be compared is None, and named in `excluded`.
    """

    members: tuple[str, ...]
    components: dict[str, ComponentDistances]
    blocks: dict[str, dict[str, BlockDistances]]
    excluded: tuple[Excluded, ...]
