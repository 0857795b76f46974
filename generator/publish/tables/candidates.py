"""The nearest mixes that are not claimed -> their table."""

from collections.abc import Sequence
from typing import NamedTuple

from generator.publish.tables.builders import component, number, text, titled
from generator.publish.tables.table import Column, Table, table
from generator.records import ComponentLineage, Recipe
from generator.text import columns
from generator.text.filling import Naming, plain
from generator.text.findings import residual
from generator.text.lineage import UNCLAIMED_SHORT, formula


class OpenMix(NamedTuple):
    """A mix that is near a member in one component, and not claimed."""

    component: str
    recipe: Recipe


CANDIDATE_COLUMNS: tuple[Column[OpenMix, Naming], ...] = titled(
    columns.of("places", "candidates"),
    text(
        "member", lambda one, _: one.recipe.target, shown=lambda one, name: name(one.recipe.target)
    ),
    component(choices=True),
    text(
        "mix",
        lambda one, _: plain(formula(one.recipe)),
        shown=lambda one, name: formula(one.recipe, name),
        wraps=True,
    ),
    number("residual", lambda one, _: one.recipe.residual_by_block, residual),
    text("reason", lambda one, _: UNCLAIMED_SHORT[one.recipe.failed], choices=True, wraps=True),
)


def candidates(
    components: Sequence[ComponentLineage], name: Naming, member: str | None = None
) -> Table:
    """At most three for each member, the best first; of members without a claimed origin, and of
    those that are near a mix. Of one `member`, if given."""
    found = [
        OpenMix(one.name, recipe)
        for one in components
        for recipe in one.open_candidates
        if member is None or recipe.target == _model_of(one, member)
    ]
    return table(CANDIDATE_COLUMNS, found, name)


def _model_of(part: ComponentLineage, member: str) -> str:
    """The member that stands for all that hold the same as this one."""
    node = part.lineage.node_of(member) if part.lineage else None
    return node.name if node else member
