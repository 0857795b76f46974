"""The atlas -> the home page: what it is, and its main findings."""

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from generator.publish.figures.figure import Figure
from generator.publish.figures.groups.thumbnails import trees
from generator.publish.figures.stacked_bars import Bar, parameter_bars
from generator.publish.pages.checkpoint_findings import checkpoint_findings
from generator.publish.pages.context import Context
from generator.publish.pages.network_findings import HomeFinding, findings
from generator.publish.pages.site import Site
from generator.publish.quantities.block_groups import block_groups_of, legend_of
from generator.publish.tables.histories import history_columns
from generator.publish.tables.table import Table, table
from generator.records import Architecture, Group, Record
from generator.text import numbers
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


class Home(Context):
    """The home page, with findings about networks, checkpoints and known histories.

    `bars` is one figure of all networks; `trees` maps group ids to lineages.
    """

    TEMPLATE = "home.md"

    networks: tuple[Architecture, ...]
    findings: tuple[HomeFinding, ...]
    checkpoints: tuple[HomeFinding, ...]
    histories: tuple[KnownHistory, ...]
    trees: dict[str, Figure]
    bars: Markup
    legend: tuple[str, ...]

    def picture(self) -> Markup:
        """The bars of all networks."""
        return self.bars


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The home page; its bars start with the largest network."""
    networks = site.atlas.architectures
    bars = [
        Bar(
            label=one.name,
            value=f"{numbers.count(one.parameters.diffusers)} parameters",
            link=f"architectures/{one.id}.html",
            block_groups=block_groups_of(one.mbw.blocks),
        )
        for one in reversed(networks)
    ]
    yield (
        "index.md",
        Home(
            networks=networks,
            findings=findings(site.atlas),
            checkpoints=checkpoint_findings(site.atlas),
            histories=tuple(known_histories(one.record for one in site.atlas.groups)),
            trees=trees(site.groups),
            bars=parameter_bars("parameters-of-all", bars),
            legend=legend_of(networks),
        ),
    )


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
