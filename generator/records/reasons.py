"""Reasons for not comparing, refusing or leaving out something: one record per code, with fields.

`generator.text.coded` has the sentence of each.
"""

from msgspec import field

from generator.errors import Field
from generator.records.base import Coded

# For compared checkpoints.


class NotInFile(Coded):
    """The checkpoint lacks it."""


class InNoOther(Coded):
    """No other checkpoint has this component."""


class OtherNetwork(Coded):
    """The component is nearest to `network`, but that of most others (or of the other checkpoint)
    is nearest to `usual_network`. An unknown network is empty."""

    network: str
    usual_network: str


class ChangesOnly(Coded):
    """The component of an adapter, which holds changes of weights, beside weights."""


class NotAWeight(Coded):
    """Not a weight: a counter or a table, of this dtype."""

    dtype: str


class NotUnpacked(Coded):
    """Quantised in a way that is not read: `quantisation` is its format."""

    quantisation: str


class OneSided(Coded):
    """A weight in only one of the two; `a` and `b` are the dtypes in A and B."""

    a: str
    b: str


class OtherShape(Coded):
    """Most others have the shape `usual`."""

    shape: tuple[int, ...]
    usual: tuple[int, ...]


class NonFinite(Coded):
    """It has NaN or infinite values."""


class TooLarge(Coded):
    """It has values whose squares overflow."""


class Away(Coded):
    """The checkpoint's file was missing when the checkpoints in `joined` joined the group."""

    joined: tuple[str, ...]


# For published archives.


class OnlyZeros(Coded):
    """Every distance is zero."""


class SameComponent(Coded):
    """These parts of the archive are different names of one component."""

    parts: tuple[str, ...]


class UnnamedTensors(Coded):
    """The part adds counters to weights."""


class UnknownPart(Coded):
    """The part has an unknown name."""

    part: str


class NoDistance(Coded):
    """The checkpoint is at distance zero from all others."""


class PairsAtZero(Coded):
    """`count` pairs are at distance zero, but not equally far from the others."""

    count: int


class CounterOrTable(Coded):
    """By its name, it is not a weight."""


class UnknownComponent(Coded):
    """By its name, it belongs to no known component."""


class ShapesDiffer(Coded):
    """The shapes differ; they are not recorded."""


class NothingShared(Coded):
    """No tensor was compared with `other`."""

    other: str


class PartlyShared(Coded):
    """`count` of `total` tensors are not in `other`."""

    count: int
    total: int
    other: str


class TooLittleShared(Coded):
    """As `PartlyShared`, but too many to compare the component with `other`."""

    count: int
    total: int
    other: str


# For text encoders.


class NoTextEncoder(Coded):
    """The checkpoint has no text encoder."""


class OtherEncoder(Coded):
    """A text encoder, but not CLIP's; `network` is empty if unknown."""

    network: str


# For networks without a forward pass.


class InputsUnknown(Coded):
    """The arguments that a pipeline passes to this class (or to this variant) are not known."""

    class_name: str


class SizesUnknown(Coded):
    """The inputs cannot be sized: `detail` names the size."""

    detail: str


class ReadsValues(Coded):
    """The forward pass reads the values of a tensor, and without weights there are none."""


class PackageMissing(Coded):
    """The forward pass needs `package`, which is not installed."""

    package: str


class ForwardFailed(Coded):
    """The forward pass raised `error` (the name of its class) with `message`."""

    error: str
    message: str


class TraceTooLarge(Coded):
    """A trace of `nodes` calls would be too large a picture to read: more than `most`."""

    nodes: int
    most: int


# For whole checkpoints.


class Unmeasured(Coded):
    """It has no record."""


class FileGone(Coded):
    """Its file is missing, and it was never compared."""


class FileChanged(Coded):
    """Its file has changed since it was measured."""


class Unreadable(Coded):
    """Its file was refused: code and fields of the reader's `CheckpointError`."""

    fault: str
    found: dict[str, Field] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.fault)


Reason = (
    NotInFile
    | InNoOther
    | OtherNetwork
    | ChangesOnly
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
    | InputsUnknown
    | SizesUnknown
    | ReadsValues
    | PackageMissing
    | ForwardFailed
    | TraceTooLarge
    | Unmeasured
    | FileGone
    | FileChanged
    | Unreadable
)
