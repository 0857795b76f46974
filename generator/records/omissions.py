"""What a map of prompts is without, as it would be too large or has nothing to be compared with.

One record per code; `generator.text.coded` has the sentences. `kind` is the id of a kind of
vectors.
"""

from generator.records.base import Coded


class TooManyPrompts(Coded, frozen=True, kw_only=True):
    """Distances of all pairs of prompts: there are more than `most` prompts."""

    most: int


class DistancesLeftOut(Coded, frozen=True, kw_only=True):
    """Distances of all pairs of prompts in `count` of the references: more than `most` in all."""

    kind: str
    count: int
    references: int
    most: int


class VectorsTooLarge(Coded, frozen=True, kw_only=True):
    """The vectors: they have more than `most` numbers."""

    numbers: int
    most: int


class KindTooLarge(Coded, frozen=True, kw_only=True):
    """One kind of vectors of one network: more than `most` numbers."""

    kind: str
    network: str
    prompts: int
    numbers: int
    most: int


class NoCounterpart(Coded, frozen=True, kw_only=True):
    """A kind of vectors of an encoder whose reference has none of this width. `reference_width` is
    0 where that has no projection."""

    kind: str
    component: str
    checkpoint: str
    reference_component: str
    reference_checkpoint: str
    width: int
    reference_width: int


class PairsLeftOut(Coded, frozen=True, kw_only=True):
    """CKA and Procrustes of `count` of `pairs` pairs, as there are more than `most` encoders."""

    count: int
    pairs: int
    most: int


Omission = (
    TooManyPrompts
    | DistancesLeftOut
    | VectorsTooLarge
    | KindTooLarge
    | NoCounterpart
    | PairsLeftOut
)
