"""All networks -> their table, and a plot of FLOPs per step over size."""

from collections.abc import Iterable, Iterator
from itertools import product

from generator.publish.downloads import Download
from generator.publish.figures.figure import Figure
from generator.publish.figures.scatter import Point, scatter
from generator.publish.pages.context import Context, Control
from generator.publish.pages.site import Site
from generator.publish.quantities import networks as quantities
from generator.publish.reading.atlas import ARCHITECTURES, LoadedNetwork
from generator.publish.tables.networks import NETWORK_COLUMNS
from generator.publish.tables.table import Table, table
from generator.records import Architecture
from generator.text.networks import MODALITIES

PLACE = "size-and-cost-chart"
AXES = ("Parameters", "FLOP per sample and step")
TITLE = "Cost of one step over size"
# The mark of what a network makes: colours and shapes of Okabe and Ito, Vega's names of shapes, and
# the signs that stand for them in the legend.
MARKS: dict[str | None, tuple[str, str, str]] = {
    "image": ("#0072b2", "circle", "●"),
    "video": ("#d55e00", "square", "■"),
    "audio": ("#009e73", "triangle-up", "▲"),
    None: ("#8a8a8a", "diamond", "◆"),
}


class ComparePage(Context):
    """The table of all networks.

    `dearest` is the network with the most FLOPs per step. `scatters` take turns at one place, by
    the choices of the `controls`; the first is that of all networks. `marks` are colour, sign and
    meaning of the points.
    """

    TEMPLATE = "compare.md"

    table: Table
    networks: tuple[Architecture, ...]
    dearest: Architecture | None
    downloads: tuple[Download, ...]
    scatters: tuple[Figure, ...]
    controls: tuple[Control, ...]
    marks: tuple[tuple[str, str, str], ...]
    unplaced: int

    def figures(self) -> Iterable[Figure]:
        """The scatter plots."""
        return self.scatters


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The page `compare.md`."""
    networks, records = site.atlas.networks, site.atlas.architectures
    ids = [network.id for network in networks]
    placed = [network for network in networks if quantities.flops_per_sample(network)]
    modalities = {network.record.modality for network in networks}
    yield (
        "compare.md",
        ComparePage(
            table=table(NETWORK_COLUMNS, networks, site.atlas.companions, ids),
            networks=records,
            dearest=max(
                (record for record in records if record.pipeline),
                key=lambda network: quantities.flops_of(network) or 0,
                default=None,
            ),
            downloads=site.downloads.tables[ARCHITECTURES.name],
            scatters=tuple(_scatters(placed)),
            controls=_controls(placed),
            marks=tuple(
                (*MARKS[modality][::2], title)
                for modality, title in MODALITIES.items()
                if modality in modalities
            ),
            unplaced=len(networks) - len(placed),
        ),
    )


def _controls(networks: Iterable[LoadedNetwork]) -> tuple[Control, ...]:
    """What readers filter the plot by, if there is a choice; they have the names of the columns."""
    records = [network.record for network in networks]
    modalities = [name for name in MODALITIES if any(one.modality == name for one in records)]
    families = sorted({one.family for one in records})
    found = (
        ("modality", "Makes", [(name, MODALITIES[name]) for name in modalities]),
        ("family", "Family", [(name, name) for name in families]),
    )
    return tuple(
        Control(name=name, title=title, options=(("", "all"), *options))
        for name, title, options in found
        if len(options) > 1
    )


def _scatters(networks: list[LoadedNetwork]) -> Iterator[Figure]:
    """A plot for each combination of choices that some network matches."""
    points = {network.id: _point(network) for network in networks}
    controls = _controls(networks)
    for values in product(*([value for value, _ in control.options] for control in controls)):
        choice = {control.name: value for control, value in zip(controls, values, strict=True)}
        chosen = [
            points[network.id]
            for network in networks
            if all(value in ("", getattr(network.record, name)) for name, value in choice.items())
        ]
        if chosen:
            name = "-".join([PLACE, *filter(None, values)]).replace(" ", "-")
            within = tuple(points.values())
            yield scatter(name, TITLE, AXES, chosen, within, place=PLACE, choice=choice)


def _point(network: LoadedNetwork) -> Point:
    colour, shape, _ = MARKS[network.record.modality]
    return Point(
        label=network.record.name,
        x=quantities.parameters(network),
        y=quantities.flops_per_sample(network) or 0,
        colour=colour,
        shape=shape,
        link=f"architectures/{network.id}.html",
    )
