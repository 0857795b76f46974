"""What a checkpoint's user should know about it: one record per code, with its fields.

`generator.text.coded` has the sentences.
"""

from generator.records.base import Coded, Record


class ShapeDifference(Record, frozen=True, kw_only=True):
    """A weight whose shape is not that of the network, `usual`."""

    name: str
    shape: tuple[int, ...]
    usual: tuple[int, ...]


class AnyAnomaly(Coded, frozen=True, kw_only=True):
    """What all have: `tensors` are the first few concerned, as the file calls them; `count` is how
    many there are. `component` is empty where it is the file as a whole."""

    component: str
    tensors: tuple[str, ...] = ()
    count: int = 0


class BadChecksum(AnyAnomaly, frozen=True, kw_only=True):
    """Members of the zip archive do not have their CRC-32."""


class NotFinite(AnyAnomaly, frozen=True, kw_only=True):
    """So many values are NaN, so many infinite."""

    nans: int
    infinities: int


class DamagedPositionIds(AnyAnomaly, frozen=True, kw_only=True):
    """`wrong` of CLIP's position ids do not count up; the first of them are at `places`."""

    wrong: int
    places: tuple[int, ...]


class UnknownNetwork(AnyAnomaly, frozen=True, kw_only=True):
    """Of the weights of `nearest` so many are missing; so many are extra."""

    nearest: str
    missing: int
    extra: int


class OtherShapes(AnyAnomaly, frozen=True, kw_only=True):
    """The names are those of `network`, some shapes are not."""

    network: str
    differences: tuple[ShapeDifference, ...]


class MissingComponent(AnyAnomaly, frozen=True, kw_only=True):
    """The component is not in the file, and images cannot be made without one."""


class DuplicateWeight(AnyAnomaly, frozen=True, kw_only=True):
    """Other tensors hold these weights already."""


class SharedStorage(AnyAnomaly, frozen=True, kw_only=True):
    """These tensors lie on bytes of tensors before them."""


class UnmeasuredDtype(AnyAnomaly, frozen=True, kw_only=True):
    """Values of this dtype are not measured."""

    dtype: str


class MixedDtypes(AnyAnomaly, frozen=True, kw_only=True):
    """The weights of the component are of several dtypes."""

    dtypes: tuple[str, ...]


class TruncatedPrecision(AnyAnomaly, frozen=True, kw_only=True):
    """Every value stored as `dtype` fits into `fits`, which is coarser."""

    dtype: str
    fits: str


class AllZero(AnyAnomaly, frozen=True, kw_only=True):
    """Weights of nothing but zeros."""


class Ema(AnyAnomaly, frozen=True, kw_only=True):
    """An averaged copy of the denoiser, of so many bytes."""

    nbytes: int


class OptimizerState(AnyAnomaly, frozen=True, kw_only=True):
    """What training left behind, of so many bytes."""

    nbytes: int


Anomaly = (
    BadChecksum
    | NotFinite
    | DamagedPositionIds
    | UnknownNetwork
    | OtherShapes
    | MissingComponent
    | DuplicateWeight
    | SharedStorage
    | UnmeasuredDtype
    | MixedDtypes
    | TruncatedPrecision
    | AllZero
    | Ema
    | OptimizerState
)
