"""What the data say about a group or a pair: codes, subjects and figures.

`generator.text.findings` has the sentence of each kind.
"""

from typing import Literal, get_args

from generator.records.base import Coded, Record

# Each from the most telling on.
GroupKind = Literal[
    "merge",
    "merge_by_block",
    "add_difference",
    "interpolation",
    "between",
    "difference_of_any",
    "line",
    "declared_otherwise",
    "declared_weights",
    "chain",
    "unrelated",
    "same_in_all",
    "different_ones",
    "copies",
    "decoder_only",
    "one_part_changed",
    "partly_changed",
    "all_changed",
    "concentrated_in_block",
    "concentrated_in_kind",
    "no_geometry",
]
PairKind = Literal[
    "same",
    "same_in_both",
    "unrelated",
    "precision",
    "other_dtypes",
    "identical",
    "decoder_only",
    "one_part_changed",
    "partly_changed",
    "all_changed",
    "concentrated_in_block",
    "concentrated_in_kind",
    "renamed",
    "ema_left_out",
    "ema_is_the_model",
    "only_in_one",
    "tables_left_out",
    "reshaped",
]
GROUP_KINDS: tuple[GroupKind, ...] = get_args(GroupKind)
PAIR_KINDS: tuple[PairKind, ...] = get_args(PairKind)


class Mixed(Coded, frozen=True, kw_only=True, omit_defaults=True):
    """Weights of the parents, and the residual; see `Recipe`. `least` and `most` are those of the
    last parent in the `blocks` where parents differ."""

    weights: tuple[float, ...]
    residual: float
    least: float | None = None
    most: float | None = None
    blocks: int = 0


class OnLine(Coded, frozen=True, kw_only=True):
    """See `ModelLine`."""

    deviation: float


class Descent(Coded, frozen=True, kw_only=True):
    """How it is known who came first, and the least `certainty` of a step; see `LineageNode`."""

    rule: Literal["declared", "norms", "centre"]
    certainty: float


class Families(Coded, frozen=True, kw_only=True):
    """Members of each family."""

    sizes: tuple[int, ...]


class ContentCounts(Coded, frozen=True, kw_only=True):
    """How many members have a component, and how many different ones they hold."""

    members: int
    different: int


class Copies(Coded, frozen=True, kw_only=True):
    """How many hold the same; `how` as in `IdentityClass`."""

    how: Literal["bytes", "float16", "bfloat16", "distance"]
    members: int


class Change(Coded, frozen=True, kw_only=True, omit_defaults=True):
    """How many of the tensors differ, and how far; `part` is the one block that does, if so."""

    changed: int
    tensors: int
    l2: float
    part: str = ""


class Concentration(Coded, frozen=True, kw_only=True, omit_defaults=True):
    """The part with the largest share of the change for its share of the parameters. `steps` are
    those of a lineage."""

    part: str
    change: float
    parameters: float
    steps: int = 0


class Triples(Coded, frozen=True, kw_only=True):
    """Triples of distances that break the triangle inequality."""

    triples: int


class Tensors(Coded, frozen=True, kw_only=True, omit_defaults=True):
    """How many tensors it is about, and, where it says so, their elements and how many more each
    of the two holds."""

    tensors: int
    elements: int | None = None
    only_a: int | None = None
    only_b: int | None = None


class Cosine(Coded, frozen=True, kw_only=True):
    """The cosine of the angle between two components."""

    tensors: int
    elements: int
    cosine: float


class Rounded(Coded, frozen=True, kw_only=True):
    """The format in which two components are equal."""

    tensors: int
    elements: int
    format: Literal["float16", "bfloat16"]


class Nothing(Coded, frozen=True, kw_only=True):
    """No figures: the kind says it all."""


FindingFigures = (
    Mixed
    | OnLine
    | Descent
    | Families
    | ContentCounts
    | Copies
    | Change
    | Concentration
    | Triples
    | Tensors
    | Cosine
    | Rounded
    | Nothing
)


class Finding(Record, frozen=True, kw_only=True):
    """Something that the data say: which kind of statement, of whom, with which figures.

    `component` is empty where it is about all. `subjects` are checkpoints, in the order in which
    the sentence of this `kind` names them.
    """

    kind: GroupKind | PairKind
    component: str
    subjects: tuple[str, ...]
    figures: FindingFigures


# The figures of each kind.
GROUP_FIGURES: dict[GroupKind, type[FindingFigures]] = {
    "merge": Mixed,
    "merge_by_block": Mixed,
    "add_difference": Mixed,
    "interpolation": Mixed,
    "between": Mixed,
    "difference_of_any": Mixed,
    "line": OnLine,
    "declared_otherwise": Mixed,
    "declared_weights": Mixed,
    "chain": Descent,
    "unrelated": Families,
    "same_in_all": ContentCounts,
    "different_ones": ContentCounts,
    "copies": Copies,
    "decoder_only": Nothing,
    "one_part_changed": Change,
    "partly_changed": Change,
    "all_changed": Change,
    "concentrated_in_block": Concentration,
    "concentrated_in_kind": Concentration,
    "no_geometry": Triples,
}
PAIR_FIGURES: dict[PairKind, type[FindingFigures]] = {
    "same": Tensors,
    "same_in_both": Tensors,
    "unrelated": Cosine,
    "precision": Rounded,
    "other_dtypes": Tensors,
    "identical": Tensors,
    "decoder_only": Change,
    "one_part_changed": Change,
    "partly_changed": Change,
    "all_changed": Change,
    "concentrated_in_block": Concentration,
    "concentrated_in_kind": Concentration,
    "renamed": Tensors,
    "ema_left_out": Tensors,
    "ema_is_the_model": Tensors,
    "only_in_one": Tensors,
    "tables_left_out": Tensors,
    "reshaped": Tensors,
}
