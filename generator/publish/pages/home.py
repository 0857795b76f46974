"""The first page: what this is, and what was found."""

from collections.abc import Iterator

from markupsafe import Markup

from generator.publish.figures.groups.thumbnails import trees
from generator.publish.figures.stacked_bars import Bar, parameter_bars
from generator.publish.pages.cards import Card, block_groups
from generator.publish.pages.checkpoint_findings import checkpoint_findings
from generator.publish.pages.context import Context
from generator.publish.pages.histories import KnownHistory, known_histories
from generator.publish.pages.network_findings import Finding, findings
from generator.publish.pages.site import Site
from generator.text import numbers


class Home(Context, frozen=True, kw_only=True):
    """The first page: what this is, and what was found of networks, of checkpoints, and of
    histories that are known. `bars` is one figure of all networks, `trees` are the lineages of
    groups by their ids."""

    TEMPLATE = "home.md"

    cards: tuple[Card, ...]
    findings: tuple[Finding, ...]
    checkpoints: tuple[Finding, ...]
    histories: tuple[KnownHistory, ...]
    trees: dict[str, Markup]
    bars: Markup
    block_groups: tuple[str, ...]


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The first page; its bars run from the largest network down."""
    bars = [
        Bar(
            label=card.name,
            value=f"{numbers.count(card.parameters)} parameters",
            link=f"architectures/{card.id}.html",
            runs=card.runs,
        )
        for card in reversed(site.cards)
    ]
    yield (
        "index.md",
        Home(
            cards=site.cards,
            findings=findings(site.atlas),
            checkpoints=checkpoint_findings(site.atlas),
            histories=known_histories(site.atlas),
            trees=trees(site.groups),
            bars=parameter_bars("parameters-of-all", bars),
            block_groups=block_groups(site.cards),
        ),
    )
