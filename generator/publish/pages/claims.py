"""Claimed numbers of parameters -> a page with our counts beside them."""

from collections.abc import Iterable, Iterator

from generator.publish.figures.figure import Figure
from generator.publish.figures.ratios import RatioPoint, ratios
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities.claims import ClaimedCount, Verdict, verdict_of
from generator.publish.reading.atlas import ARCHITECTURES, COMPONENTS, Atlas
from generator.publish.tables.components import CLAIM_COLUMNS
from generator.publish.tables.table import Table, table
from generator.records import Architecture, Component
from generator.text import numbers
from generator.text.networks import EXPLANATIONS, VERDICTS

# The mark of a claim: colours of Okabe and Ito, Vega's names of shapes, and their signs.
MARKS: dict[Verdict, tuple[str, str, str]] = {
    "agrees": ("#009e73", "circle", "●"),
    "rounded_down": ("#0072b2", "square", "■"),
    "explained": ("#e69f00", "triangle-up", "▲"),
    "differs": ("#d55e00", "diamond", "◆"),
}


class ClaimsPage(Context):
    """The claims with a source, the largest deviation first; `totals` counts them by verdict.

    `unclaimed` is the number of networks and components without a claim that has a source.
    """

    TEMPLATE = "claims.md"

    table: Table
    claims: tuple[ClaimedCount, ...]
    totals: dict[str, int]
    unclaimed: int
    chart: Figure | None
    marks: tuple[tuple[str, str, str], ...]

    def figures(self) -> Iterable[Figure]:
        """The ratios of all claims."""
        return [self.chart] if self.chart else []


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The page `claims.md`."""
    claims = sorted(claimed_counts(site.atlas), key=lambda row: (-abs(row.deviation), row.name))
    verdicts = [row.verdict for row in claims]
    yield (
        "claims.md",
        ClaimsPage(
            table=table(CLAIM_COLUMNS, claims, site.atlas.networks, [row.id for row in claims]),
            claims=tuple(claims),
            totals={verdict: sum(found == verdict for found in verdicts) for verdict in VERDICTS},
            unclaimed=len(site.atlas.networks) + len(site.atlas.components) - len(claims),
            chart=_ratios(claims) if claims else None,
            marks=tuple(
                (*MARKS[verdict][::2], VERDICTS[verdict])
                for verdict in MARKS
                if verdict in verdicts
            ),
        ),
    )


def _ratios(claims: Iterable[ClaimedCount]) -> Figure:
    """Counted over claimed, by the count; claims that agree have no names."""
    points = [
        RatioPoint(
            size=row.parameters,
            ratio=1 + row.deviation,
            label="" if row.verdict == "agrees" else row.name,
            text=f"{row.name}: “{row.claim.text}” is {numbers.count(row.parameters)}",
            colour=MARKS[row.verdict][0],
            shape=MARKS[row.verdict][1],
            link=row.address,
        )
        for row in claims
    ]
    axes = ("Counted parameters", "Counted over claimed")
    title = "Counted numbers of parameters over claimed ones"
    return ratios("claimed", title, axes, points, links=True)


def claimed_counts(atlas: Atlas) -> Iterator[ClaimedCount]:
    """Every claim with a source, of networks and of components."""
    for network in atlas.networks:
        counted = network.record.parameters.diffusers
        yield from _claim(network.record, "denoiser", counted, ARCHITECTURES.name)
    for one in atlas.components:
        yield from _claim(one.record, one.record.kind, one.record.parameters, COMPONENTS.name)


def _claim(
    record: Architecture | Component, kind: str, parameters: int, folder: str
) -> Iterator[ClaimedCount]:
    if record.claim and record.claim.source and record.claim.parameters:
        yield ClaimedCount(
            id=record.id,
            name=record.name,
            kind=kind,
            address=f"{folder}/{record.id}.html",
            claim=record.claim,
            parameters=parameters,
            verdict=verdict_of(record.claim, parameters, record.id in EXPLANATIONS),
        )
