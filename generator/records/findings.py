"""Findings about a group or a pair: codes, subjects and figures.

`generator.text.findings` has the sentence of each kind.
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from generator.records.base import Coded, Record
from generator.records.checks import require

# Each list starts with the most informative kind.
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
    "changes_differ",
    "low_rank",
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


class Mixed(Coded, omit_defaults=True):
    """Weights of the parents, and the residual; see `Recipe`. `least` and `most` are the bounds of
    the last parent's weight in the `blocks` where the parents differ."""

    weights: tuple[float, ...]
    residual: float
    least: float | None = None
    most: float | None = None
    blocks: int = 0


class OnLine(Coded):
    """See `ModelLine`."""

    deviation: float


class Descent(Coded):
    """The rule that chose the root, and the least `certainty` of a step; see `Root`,
    `LineageNode`."""

    rule: Literal["declared", "norms", "centre"]
    certainty: float


class Families(Coded):
    """Number of members of each family."""

    sizes: tuple[int, ...]


class ContentCounts(Coded):
    """Numbers of members with a component, and of its different contents."""

    members: int
    different: int


class Copies(Coded):
    """Number of members that hold the same; `how` as in `IdentityClass`."""

    how: Literal["bytes", "float16", "bfloat16", "distance"]
    members: int


class Change(Coded, omit_defaults=True):
    """Number of tensors that differ, and their distance; `part` is the block, if only one
    differs."""

    changed: int
    tensors: int
    l2: float
    part: str = ""


class ChangesApart(Coded):
    """L2 distance and cosine of the changes that two adapters make."""

    l2: float
    cosine: float


class Concentration(Coded, omit_defaults=True):
    """The part whose share of the change is largest relative to its share of the parameters.
    `steps`: the number of steps of a lineage."""

    part: str
    change: float
    parameters: float
    steps: int = 0


class Triples(Coded):
    """Number of triples of distances that break the triangle inequality."""

    triples: int


class Tensors(Coded, omit_defaults=True):
    """Number of tensors concerned and, for some kinds, of their elements and of the tensors that
    only A or only B has."""

    tensors: int
    elements: int | None = None
    only_a: int | None = None
    only_b: int | None = None


class Cosine(Coded):
    """The cosine of the angle between two components."""

    tensors: int
    elements: int
    cosine: float


class Rounded(Coded):
    """The format in which two components are equal after rounding."""

    tensors: int
    elements: int
    format: Literal["float16", "bfloat16"]


class Ranks(Coded):
    """A change of low rank, as by a LoRA: `low` of the `matrices` that changed have ranks
    from `smallest` to `largest`, and are of these `kinds`."""

    matrices: int
    low: int
    smallest: int
    largest: int
    kinds: tuple[str, ...]


class Nothing(Coded):
    """No figures: the kind is enough."""


FindingFigures = (
    Mixed
    | OnLine
    | Descent
    | Families
    | ContentCounts
    | Copies
    | Change
    | ChangesApart
    | Concentration
    | Triples
    | Tensors
    | Cosine
    | Rounded
    | Ranks
    | Nothing
)


class Finding(Record):
    """One finding: its kind, the checkpoints it is about, and its figures.

    `component` is empty if it is about all components. `subjects` are checkpoints, in the order in
    which the sentence of this `kind` names them.
    """

    kind: GroupKind | PairKind
    component: str
    subjects: tuple[str, ...]
    figures: FindingFigures

    def check(self, figures: Mapping[Any, type[FindingFigures]]) -> None:
        """Raise `ValueError` unless it has the `figures` of its kind."""
        right = type(self.figures) is figures.get(self.kind)
        require(right, f"finding {self.kind} has other figures")
        if isinstance(self.figures, Mixed):
            weights = len(self.figures.weights)
            require(weights > 0, f"finding {self.kind} has no weights")
            of_three = self.kind not in ("add_difference", "difference_of_any") or weights == 3
            same = len(self.subjects) == 1 + weights
            require(of_three and same, f"finding {self.kind}: weights are not one for each parent")


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
    "changes_differ": ChangesApart,
    "low_rank": Ranks,
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
