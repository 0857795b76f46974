"""All networks -> their table, and a plot of FLOPs per step over size."""

from collections.abc import Iterable, Iterator

from generator.publish.downloads import Download
from generator.publish.figures.figure import Figure
from generator.publish.figures.scatter import Point, scatter
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities import networks as quantities
from generator.publish.reading.atlas import ARCHITECTURES
from generator.publish.tables.networks import NETWORK_COLUMNS
from generator.publish.tables.table import Table, table
from generator.records import Architecture


class ComparePage(Context):
    """The table of all networks.

    `dearest` is the network with the most FLOPs per step.
    """

    TEMPLATE = "compare.md"

    table: Table
    networks: tuple[Architecture, ...]
    dearest: Architecture | None
    downloads: tuple[Download, ...]
    scatter: Figure | None

    def figures(self) -> Iterable[Figure]:
        """The scatter plot."""
        return filter(None, [self.scatter])


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The page `compare.md`."""
    networks, records = site.atlas.networks, site.atlas.architectures
    points = [
        Point(label=network.record.name, x=quantities.parameters(network), y=flops)
        for network in networks
        if (flops := quantities.flops_per_sample(network)) and quantities.parameters(network)
    ]
    axes = ("Parameters", "FLOP per sample and step")
    title = "Cost of one step over size"
    yield (
        "compare.md",
        ComparePage(
            table=table(NETWORK_COLUMNS, networks, None),
            networks=records,
            dearest=max(
                (record for record in records if record.pipeline),
                key=lambda network: network.pipeline.flops if network.pipeline else 0,
                default=None,
            ),
            downloads=site.downloads.tables[ARCHITECTURES.name],
            scatter=scatter("size-and-cost-chart", title, axes, points) if points else None,
        ),
    )
