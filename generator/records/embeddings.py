"""Maps of what text encoders make of a set of prompts."""

from typing import Literal

from generator.records.base import Count, Record, ResultRecord
from generator.records.matrices import Excluded
from generator.records.omissions import Omission


class MappedPrompt(Record, frozen=True, kw_only=True):
    """One prompt; `tokens` counts those of its whole text, start and end included.

    Once for each reference of the map, in their order, as tokenizers differ. Where there are more
    than 77 the text was cut.
    """

    text: str
    category: str
    tokens: tuple[Count, ...]


class EncoderMember(Record, frozen=True, kw_only=True):
    """A text encoder's place: a checkpoint of the catalogue, and the component in it."""

    checkpoint: str
    component: str


class MappedEncoder(Record, frozen=True, kw_only=True):
    """One text encoder, and all `members` that hold it, to the last bit.

    `reference` is the number of the encoder that it is compared with: its own where it is one.
    `released_width` is that of the released network of its name, which a toy's `width` is not.
    `projected` is 0 where there is no projection. `padding` is the token behind a prompt's end.
    """

    network: str
    label: str
    layers: Count
    width: Count
    released_width: Count
    heads: Count
    projected: Count
    padding: Count
    members: tuple[EncoderMember, ...]
    reference: Count
    digest: str


class VectorKind(Record, frozen=True, kw_only=True):
    """A way of making a vector of a prompt."""

    id: str
    label: str
    description: str


class EncoderSpace(Record, frozen=True, kw_only=True):
    """The vectors of one kind that one encoder gives.

    `explained` are the shares of the variance along the two axes of its own map; `shared` the
    share that lies in the plane of the reference's map. `moved_mean` and `moved_largest` are
    cosine distances of prompts from the same prompts in the reference; `most_moved` the numbers of
    those that moved most, the farthest first, empty if none moved. `silhouette` is None where
    categories cannot be told apart.
    """

    encoder: Count
    kind: str
    dimensions: Count
    explained: tuple[float, float]
    shared: float
    moved_mean: float
    moved_largest: float
    most_moved: tuple[Count, ...]
    silhouette: float | None
    silhouettes: dict[str, float]


class Likeness(Record, frozen=True, kw_only=True):
    """How alike the spaces of two encoders are: linear CKA, and Procrustes' disparity.

    Both from 0 to 1, blind to rotation and scale; None where all vectors of one are equal.
    """

    kind: str
    a: Count
    b: Count
    cka: float | None
    procrustes: float | None


class EmbeddingMap(ResultRecord, frozen=True, kw_only=True):
    """What the text encoders of a group make of a set of prompts.

    Beside it lie `ID.points.parquet` (`generator.records.point_tables`) and, where they are not
    too large, `ID.distances.parquet` and `ID.vectors.safetensors`; `omitted` says what was too
    large, or has nothing to be compared with.
    `categories` are in the order of the prompt set. `repeated` tells which prompts were there
    twice; `refused` which encoders are damaged or not understood, `tensor` being the component, or
    empty for a whole checkpoint; `left_out` which are not there for no fault of theirs.
    """

    prompt_set: str
    name: str
    description: str
    group: str
    group_name: str
    prompts: tuple[MappedPrompt, ...]
    categories: tuple[str, ...]
    repeated: tuple[str, ...]
    encoders: tuple[MappedEncoder, ...]
    kinds: tuple[VectorKind, ...]
    spaces: tuple[EncoderSpace, ...]
    likenesses: tuple[Likeness, ...]
    refused: tuple[Excluded, ...]
    left_out: tuple[Excluded, ...]
    omitted: tuple[Omission, ...]
    versions: dict[str, str]
    schema: Literal[2] = 2

    @property
    def references(self) -> tuple[int, ...]:
        """The numbers of the encoders that others, or they alone, are compared with."""
        return tuple(sorted({encoder.reference for encoder in self.encoders}))
