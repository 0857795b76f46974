"""Lineages: which model was made from which, and how certain that is."""

from typing import Literal

from generator.records.base import Record


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
    differs from another by no more than rounding. `related`: of one family, order unknown.
    `unrelated`: no relative here.

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
