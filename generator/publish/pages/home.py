"""The first page: what this is, and what was found."""

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from generator.publish.figures.figure import Figure
from generator.publish.figures.groups.thumbnails import trees
from generator.publish.figures.stacked_bars import Bar, parameter_bars
from generator.publish.pages.cards import Card, legend_of
from generator.publish.pages.checkpoint_findings import checkpoint_findings
from generator.publish.pages.context import Context
from generator.publish.pages.network_findings import HomeFinding, findings
from generator.publish.pages.site import Site
from generator.publish.tables.histories import history_columns
from generator.publish.tables.table import Table, table
from generator.records import Group, Record
from generator.text import numbers
from generator.text.words import order_components


class Score(Record, frozen=True, kw_only=True):
    """Of one component: how many members there are, and of how many the origin was found."""

    component: str
    right: int
    members: int


class KnownHistory(Record, frozen=True, kw_only=True):
    """A group whose history is known, by its first component and with the scores of all.
    `weight_error` is the largest of any weight of any merge, None if there is none."""

    group: Group
    component: str
    scores: tuple[Score, ...]
    table: Table
    weight_error: float | None


class Home(Context, frozen=True, kw_only=True):
    """The first page: what this is, and what was found of networks, of checkpoints, and of
    histories that are known. `bars` is one figure of all networks, `trees` are the lineages of
    groups by their ids."""

    TEMPLATE = "home.md"

    cards: tuple[Card, ...]
    findings: tuple[HomeFinding, ...]
    checkpoints: tuple[HomeFinding, ...]
    histories: tuple[KnownHistory, ...]
    trees: dict[str, Figure]
    bars: Markup
    legend: tuple[str, ...]


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The first page; its bars run from the largest network down."""
    bars = [
        Bar(
            label=card.name,
            value=f"{numbers.count(card.parameters)} parameters",
            link=f"architectures/{card.id}.html",
            block_groups=card.block_groups,
        )
        for card in reversed(site.cards)
    ]
    yield (
        "index.md",
        Home(
            cards=site.cards,
            findings=findings(site.atlas),
            checkpoints=checkpoint_findings(site.atlas),
            histories=tuple(known_histories(one.record for one in site.atlas.groups)),
            trees=trees(site.groups),
            bars=parameter_bars("parameters-of-all", bars),
            legend=legend_of(site.cards),
        ),
    )


def known_histories(groups: Iterable[Group]) -> Iterator[KnownHistory]:
    """One for each group with a known history."""
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
