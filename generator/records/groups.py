"""Groups of compared checkpoints, and pairs."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from generator.records.arrangements import Arrangement
from generator.records.base import Record, ResultRecord
from generator.records.checkpoints import RefusedCheckpoint
from generator.records.checks import all_different, all_in, require
from generator.records.comparisons import Comparison, ComponentVerdict, TensorDistance
from generator.records.findings import GROUP_FIGURES, PAIR_FIGURES, Change, Finding
from generator.records.lineage import History, IdentityClass, KnownOrigin, Lineage
from generator.records.matrices import Excluded
from generator.records.recipes import DeclaredRecipe, Recipe

# Smaller residuals are not by chance: of independent fine-tunes of one base they are 0.87.
NEAR_A_MIX = 0.5


class About(Record):
    """What people may read of a group: the title of its page (default: its name), a `description`,
    the `source` of its distances and their `licence`, and titles of members by name."""

    title: Annotated[str, Meta(max_length=200)] = ""
    description: Annotated[str, Meta(max_length=2000)] = ""
    source: Annotated[str, Meta(max_length=2000)] = ""
    licence: Annotated[str, Meta(max_length=200)] = ""
    titles: dict[str, Annotated[str, Meta(min_length=1, max_length=200)]] = msgspec.field(
        default_factory=dict
    )


class ComponentLineage(Record):
    """The history of one component of some checkpoints.

    `lineage` is None if fewer than two members can be compared. `recipes` holds claimed recipes by
    target, and the best candidate for the others; `candidates` up to three for each of these, the
    best first. `identities` are members with the same weights. `history` compares with a known
    history.
    """

    name: str
    lineage: Lineage | None = None
    recipes: tuple[Recipe, ...] = ()
    candidates: tuple[Recipe, ...] = ()
    identities: tuple[IdentityClass, ...] = ()
    history: History | None = None

    @property
    def open_candidates(self) -> tuple[Recipe, ...]:
        """The candidates of members without a claimed origin, and of those that are near a mix."""
        nodes = self.lineage.nodes if self.lineage else ()
        told = {each.name for each in nodes if each.parents or each.relation == "root"}
        nearest = {each.target: each for each in reversed(self.candidates)}
        return tuple(
            each
            for each in self.candidates
            if each.target not in told or nearest[each.target].residual_by_block < NEAR_A_MIX
        )


class FamilyLineage(Record):
    """Result of `atlas lineage`: who descends from whom, and what is mixed from what.

    `findings` are sorted, the most informative first; `declared` holds the recipes in the files'
    metadata. `excluded`: the tensors left out of all distances, as in `Matrix`.
    """

    members: tuple[str, ...]
    components: tuple[ComponentLineage, ...]
    findings: tuple[Finding, ...]
    declared: tuple[DeclaredRecipe, ...]
    excluded: tuple[Excluded, ...] = ()


class GroupComponent(ComponentLineage):
    """Results for one component of a group: its history, and the `arrangement` of the members, None
    if fewer than two can be compared."""

    arrangement: Arrangement | None

    def check(self, members: Sequence[str]) -> None:
        """Raise `ValueError` unless it is about these members."""
        if self.arrangement:
            self.arrangement.check(len(members), self.name)
        if self.lineage:
            _check_lineage(self.lineage, members, self.name)
        for recipe in (*self.recipes, *self.candidates):
            _check_recipe(recipe, members, self.name)
        for one in self.identities:
            all_in(one.members, members, f"{self.name}: identities")
        for row in self.history.rows if self.history else ():
            all_in([row.member], members, f"{self.name}: history")


class Group(ResultRecord):
    """Checkpoints that are all compared with each other.

    `members` are ids of checkpoints (names, in an imported archive) in the order of all arrays;
    `reference` is one of them or empty. Beside it lies `ID.safetensors` with the sums by component,
    block and kind, from which every distance follows. `findings` are sorted, the most informative
    first; `declared` holds the recipes in the files' metadata, `truth` how the members were made,
    where known; `about` is what a person wrote about it.
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
    about: About = About()
    schema: Literal[5] = 5

    @property
    def title(self) -> str:
        """The title of its page."""
        return self.about.title or self.name

    def check(self) -> None:
        """See `ResultRecord`."""
        members = self.members
        all_in(self.about.titles, members, "about: titles")
        all_different(members, "members")
        require(self.reference in ("", *members), "reference is not a member")
        require(len(self.metrics) > 0, "metrics is empty")
        all_different([part.name for part in self.components], "components")
        for part in self.components:
            part.check(members)
        for finding in self.findings:
            finding.check(GROUP_FIGURES)
            all_in(finding.subjects, members, f"finding {finding.kind}")
            if finding.kind == "decoder_only" or isinstance(finding.figures, Change):
                require(len(finding.subjects) == 2, f"finding {finding.kind} is not of two")
        for declared in self.declared:
            all_in([declared.checkpoint], members, "declared")
            if found := declared.check:
                all_in(found.parents, members, "declared: check")
                same = len(found.parents) == len(found.weights)
                require(
                    same, f"declared: weights of {declared.checkpoint} are not one for each parent"
                )


class Pair(ResultRecord):
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

    def check(self) -> None:
        """See `ResultRecord`."""
        require(self.a != self.b, "a and b are the same")
        for name, part in self.comparison.summary.components.items():
            part.check(name)
        judged = [each.component for each in self.verdicts]
        all_different(judged, "components of verdicts")
        for name in self.comparison.summary.components:
            require(name in judged, f"{name} has no verdict")
        for each in self.findings:
            each.check(PAIR_FIGURES)
            require(len(each.subjects) == 2, f"finding {each.kind} is not of two")
        shared = self.comparison.shared
        require(len(self.comparison.shape_mismatch) <= shared, "shared is less than shape_mismatch")

    def check_rows(self, rows: Sequence[TensorDistance]) -> None:
        """Raise `ValueError` if the rows of the table do not match the record."""
        comparison = self.comparison
        mismatched = len(comparison.shape_mismatch)
        require(
            len(rows) + mismatched == comparison.shared, "it has not as many rows as are shared"
        )
        summary = comparison.summary
        all_in(summary.components, {row.component for row in rows}, "the record's summary")
        summed = Counter(row.component for row in rows if row.l2 is not None)
        told = Counter({name: part.total.tensors for name, part in summary.components.items()})
        require(summed == told, "it has not the tensors of the record's sums")
        left_out = {each.tensor for each in summary.excluded}
        for row in rows:
            of_row = {row.component, f"{row.component}/{row.name}"}
            listed = row.l2 is not None or not left_out.isdisjoint(of_row)
            require(listed, f"{row.component}/{row.name} has no distance, without a reason")


def _check_lineage(lineage: Lineage, members: Sequence[str], where: str) -> None:
    nodes = lineage.nodes
    named = [name for node in nodes for name in (node.name, *node.copies)]
    all_different(named, f"{where}: nodes of the lineage")
    all_in((*named, *lineage.left_out), members, f"{where}: lineage")
    all_in([root.name for root in lineage.roots], named, f"{where}: roots")
    before: set[str] = set()
    for node in nodes:
        all_in(node.parents, before, f"{where}: parents of {node.name}")
        before |= {node.name, *node.copies}
        all_in([node.near], ["", *members], f"{where}: near of {node.name}")
        others = (*node.involves, *node.alternatives)
        all_in(others, members, f"{where}: relatives of {node.name}")
        there = len(node.distances) in (0, len(node.tied_to))
        require(there, f"{where}: distances of {node.name} are not one for each parent")
        all_in([node.runner_up], ["", *members], f"{where}: runner_up of {node.name}")
    for line in lineage.lines:
        all_in(line.members, members, f"{where}: lines")


def _check_recipe(recipe: Recipe, members: Sequence[str], where: str) -> None:
    what = f"{where}: recipe of {recipe.target}"
    all_in((recipe.target, *recipe.parents), members, what)
    require(len(recipe.parents) > 0, f"{what} has no parents")
    all_different([recipe.target, *recipe.parents], what)
    for weights in (recipe.weights, *(block.weights for block in recipe.blocks)):
        require(len(weights) == len(recipe.parents), f"{what} has not a weight for each parent")
    all_different([block.name for block in recipe.blocks], f"{what}: blocks")
