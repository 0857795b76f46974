"""Groups of compared checkpoints, and pairs."""

from typing import Literal

from generator.records.arrangements import Arrangement
from generator.records.base import Record, ResultRecord
from generator.records.checkpoints import RefusedCheckpoint
from generator.records.comparisons import Comparison, ComponentVerdict
from generator.records.findings import Finding
from generator.records.lineage import (
    DeclaredRecipe,
    History,
    IdentityClass,
    KnownOrigin,
    Lineage,
    Recipe,
)


class GroupComponent(Record, frozen=True, kw_only=True):
    """Results for one component of a group.

    `arrangement` and `lineage` are None if fewer than two members can be compared. `recipes` holds
    claimed recipes by target, and the best candidates for the others; `identities` are members with
    the same weights. `history` compares with a known history.
    """

    name: str
    arrangement: Arrangement | None
    lineage: Lineage | None = None
    recipes: tuple[Recipe, ...] = ()
    identities: tuple[IdentityClass, ...] = ()
    history: History | None = None


class Group(ResultRecord, frozen=True, kw_only=True):
    """Checkpoints that are all compared with each other.

    `members` are ids of checkpoints (names, in an imported archive) in the order of all arrays;
    `reference` is one of them or empty. Beside it lies `ID.safetensors` with the sums by component,
    block and kind, from which every distance follows. `findings` are sorted, the most informative
    first; `declared` holds the recipes in the files' metadata, `truth` how the members were made,
    where known.
    """

    name: str
    members: tuple[str, ...]
    reference: str
    metrics: tuple[str, ...]
    origin: Literal["measured", "imported"]
    components: tuple[GroupComponent, ...]
    refused: tuple[RefusedCheckpoint, ...]
    findings: tuple[Finding, ...] = ()
    declared: tuple[DeclaredRecipe, ...] = ()
    truth: tuple[KnownOrigin, ...] = ()
    schema: Literal[3] = 3


class Pair(ResultRecord, frozen=True, kw_only=True):
    """Two checkpoints of the catalogue, `a` and `b`, compared tensor by tensor.

    `comparison` is that of `atlas compare`, without its tensors: they are the rows of
    `ID.tensors.parquet` beside it. `verdicts` cover every component that A or B has; `findings` are
    sorted, the most informative first.
    """

    name: str
    a: str
    b: str
    comparison: Comparison
    verdicts: tuple[ComponentVerdict, ...] = ()
    findings: tuple[Finding, ...] = ()
    schema: Literal[3] = 3
