"""Lineages: which model was made from which, and how certain that is."""

from typing import Literal

from generator.records.base import Record
from generator.records.findings import Ranks


class BlockRecipe(Record):
    """The mix within one block; see `Recipe`.

    None if the parents are equal in this block, so that every mix is the same.
    """

    name: str
    weights: tuple[float | None, ...]
    residual: float | None


# An added difference is A + w(B - C).
MixForm = Literal["mix", "add difference"]
# The rule that a mix fails: see `Recipe`.
Rule = Literal["", "residual", "simpler", "parts", "plane", "many", "line", "order"]


class Recipe(Record):
    """The mix of `parents` that is nearest to `target` in one component.

    `parents` are ordered by weight, the largest first, and in group order if weights are equal to
    two decimals; for an `add difference` they are A, B and C. `weights` has one weight per parent,
    with sum 1; for an `add difference` A + w(B - C) they are 1, w, -w. `residual` is the distance
    from the target to the mix, divided by the largest distance between two parents;
    `residual_by_block` is the same with separate weights per block, which are in `blocks`.
    `by_block`: only separate weights reproduce the target.

    `verdict`: `merge` of the parents; `interpolation` between a parent and another parent that
    descends from it; `between`: it is unknown whether target or parents came first, or other mixes
    of as many parents are the same; `none`: the best mix, not claimed. `failed` is then the first
    rule that it fails: the `residual` is too large; a `simpler` explanation is as near; it is near
    in only a few `parts`; others are in the `plane` of its parents; `many` other mixes are as near;
    others are on one `line` with it; or it is not clear which of these was made from the others
    (`order`).
    """

    target: str
    parents: tuple[str, ...]
    form: MixForm
    verdict: Literal["merge", "interpolation", "between", "none"]
    weights: tuple[float, ...]
    residual: float
    residual_by_block: float
    by_block: bool
    blocks: tuple[BlockRecipe, ...]
    failed: Rule = ""


class Root(Record):
    """The root of a family, and the rule that chose it.

    `rule`: the `declared` reference of the group; by `norms`, which grow with each training step;
    or the `centre` (medoid), which is not evidence of who came first. `support` is the mean, over
    the other members, of the growth of the squared norm from the root divided by the squared
    distance: 1 if all changes are independent of the earlier weights. None if norms are unknown or
    there is no other member.
    """

    name: str
    rule: Literal["declared", "norms", "centre"]
    support: float | None


Relation = Literal["root", "descends", "mix", "near", "related", "unrelated"]


class LineageNode(Record):
    """One model of a family. `copies` are other members with the same weights; `name` is the one
    that metadata or a known history call a parent, if any.

    `relation` is what is claimed. `root`: all others of the family descend from it. `descends`:
    from its one parent, directly or not. `mix`: of its `parents`, in the order of its `Recipe`; or,
    without parents, of the members that it `involves` and others that are not known. `near`: it
    differs from another by rounding only. `related`: of one family, order unknown. `unrelated`: no
    relative here.

    `parents` holds claims only. `near` is the neighbour in the minimum spanning tree, on the side
    of the root or centre, if it is not a claimed parent; twins that differ by rounding are
    neighbours. `distances` are those to the parents, else to `near`.
    `runner_up` is the next nearest possible parent, and `certainty` is its distance divided by the
    parent's: 1 is a draw. Both are missing for a model of an archive that lacks one of its
    distances. `alternatives` are the nearest members where no parent is claimed.
    """

    name: str
    copies: tuple[str, ...]
    relation: Relation
    parents: tuple[str, ...]
    involves: tuple[str, ...] = ()
    near: str = ""
    distances: tuple[float, ...]
    runner_up: str = ""
    certainty: float | None = None
    alternatives: tuple[str, ...] = ()

    @property
    def tied_to(self) -> tuple[str, ...]:
        """The members beside which it is drawn: its parents, else the nearest."""
        return self.parents or ((self.near,) if self.near else ())


class ModelLine(Record):
    """Four or more models on one line, from one end to the other: each is a mix of any two around
    it, so the real parents are unknown.

    `deviation` is the largest distance of a model from the line, divided by its length.
    """

    members: tuple[str, ...]
    deviation: float


class Lineage(Record):
    """The descent in one component: a tree per family, whose merges join branches.

    `nodes` are ordered with parents first. `left_out`: members that cannot be compared with these.
    `lines`: models on one line.
    """

    roots: tuple[Root, ...]
    nodes: tuple[LineageNode, ...]
    left_out: tuple[str, ...]
    lines: tuple[ModelLine, ...] = ()

    def node_of(self, member: str) -> LineageNode | None:
        """The model that a member holds; None if it was not compared."""
        return next((one for one in self.nodes if member in (one.name, *one.copies)), None)

    def made_from(self, model: str) -> tuple[str, ...]:
        """The models that are claimed to descend from this one, or to be mixed from it."""
        return tuple(one.name for one in self.nodes if model in (*one.parents, *one.involves))

    @property
    def unrelated(self) -> tuple[str, ...]:
        """Models without a relative."""
        return tuple(node.name for node in self.nodes if node.relation == "unrelated")

    @property
    def starts(self) -> tuple[str, ...]:
        """Where the drawing of each family begins: its root, or its most central model."""
        return tuple(node.name for node in self.nodes if not node.tied_to)

    @property
    def directed(self) -> bool:
        """Whether the root of every family of two or more is known."""
        relations = {node.relation for node in self.nodes if not node.tied_to}
        return relations <= {"root", "unrelated"}


class IdentityClass(Record):
    """Checkpoints with the same component.

    `how`: the same `bytes`; `float16` or `bfloat16`: equal values after rounding to that format;
    `distance`: no compared value differs.
    """

    component: str
    how: Literal["bytes", "float16", "bfloat16", "distance"]
    members: tuple[str, ...]


class DeclaredCheck(Record):
    """The check of a declared recipe: the best mix of the declared `parents` in the declared form;
    see `Recipe`.

    It `agrees` if the mix is near (with separate weights per block) and weights declared for the
    whole component are within 0.01.
    """

    component: str
    parents: tuple[str, ...]
    form: MixForm
    weights: tuple[float, ...]
    residual: float
    residual_by_block: float
    verdict: Literal["agrees", "contradicts"]


class DeclaredRecipe(Record):
    """The merge recipe in a file's metadata, unverified.

    `models`, `method` and `weights` are as written there, empty if missing. `check` is None if the
    models are not all members, or not all compared.
    """

    checkpoint: str
    source: str
    method: str
    models: tuple[str, ...]
    weights: str
    check: DeclaredCheck | None = None


class NamedMix(Record):
    """Weights by parent with sum 1, and the residual; see `Recipe`.

    None if the parents are equal.
    """

    weights: dict[str, float | None]
    residual: float | None


class NamedBlock(NamedMix):
    """The mix within one block."""

    name: str


NamedVerdict = Literal[
    "merge",
    "interpolation",
    "between",
    "add difference",
    "extrapolation",
    "copy",
    "whole blocks",
    "swapped values",
    "dropped values",
    "elected values",
    "adapters",
    "none",
]


class LowRankChange(Record):
    """A change of low rank that the target differs by from one checkpoint."""

    parent: str
    ranks: Ranks


class MaskedBlock(Record):
    """The share of the changes of each parent that one block kept."""

    name: str
    kept: dict[str, float]


class MaskedSum(Record):
    """A target each of whose values is that of the `base` plus some of the changes of the others,
    times their `factors`: all that were kept, or, if `elected`, their mean.

    `kept` is the share of the changes that are in the target; `explained` the share of values that
    are such a sum, of those where this can be told.
    """

    base: str
    factors: dict[str, float]
    kept: dict[str, float]
    explained: float
    blocks: tuple[MaskedBlock, ...]


class NamedRecipe(Record):
    """Result of `atlas recipe`: the mix of the given parents that is nearest to the target.

    `verdict`: `merge`, `interpolation` and `between` as in `Recipe`, decided by norms; `add
    difference`, A + w(B - C); `extrapolation`, beyond the parents; `copy` of one of them except for
    a small part; `whole blocks`, each of which is that of one parent, as after a swap, or in the
    model that the parents were trained from, each in other blocks; `swapped values`, each that of
    one of two parents; `dropped values` and `elected values`, each that of one parent plus some of
    the changes of the others, or their mean (`masked`); `adapters`, of the checkpoints with the
    `adapters` added at their weights, which are not among those that sum to 1; or `none`. Not
    `unique`: other weights are as near, because parents are equal (`twins`) or one of them is a mix
    of others; these weights are the smallest. Blocks are `not_comparable` if all shapes in them
    differ; where some do, the other tensors count. `low_rank` is looked for if the verdict is
    `none`: the difference from the parent of the largest weight, if its rank is low.
    """

    target: str
    parents: tuple[str, ...]
    component: str
    verdict: NamedVerdict
    unique: bool
    whole: NamedMix
    blocks: tuple[NamedBlock, ...]
    not_comparable: tuple[str, ...] = ()
    twins: tuple[tuple[str, str], ...] = ()
    adapters: tuple[str, ...] = ()
    low_rank: LowRankChange | None = None
    masked: MaskedSum | None = None


class KnownOrigin(Record):
    """The declared true origin of one member of a group; see `atlas demo`.

    `shares` are the weights of the parents, `block_shares` those of the second parent by block.
    """

    name: str
    kind: str
    parents: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    block_shares: dict[str, float] | None = None


class HistoryRow(Record):
    """The true and the found origin of one member in one component.

    `kind`: `base`, `copy`, `fine-tune`, `merge`, `block merge`, `add difference`. The parent of a
    copy is its source. `weight_error` is the largest error of a parent's weight in any block, None
    if the member is not a mix or was not found.
    """

    member: str
    kind: str
    parents: tuple[str, ...]
    found: tuple[str, ...]
    right: bool
    weight_error: float | None


class History(Record):
    """The true and the found history of one component."""

    rows: tuple[HistoryRow, ...]

    def count(self, *kinds: str) -> tuple[int, int]:
        """The number of members of these kinds whose origin was found correctly, and their
        total."""
        rows = [row for row in self.rows if row.kind in kinds]
        return sum(row.right for row in rows), len(rows)
