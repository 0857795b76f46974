"""Claimed numbers of parameters -> a page with our counts beside them."""

from collections.abc import Iterator

from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities.claims import ClaimedCount, verdict_of
from generator.publish.reading.atlas import ARCHITECTURES, COMPONENTS, Atlas
from generator.publish.tables.components import CLAIM_COLUMNS
from generator.publish.tables.table import Table, table
from generator.records import Architecture, Component
from generator.text.networks import EXPLANATIONS, VERDICTS


class ClaimsPage(Context):
    """The claims with a source, the largest deviation first; `totals` counts them by verdict.

    `unclaimed` is the number of networks and components without a claim that has a source.
    """

    TEMPLATE = "claims.md"

    table: Table
    claims: tuple[ClaimedCount, ...]
    totals: dict[str, int]
    unclaimed: int


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
        ),
    )


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
