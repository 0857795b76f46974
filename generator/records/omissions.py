"""Parts missing from a prompt map: too large, or without a counterpart to compare with.

One record per code; `generator.text.coded` has the sentences. `kind` is the id of a kind of
vectors.
"""

from generator.records.base import Coded


class TooManyPrompts(Coded):
    """No distances of all pairs of prompts: there are more than `most` prompts."""

    most: int


class DistancesLeftOut(Coded):
    """No distances of all pairs of prompts in `count` of the references: more than `most` in
    all."""

    kind: str
    count: int
    references: int
    most: int


class VectorsTooLarge(Coded):
    """No vectors: they have more than `most` numbers."""

    numbers: int
    most: int


class KindTooLarge(Coded):
    """One kind of vectors of one network is missing: more than `most` numbers."""

    kind: str
    network: str
    prompts: int
    numbers: int
    most: int


class NoCounterpart(Coded):
    """A kind of vectors of an encoder whose reference has none of this width. `reference_width` is
    0 if the reference has no projection."""

    kind: str
    component: str
    checkpoint: str
    reference_component: str
    reference_checkpoint: str
    width: int
    reference_width: int


class PairsLeftOut(Coded):
    """No CKA and Procrustes of `count` of `pairs` pairs: there are more than `most` encoders."""

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
