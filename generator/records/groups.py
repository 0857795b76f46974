"""Groups of checkpoints compared with one another, and pairs."""

from typing import Literal

from generator.records.arrangements import Arrangement
from generator.records.base import Record, ResultRecord
from generator.records.checkpoints import RefusedCheckpoint
from generator.records.comparisons import Comparison


class GroupComponent(Record, frozen=True, kw_only=True):
    """What is known of a group in one component.

    `arrangement` is None where fewer than two members can be compared.
    """

    name: str
    arrangement: Arrangement | None


class Group(ResultRecord, frozen=True, kw_only=True):
    """Checkpoints compared with one another.

    `members` are ids of checkpoints (names, in an imported archive) in the order of all arrays;
    `reference` is one of them or empty. Beside it lies `ID.safetensors` with the sums by component,
    block and kind from which every distance follows.
    """

    name: str
    members: tuple[str, ...]
    reference: str
    metrics: tuple[str, ...]
    origin: Literal["measured", "imported"]
    components: tuple[GroupComponent, ...]
    refused: tuple[RefusedCheckpoint, ...]
    schema: Literal[1] = 1


class Pair(ResultRecord, frozen=True, kw_only=True):
    """Two checkpoints of the catalogue, `a` and `b`, compared tensor by tensor.

    `comparison` is that of `atlas compare`, but for its tensors: they are the rows of
    `ID.tensors.parquet` beside it.
    """

    name: str
    a: str
    b: str
    comparison: Comparison
    schema: Literal[1] = 1
