"""Everything in `data/` -> the contexts of all pages, each with its place on the site."""

import re
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from generator.networks.palette import BLOCK_COLOURS
from generator.publish.downloads import Download, Downloads
from generator.publish.figures import charts
from generator.publish.figures.groups.thumbnails import trees
from generator.publish.figures.scatter import Point, scatter
from generator.publish.pages import quantities
from generator.publish.pages.checkpoint_findings import checkpoint_findings
from generator.publish.pages.checkpoints import checkpoint_pages
from generator.publish.pages.context import Context
from generator.publish.pages.contexts import (
    ArchitecturePage,
    Card,
    Comparison,
    DataPage,
    Gallery,
    Home,
    Methods,
    ParametersPage,
    ReproducedRow,
    Reproduction,
)
from generator.publish.pages.groups.pages import group_pages
from generator.publish.pages.groups.prepared import Prepared
from generator.publish.pages.histories import known_histories
from generator.publish.pages.maps.pages import map_pages
from generator.publish.pages.network_findings import findings
from generator.publish.pages.pairs.pages import pair_pages
from generator.publish.pages.schema import ROOTS, schemas
from generator.publish.reading import published
from generator.publish.reading.atlas import ARCHITECTURES, Atlas, Measured
from generator.publish.reading.checkpoints import CHECKPOINTS
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.maps import EMBEDDINGS
from generator.publish.reading.pairs import PAIRS
from generator.publish.tables.networks import NETWORK_COLUMNS, PARAMETER_COLUMNS
from generator.publish.tables.pairs import JudgedPair
from generator.publish.tables.table import table
from generator.text import numbers
from generator.text.anomalies import ANOMALY_CODES
from generator.text.glossary import GLOSSARY

HUB = "https://huggingface.co"
_REPO = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


def pages(
    atlas: Atlas,
    judged: Sequence[JudgedPair],
    groups: Sequence[Prepared],
    downloads: Downloads,
) -> Iterator[tuple[str, Context]]:
    """Path and context of every page."""
    own = downloads.own
    cards = tuple(map(_card, atlas.networks))
    yield "index.md", home(atlas, cards, groups)
    yield "compare.md", comparison(atlas, cards, downloads.tables[ARCHITECTURES])
    yield "reproducing.md", reproduction(atlas)
    yield "methods.md", methods(atlas, cards)
    yield "data.md", data_page(cards, atlas, downloads)
    yield from checkpoint_pages(atlas, downloads)
    yield from pair_pages(atlas, judged, downloads)
    yield from group_pages(groups, own[GROUPS], atlas.published.distances)
    yield from map_pages(atlas.maps, own[EMBEDDINGS])
    yield "architectures/index.md", Gallery(cards=cards, groups=_groups(atlas))
    for network in atlas.networks:
        name = network.architecture.id
        yield (
            f"architectures/{name}.md",
            architecture_page(network, cards, own[ARCHITECTURES][name]),
        )
        # No id has a full stop in it, so that this is no other network's page.
        yield f"architectures/{name}.parameters.md", parameters_page(network)


def home(atlas: Atlas, cards: tuple[Card, ...], groups: Sequence[Prepared]) -> Home:
    """The first page; its bars run from the largest network down."""
    bars = [
        charts.Bar(
            label=card.name,
            value=f"{numbers.count(card.parameters)} parameters",
            link=f"architectures/{card.id}.html",
            runs=card.runs,
        )
        for card in reversed(cards)
    ]
    return Home(
        cards=cards,
        findings=findings(atlas),
        checkpoints=checkpoint_findings(atlas),
        histories=known_histories(atlas),
        trees=trees(groups),
        bars=charts.parameter_bars("parameters-of-all", bars),
        groups=_groups(atlas),
    )


def comparison(
    atlas: Atlas, cards: tuple[Card, ...], downloads: tuple[Download, ...]
) -> Comparison:
    """The table of all networks."""
    points = [
        Point(label=network.architecture.name, x=network.parameters, y=flops)
        for network in atlas.networks
        if (flops := quantities.flops_per_sample(network)) and network.parameters
    ]
    axes = ("Parameters", "FLOP per sample and step")
    title = "Cost of one step over size"
    return Comparison(
        table=table(NETWORK_COLUMNS, atlas.networks, None),
        cards=cards,
        dearest=max(cards, key=lambda card: card.flops, default=None),
        downloads=downloads,
        scatter=scatter("size-and-cost-chart", title, axes, points) if points else Markup(),
    )


def architecture_page(
    network: Measured, cards: tuple[Card, ...], downloads: tuple[Download, ...]
) -> ArchitecturePage:
    """The page of one network."""
    architecture = network.architecture
    runs = quantities.runs(network)
    repo = architecture.repo
    return ArchitecturePage(
        network=architecture,
        cards=cards,
        batch=quantities.batch(network),
        flops_per_sample=quantities.flops_per_sample(network),
        flops_per_parameter=quantities.flops_per_parameter(network),
        weights=quantities.weights_bytes(network),
        unseen=quantities.unseen_by_torchinfo(network),
        largest=max((block.parameters for run in runs for block in run.blocks), default=0),
        half=len(quantities.blocks_of_half(network)),
        tensors=len(network.rows),
        runs=runs,
        kinds=quantities.kinds(network),
        profile=charts.profile("profile", architecture.name, runs),
        drawings=network.drawings,
        downloads=downloads,
        repo_address=f"{HUB}/{repo}" if _REPO.fullmatch(repo) else "",
    )


def parameters_page(network: Measured) -> ParametersPage:
    """The sub-page with every tensor."""
    return ParametersPage(
        network=network.architecture,
        table=table(PARAMETER_COLUMNS, network.rows, None),
        summary=network.summary,
    )


def reproduction(atlas: Atlas) -> Reproduction:
    """The published table beside ours; published rows that nobody measured are named."""
    measured = {network.architecture.id: network.architecture for network in atlas.networks}
    rows = tuple(
        ReproducedRow(
            network=measured[row.id], log=row.log, cells=published.compare(row, measured[row.id])
        )
        for row in atlas.published.row
        if row.id in measured
    )
    verdicts = [cell.verdict for row in rows for cell in row.cells]
    return Reproduction(
        table=atlas.published,
        columns=published.COLUMNS,
        rows=rows,
        totals={name: verdicts.count(name) for name in ("agrees", "explained", "differs")},
        unmeasured=tuple(row.id for row in atlas.published.row if row.id not in measured),
    )


def methods(atlas: Atlas, cards: tuple[Card, ...]) -> Methods:
    """The definitions, with the library versions of all records."""
    versions: dict[str, set[str]] = {}
    for network in atlas.networks:
        for library, version in network.architecture.versions.items():
            versions.setdefault(library, set()).add(version)
    return Methods(
        versions=tuple((name, tuple(sorted(found))) for name, found in sorted(versions.items())),
        columns=NETWORK_COLUMNS,
        cards=cards,
        anomalies=ANOMALY_CODES,
        glossary=GLOSSARY,
        benches=atlas.benches,
    )


def data_page(cards: tuple[Card, ...], atlas: Atlas, downloads: Downloads) -> DataPage:
    """All downloads and the schemas."""
    own = downloads.own
    return DataPage(
        common=downloads.common,
        networks=tuple((card, own[ARCHITECTURES][card.id]) for card in cards),
        checkpoints=tuple(
            (held.checkpoint, own[CHECKPOINTS][held.checkpoint.id]) for held in atlas.checkpoints
        ),
        pairs=tuple((held.pair, own[PAIRS][held.pair.id]) for held in atlas.pairs),
        groups=tuple((one.group, own[GROUPS][one.group.id]) for one in atlas.groups),
        maps=tuple((mapped.record, own[EMBEDDINGS][mapped.id]) for mapped in atlas.maps),
        schemas=schemas(*ROOTS),
        schema_files=downloads.schemas,
    )


def _card(network: Measured) -> Card:
    architecture = network.architecture
    runs = quantities.runs(network)
    return Card(
        id=architecture.id,
        name=architecture.name,
        family=architecture.family,
        parameters=network.parameters,
        blocks=architecture.mbw.count,
        flops=architecture.pipeline.flops,
        runs=runs,
        bar=charts.composition_bar(f"bar-{architecture.id}", architecture.name, runs),
    )


def _groups(atlas: Atlas) -> tuple[str, ...]:
    """Groups of blocks that occur, in the order of the palette."""
    found = {run.group for network in atlas.networks for run in quantities.runs(network)}
    return tuple(name for name in BLOCK_COLOURS if name in found)
