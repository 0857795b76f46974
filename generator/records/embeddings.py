"""Maps of a prompt set by text encoders."""

from typing import Literal

from generator.records.base import Count, Length, Record, ResultRecord, Share
from generator.records.checks import all_different, all_in, require
from generator.records.matrices import Excluded
from generator.records.omissions import Omission


class MappedPrompt(Record):
    """One prompt; `tokens` is the token count of its whole text, including start and end.

    One count per reference of the map, in order, because tokenizers differ. Texts of more than 77
    tokens were cut.
    """

    text: str
    category: str
    tokens: tuple[Count, ...]


class EncoderMember(Record):
    """A text encoder's location: a checkpoint of the catalogue, and the component in it."""

    checkpoint: str
    component: str


class MappedEncoder(Record):
    """One text encoder, and all `members` that hold it, bit for bit.

    `reference` is the number of the encoder that it is compared with; a reference has its own
    number. `released_width` is the width of the released network of its name; the demo family is
    narrower. `projected` is 0 without a projection. `padding` is the token after the end of a
    prompt.
    """

    network: str
    layers: Count
    width: Count
    released_width: Count
    heads: Count
    projected: Count
    padding: Count
    members: tuple[EncoderMember, ...]
    reference: Count
    digest: str


class EncoderSpace(Record):
    """The vectors of one kind of one encoder.

    `explained` are the shares of the variance along the two axes of the encoder's own map; `shared`
    is the share in the plane of the reference's map. `moved_mean` and `moved_largest` are cosine
    distances between prompts and the same prompts in the reference; `most_moved` lists the prompts
    that moved most, the farthest first, empty if none moved. `silhouette` is None unless there are
    two or more categories and one of them has several prompts.
    """

    encoder: Count
    kind: str
    dimensions: Count
    explained: tuple[Share, Share]
    shared: Share
    moved_mean: Length
    moved_largest: Length
    most_moved: tuple[Count, ...]
    silhouette: float | None
    silhouettes: dict[str, float]


class Likeness(Record):
    """Similarity of the spaces of two encoders: linear CKA, and Procrustes disparity.

    Both are from 0 to 1 and invariant to rotation and scale; None if all vectors of one are equal.
    """

    kind: str
    a: Count
    b: Count
    cka: Share | None
    procrustes: Share | None


class EmbeddingMap(ResultRecord):
    """A group's text encoders, compared on a set of prompts.

    Beside it lie `ID.points.parquet` (`generator.records.point_tables`) and, unless too large,
    `ID.distances.parquet` and `ID.vectors.safetensors`; `omitted` lists what was too large or has
    no counterpart to compare with. `kinds` are the ids of the ways of making a vector. `categories`
    are in the order of the prompt set. `repeated` lists prompts that occurred twice; `refused`
    lists encoders that are damaged or not understood, where `tensor` is the component, or empty for
    a whole checkpoint; `left_out` lists encoders of another kind.
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
    kinds: tuple[str, ...]
    spaces: tuple[EncoderSpace, ...]
    likenesses: tuple[Likeness, ...]
    refused: tuple[Excluded, ...]
    left_out: tuple[Excluded, ...]
    omitted: tuple[Omission, ...]
    versions: dict[str, str]
    schema: Literal[4] = 4

    @property
    def references(self) -> tuple[int, ...]:
        """The numbers of the reference encoders."""
        return tuple(sorted({encoder.reference for encoder in self.encoders}))

    def check(self) -> None:
        """See `ResultRecord`."""
        encoders = range(len(self.encoders))
        kinds = list(self.kinds)
        require(bool(kinds and encoders), "has no encoders or kinds of vectors")
        all_different(kinds, "kinds")
        all_different(self.categories, "categories")
        all_in({prompt.category for prompt in self.prompts}, self.categories, "prompts")
        for encoder in self.encoders:
            require(len(encoder.members) > 0, "encoders: one is in no checkpoint")
            all_in([encoder.reference], encoders, "encoders: reference")
            own = self.encoders[encoder.reference].reference
            require(own == encoder.reference, "encoders: a reference has another one")
        for prompt in self.prompts:
            same = len(prompt.tokens) == len(self.references)
            require(same, f"tokens of {prompt.text!r} are not one for each reference")
        spaces = [(space.encoder, space.kind) for space in self.spaces]
        all_different(spaces, "spaces")
        for space in self.spaces:
            all_in([space.encoder], encoders, "spaces: encoder")
            all_in([space.kind], kinds, "spaces: kind")
            all_in(space.most_moved, range(len(self.prompts)), "spaces: most_moved")
        for number in encoders:
            require(
                (number, kinds[0]) in spaces, f"spaces: encoder {number} has none of {kinds[0]}"
            )
        for one in self.likenesses:
            all_in([(one.a, one.kind), (one.b, one.kind)], spaces, "likenesses")
