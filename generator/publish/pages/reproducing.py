"""The published table -> a page with our figures beside it."""

from collections.abc import Iterator

from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities.networks import latent_of
from generator.publish.reading import published
from generator.records import Architecture, Record


class ReproducedRow(Record):
    """One network of the published table: the printed figures and ours."""

    network: Architecture
    log: str
    cells: tuple[published.ComparedFigure, ...]


class Reproduction(Context):
    """The published table beside ours; `totals` counts the cells by verdict.

    `overcount` is the largest ratio of torchinfo's parameters, with shared activations, to all
    parameters; `batches` names the networks that were run with several samples.
    """

    TEMPLATE = "reproducing.md"

    table: published.PublishedTable
    columns: tuple[published.PrintedColumn, ...]
    rows: tuple[ReproducedRow, ...]
    totals: dict[str, int]
    unmeasured: tuple[str, ...]
    overcount: float
    batches: tuple[tuple[str, int], ...]


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The page `reproducing.md`; it names the published rows that were not measured."""
    measured = {one.record.id: one.record for one in site.atlas.networks}
    printed = site.atlas.published
    rows = tuple(
        ReproducedRow(
            network=measured[row.id], log=row.log, cells=published.compare(row, measured[row.id])
        )
        for row in printed.row
        if row.id in measured
    )
    verdicts = [cell.verdict for row in rows for cell in row.cells]
    yield (
        "reproducing.md",
        Reproduction(
            table=printed,
            columns=published.COLUMNS,
            rows=rows,
            totals={name: verdicts.count(name) for name in ("agrees", "explained", "differs")},
            unmeasured=tuple(row.id for row in printed.row if row.id not in measured),
            overcount=max(map(_overcount, rows), default=1.0),
            batches=tuple(
                (row.network.name, latent.shape[0])
                for row in rows
                if row.network.published
                and (latent := latent_of(row.network.published.inputs))
                and latent.shape[0] > 1
            ),
        ),
    )


def _overcount(row: ReproducedRow) -> float:
    counts = row.network.parameters
    return counts.torchinfo_shared_activations / counts.diffusers
