"""Reasons for not comparing, refusing or leaving out something: one record per code, with fields.

`generator.text.coded` has the sentence of each.
"""

from msgspec import field

from generator.errors import Field
from generator.records.base import Coded

# For compared checkpoints.


class NotInFile(Coded, frozen=True, kw_only=True):
    """The checkpoint lacks it."""


class InNoOther(Coded, frozen=True, kw_only=True):
    """No other checkpoint has this component."""


class OtherNetwork(Coded, frozen=True, kw_only=True):
    """The component is nearest to `network`, but that of most others (or of the other checkpoint)
    is nearest to `usual_network`. An unknown network is empty."""

    network: str
    usual_network: str


class NotAWeight(Coded, frozen=True, kw_only=True):
    """Not a weight: a counter or a table, of this dtype."""

    dtype: str


class NotUnpacked(Coded, frozen=True, kw_only=True):
    """Quantised in a way that is not read: `quantisation` is its format."""

    quantisation: str


class OneSided(Coded, frozen=True, kw_only=True):
    """A weight in only one of the two; `a` and `b` are the dtypes in A and B."""

    a: str
    b: str


class OtherShape(Coded, frozen=True, kw_only=True):
    """Most others have the shape `usual`."""

    shape: tuple[int, ...]
    usual: tuple[int, ...]


class NonFinite(Coded, frozen=True, kw_only=True):
    """It has NaN or infinite values."""


class TooLarge(Coded, frozen=True, kw_only=True):
    """It has values whose squares overflow."""


class Away(Coded, frozen=True, kw_only=True):
    """The checkpoint's file was missing when the checkpoints in `joined` joined the group."""

    joined: tuple[str, ...]


# For published archives.


class OnlyZeros(Coded, frozen=True, kw_only=True):
    """Every distance is zero."""


class SameComponent(Coded, frozen=True, kw_only=True):
    """These parts of the archive are different names of one component."""

    parts: tuple[str, ...]


class UnnamedTensors(Coded, frozen=True, kw_only=True):
    """The part adds counters to weights."""


class UnknownPart(Coded, frozen=True, kw_only=True):
    """The part has an unknown name."""

    part: str


class NoDistance(Coded, frozen=True, kw_only=True):
    """The checkpoint is at distance zero from all others."""


class PairsAtZero(Coded, frozen=True, kw_only=True):
    """`count` pairs are at distance zero, but not equally far from the others."""

    count: int


class CounterOrTable(Coded, frozen=True, kw_only=True):
    """By its name, it is not a weight."""


class UnknownComponent(Coded, frozen=True, kw_only=True):
    """By its name, it belongs to no known component."""


class ShapesDiffer(Coded, frozen=True, kw_only=True):
    """The shapes differ; they are not recorded."""


class NothingShared(Coded, frozen=True, kw_only=True):
    """No tensor was compared with `other`."""

    other: str


class PartlyShared(Coded, frozen=True, kw_only=True):
    """`count` of `total` tensors are not in `other`."""

    count: int
    total: int
    other: str


class TooLittleShared(Coded, frozen=True, kw_only=True):
    """As `PartlyShared`, but too many to compare the component with `other`."""

    count: int
    total: int
    other: str


# For text encoders.


class NoTextEncoder(Coded, frozen=True, kw_only=True):
    """The checkpoint has no text encoder."""


class OtherEncoder(Coded, frozen=True, kw_only=True):
    """A text encoder, but not CLIP's; `network` is empty if unknown."""

    network: str


# For whole checkpoints.


class Unmeasured(Coded, frozen=True, kw_only=True):
    """It has no record."""


class FileGone(Coded, frozen=True, kw_only=True):
    """Its file is missing, and it was never compared."""


class FileChanged(Coded, frozen=True, kw_only=True):
    """Its file has changed since it was measured."""


class Unreadable(Coded, frozen=True, kw_only=True):
    """Its file was refused: code and fields of the reader's `CheckpointError`."""

    fault: str
    found: dict[str, Field] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.fault)


Reason = (
    NotInFile
    | InNoOther
    | OtherNetwork
    | NotAWeight
    | NotUnpacked
    | OneSided
    | OtherShape
    | NonFinite
    | TooLarge
    | Away
    | OnlyZeros
    | SameComponent
    | UnnamedTensors
    | UnknownPart
    | NoDistance
    | PairsAtZero
    | CounterOrTable
    | UnknownComponent
    | ShapesDiffer
    | NothingShared
    | PartlyShared
    | TooLittleShared
    | NoTextEncoder
    | OtherEncoder
    | Unmeasured
    | FileGone
    | FileChanged
    | Unreadable
)
