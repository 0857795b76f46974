"""Anomalies of a checkpoint: one record per code, with its fields.

`generator.text.coded` has the sentences.
"""

from generator.records.base import Coded, Record


class ShapeDifference(Record):
    """A weight whose shape differs from `usual`, the shape in the network."""

    name: str
    shape: tuple[int, ...]
    usual: tuple[int, ...]


class AnyAnomaly(Coded):
    """Fields of every anomaly. `tensors` are the keys, as in the file, of the first tensors
    concerned; `count` is the number of all of them. `component` is empty if the anomaly concerns
    the whole file."""

    component: str
    tensors: tuple[str, ...] = ()
    count: int = 0


class BadChecksum(AnyAnomaly):
    """Members of the zip archive whose CRC-32 does not match."""


class OtherHash(AnyAnomaly):
    """The hash of its tensors in a file's metadata, and the one that they have (AutoV3)."""

    key: str
    stated: str
    found: str


class NotFinite(AnyAnomaly):
    """Numbers of NaN and of infinite values."""

    nans: int
    infinities: int


class DamagedPositionIds(AnyAnomaly):
    """`wrong` of CLIP's position ids do not count up; `places` lists the first of them."""

    wrong: int
    places: tuple[int, ...]


class UnknownNetwork(AnyAnomaly):
    """Unknown network: numbers of weights of the network `nearest` that are missing, and of extra
    ones."""

    nearest: str
    missing: int
    extra: int


class NoNetwork(AnyAnomaly):
    """The component is near to no known network; its first tensors are listed."""


class OtherShapes(AnyAnomaly):
    """The names match `network`, but some shapes differ."""

    network: str
    differences: tuple[ShapeDifference, ...]


class MissingComponent(AnyAnomaly):
    """The file lacks this component, and images cannot be made without one."""


class DuplicateWeight(AnyAnomaly):
    """Other tensors already hold these weights."""


class SharedStorage(AnyAnomaly):
    """The bytes of these tensors overlap those of earlier tensors."""


class UnmeasuredDtype(AnyAnomaly):
    """Tensors of this dtype are not measured."""

    dtype: str


class MissingScale(AnyAnomaly):
    """Weights of float8 without a scale, in a component whose other float8 weights have one."""


class MixedDtypes(AnyAnomaly):
    """The matrices of the component have several dtypes, and none is quantised."""

    dtypes: tuple[str, ...]


class TruncatedPrecision(AnyAnomaly):
    """Every value stored as `dtype` fits into the coarser dtype `fits`."""

    dtype: str
    fits: str


class AllZero(AnyAnomaly):
    """Weights with only zeros."""


class Ema(AnyAnomaly):
    """An averaged (EMA) copy of the denoiser, and its size in bytes."""

    nbytes: int


class OptimizerState(AnyAnomaly):
    """Data left over from training, and their size in bytes."""

    nbytes: int


Anomaly = (
    BadChecksum
    | OtherHash
    | NotFinite
    | DamagedPositionIds
    | UnknownNetwork
    | NoNetwork
    | OtherShapes
    | MissingComponent
    | DuplicateWeight
    | SharedStorage
    | UnmeasuredDtype
    | MissingScale
    | MixedDtypes
    | TruncatedPrecision
    | AllZero
    | Ema
    | OptimizerState
)
