"""Who was made from what, and how sure that is."""

from typing import Literal

from generator.records.base import Record


class BlockRecipe(Record, frozen=True, kw_only=True):
    """The mix within one block; see `Recipe`.

    None where the parents do not differ in this block, so that every mix is the same.
    """

    name: str
    weights: tuple[float | None, ...]
    residual: float | None


# Which rule a mix does not meet: see `Recipe`.
Rule = Literal["", "residual", "simpler", "parts", "plane", "many", "line", "order", "reference"]


class Recipe(Record, frozen=True, kw_only=True):
    """The mix of `parents` that is nearest to `target` in one component.

    `parents` come by weight, the largest first, and in the order of the group where weights are the
    same to two decimals; of an `add difference` they are A, B and C.
    `weights` are one for each parent, and sum to 1; those of an `add difference` A + w(B - C) are
    1, w, -w. `residual` is the distance from the target to the mix, divided by the largest distance
    between two parents; `residual_by_block` is the same where each block has weights of its own,
    which are in `blocks`. `by_block` tells whether it takes these to make the target.

    `verdict`: `merge` of the parents; `interpolation` on the way from one parent to another that
    descends from it; `between`: target and parents stand so, but which of them came first is not
    known; `none`: this mix is the best there is, and is not claimed. `failed` is then the first
    rule that it does not meet: it leaves too much (`residual`); something `simpler` comes as near;
    it is near in a few `parts` only; others are in the `plane` of its parents; `many` other mixes
    come as near; others are on one `line` with it; the `order` of descent would be broken; or the
    target is the declared `reference`.
    """

    target: str
    parents: tuple[str, ...]
    form: Literal["mix", "add difference"]
    verdict: Literal["merge", "interpolation", "between", "none"]
    weights: tuple[float, ...]
    residual: float
    residual_by_block: float
    by_block: bool
    blocks: tuple[BlockRecipe, ...]
    failed: Rule = ""


class Root(Record, frozen=True, kw_only=True):
    """Where the descent of a family begins, and why there.

    `rule`: it is the group's `declared` reference; by `norms`, which grow by what a step of
    training adds; or the `centre`, nearest to all others, which says nothing of who came first.
    `support` is the mean, over the other members, of the growth of the squared norm from the root,
    divided by the squared distance: 1 where all that is added is independent of what was there. It
    is None where norms are not known, or there is no other member.
    """

    name: str
    rule: Literal["declared", "norms", "centre"]
    support: float | None


class LineageNode(Record, frozen=True, kw_only=True):
    """One model of a family. `copies` are other members that hold the same; of them all, `name` is
    one that others are said to be made from, if there is such a one.

    No parents: a root. One: the model it is nearest to among those that can have been before it.
    Several: it is a mix of them, in the order of its `Recipe`. `distances` are those to the
    parents. `runner_up` is the next nearest to a single parent, and `certainty` its distance
    divided by the parent's: 1 is a draw. Of an archive that does not have all of its distances,
    they are not known.
    """

    name: str
    copies: tuple[str, ...]
    parents: tuple[str, ...]
    distances: tuple[float, ...]
    runner_up: str
    certainty: float | None


class ModelLine(Record, frozen=True, kw_only=True):
    """Four or more models on one line, from one end to the other: each is a mix of any two around
    it, and which of them was mixed is not known.

    `deviation` is the largest distance of any of them from the line, divided by its length.
    """

    members: tuple[str, ...]
    deviation: float


class Lineage(Record, frozen=True, kw_only=True):
    """Who descends from whom in one component: a tree per family, whose merges join branches.

    `nodes` are in an order in which parents come first. `left_out`: members that cannot be compared
    with those here. `lines`: models that lie on one line.
    """

    roots: tuple[Root, ...]
    nodes: tuple[LineageNode, ...]
    left_out: tuple[str, ...]
    lines: tuple[ModelLine, ...] = ()

    @property
    def unrelated(self) -> tuple[str, ...]:
        """Roots that nothing descends from, of more than one: they are related to nobody."""
        above = {parent for node in self.nodes for parent in node.parents}
        return tuple(root.name for root in self.roots if above and root.name not in above)

    @property
    def directed(self) -> bool:
        """Whether it is known of all that are related who came first."""
        roots = [root for root in self.roots if root.name not in self.unrelated]
        return all(root.rule != "centre" for root in roots)


class IdentityClass(Record, frozen=True, kw_only=True):
    """Checkpoints that hold the same component.

    `how`: in the same `bytes`; `float16` or `bfloat16`: the same values once rounded to that
    format; `distance`: nothing that was compared differs.
    """

    component: str
    how: Literal["bytes", "float16", "bfloat16", "distance"]
    members: tuple[str, ...]


class DeclaredCheck(Record, frozen=True, kw_only=True):
    """What the weights say of a declared recipe: the best mix of the declared `parents`, which are
    members, in the form declared, and their order; see `Recipe`.

    It `agrees` if the mix is near (with weights of its own for each block), and the declared
    weights, where one is said for the whole, are these to a hundredth.
    """

    component: str
    parents: tuple[str, ...]
    form: Literal["mix", "add difference"]
    weights: tuple[float, ...]
    residual: float
    residual_by_block: float
    verdict: Literal["agrees", "contradicts"]


class DeclaredRecipe(Record, frozen=True, kw_only=True):
    """What a file's metadata say it was merged from; unchecked.

    `models` are names as they stand there, `method` and `weights` too, empty where nothing is said.
    `check` is None where the models are not all members, or not all compared.
    """

    checkpoint: str
    source: str
    method: str
    models: tuple[str, ...]
    weights: str
    check: DeclaredCheck | None = None


class NamedMix(Record, frozen=True, kw_only=True):
    """Weights by parent, which sum to 1, and the residual; see `Recipe`.

    None where the parents do not differ.
    """

    weights: dict[str, float | None]
    residual: float | None


class NamedBlock(NamedMix, frozen=True, kw_only=True):
    """The mix within one block."""

    name: str


NamedVerdict = Literal[
    "merge", "interpolation", "between", "add difference", "extrapolation", "copy", "none"
]


class NamedRecipe(Record, frozen=True, kw_only=True):
    """What `atlas recipe` tells: the mix of the given parents that is nearest to the target.

    `verdict`: `merge`, `interpolation` and `between` as of a `Recipe`, told by norms; `add
    difference`, A + w(B - C); `extrapolation`, beyond the parents; `copy` of one of them, but for a
    small part; or `none` of these. Not `unique`: other weights come as near, because parents hold
    the same, or one of them is a mix of others; those told are the smallest.
    """

    target: str
    parents: tuple[str, ...]
    component: str
    verdict: NamedVerdict
    unique: bool
    whole: NamedMix
    blocks: tuple[NamedBlock, ...]


class KnownOrigin(Record, frozen=True, kw_only=True):
    """How one member of a group was truly made, where somebody says so; see `atlas demo`.

    `shares` are those of the parents, `block_shares` those of the second parent by block.
    """

    name: str
    kind: str
    parents: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    block_shares: dict[str, float] | None = None


class HistoryRow(Record, frozen=True, kw_only=True):
    """What is true of one member in one component, and what was found.

    `kind`: `base`, `copy`, `fine-tune`, `merge`, `block merge`, `add difference`. The parent of a
    copy is what it is a copy of. `weight_error` is the largest of a parent's weight in any block,
    None for what is no mix or was not found.
    """

    member: str
    kind: str
    parents: tuple[str, ...]
    found: tuple[str, ...]
    right: bool
    weight_error: float | None


class History(Record, frozen=True, kw_only=True):
    """The true history of one component beside what was found of it."""

    rows: tuple[HistoryRow, ...]

    def count(self, *kinds: str) -> tuple[int, int]:
        """How many members of these kinds were found right, and how many there are."""
        rows = [row for row in self.rows if row.kind in kinds]
        return sum(row.right for row in rows), len(rows)
