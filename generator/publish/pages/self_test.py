"""Groups with a known history -> the page that shows it beside the one found."""

from collections.abc import Iterable, Iterator

from generator.publish.figures.figure import Figure
from generator.publish.figures.groups.thumbnails import trees
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.tables.histories import history_columns
from generator.publish.tables.table import Table, table
from generator.records import Group, Record
from generator.text.words import order_components


class Score(Record):
    """One component: the number of members, and for how many of them the origin was found."""

    component: str
    right: int
    members: int


class KnownHistory(Record):
    """A group with a known history: its first component, and the scores of all components.

    `weight_error` is the largest error of a weight in any merge; None without merges.
    """

    group: Group
    component: str
    scores: tuple[Score, ...]
    table: Table
    weight_error: float | None


class SelfTest(Context):
    """Known histories, and what was found without them; `trees` maps group ids to lineages."""

    TEMPLATE = "self-test.md"

    histories: tuple[KnownHistory, ...]
    trees: dict[str, Figure]


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The page, if there is a group with a known history."""
    known = [one for one in site.groups if one.group.truth]
    histories = tuple(known_histories(one.group for one in known))
    if histories:
        yield "self-test.md", SelfTest(histories=histories, trees=trees(known))


def known_histories(groups: Iterable[Group]) -> Iterator[KnownHistory]:
    """One entry for each group with a known history."""
    for group in groups:
        histories = {one.name: one.history.rows for one in group.components if one.history}
        if histories:
            names = order_components(histories)
            rows = histories[names[0]]
            errors = [row.weight_error for found in histories.values() for row in found]
            yield KnownHistory(
                group=group,
                component=names[0],
                scores=tuple(
                    Score(
                        component=name,
                        right=sum(row.right for row in histories[name]),
                        members=len(histories[name]),
                    )
                    for name in names
                ),
                table=table(history_columns(names[0]), rows, {row.member: row for row in rows}),
                weight_error=max((each for each in errors if each is not None), default=None),
            )
