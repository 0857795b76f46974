"""The maps of prompts -> their list, and a page for each."""

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from generator.publish.downloads import Download
from generator.publish.figures.figure import Figure
from generator.publish.figures.maps.distances import MOST_CATEGORIES
from generator.publish.figures.maps.marks import Mark, marks
from generator.publish.figures.stacked_bars import component_bars
from generator.publish.pages.context import Context
from generator.publish.pages.map_views import ReferenceView, main_view, reference_views
from generator.publish.pages.site import Site
from generator.publish.quantities.pipelines import users_of
from generator.publish.reading.atlas import LoadedComponent, LoadedNetwork
from generator.publish.reading.maps import EMBEDDINGS, LoadedMap, encoder_name, is_toy, space_of
from generator.publish.tables.encoders import LIKENESS_COLUMNS, encoder_columns
from generator.publish.tables.maps import MAP_COLUMNS, checkpoints_of
from generator.publish.tables.prompts import prompt_columns, silhouette_columns
from generator.publish.tables.table import Table, table
from generator.records import EmbeddingMap, Record
from generator.text import numbers

# Number of rows in the page; a longer table of prompts is of little use.
MOST_ROWS = 500


class Toys(Record):
    """Encoders narrower than any trained encoder; `all` if the map has no others.

    `sizes` maps each of their widths to the widths of the corresponding released networks.
    """

    all: bool
    names: tuple[str, ...]
    sizes: dict[int, tuple[int, ...]]


class MapIndex(Context):
    """The list of maps; `loaded` is the number of text encoders that pipelines of networks load,
    `bars` the sizes of those that several networks load."""

    TEMPLATE = "embeddings.md"

    table: Table
    loaded: int
    bars: Markup

    def picture(self) -> Markup:
        """The sizes of the encoders."""
        return self.bars


class MapPage(Context):
    """One set of prompts in the text encoders of one group.

    `views` has one entry per reference; `main` is the view with the encoder that moved most. Its
    figure comes first on the page, and the interactive map starts with the encoder `shown_encoder`.
    The tables `encoders`, `prompts` and `categories` and the figures use vectors of `kind`; `pairs`
    has vectors of all kinds. `cut` counts the prompts longer than 77 tokens.
    """

    TEMPLATE = "embedding.md"

    map: EmbeddingMap
    checkpoints: int
    toys: Toys | None
    views: tuple[ReferenceView, ...]
    main: ReferenceView
    shown_encoder: int
    kind: str
    marks: tuple[Mark, ...]
    encoders: Table
    pairs: Table
    most_categories: int
    categories: Table
    cut: int
    prompts: Table
    downloads: tuple[Download, ...]

    def figures(self) -> Iterable[Figure]:
        """The maps of all references; figures of distances have no tooltips."""
        return [view.figure for view in self.views]


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The index and one page per map."""
    encoders = [one for one in site.atlas.components if one.record.kind == "text_encoder"]
    yield (
        f"{EMBEDDINGS.name}/index.md",
        MapIndex(
            table=table(MAP_COLUMNS, site.atlas.maps, None),
            loaded=len(encoders),
            bars=_bars(encoders, site.atlas.networks),
        ),
    )
    for mapped in site.atlas.maps:
        files = site.downloads.own[EMBEDDINGS.name][mapped.id]
        yield f"{EMBEDDINGS.name}/{mapped.id}.md", _page(mapped, files)


def _bars(encoders: Iterable[LoadedComponent], networks: tuple[LoadedNetwork, ...]) -> Markup:
    """The encoders that several networks load, the largest first."""
    found = [(one.record, len(users_of(one.id, networks))) for one in encoders]
    found.sort(key=lambda one: (-one[0].parameters, one[0].id))
    bars = [
        (one, f"{numbers.count(one.parameters)}, {users} networks", f"../components/{one.id}.html")
        for one, users in found
        if users > 1
    ]
    title = "Parameters of the text encoders that several networks load"
    return component_bars("encoders", title, bars) if bars else Markup()


def _page(mapped: LoadedMap, downloads: tuple[Download, ...]) -> MapPage:
    record = mapped.record
    kind = record.kinds[0]
    views = reference_views(mapped)
    main = main_view(views)
    spaces = [each for each in record.spaces if each.kind == kind]
    silhouettes = space_of(mapped, record.references[0], kind).silhouettes
    rows = range(min(len(record.prompts), MOST_ROWS))
    return MapPage(
        map=record,
        checkpoints=checkpoints_of(mapped),
        toys=_toys(mapped),
        views=views,
        main=main,
        shown_encoder=main.farthest.encoder if main.farthest else main.encoder,
        kind=kind,
        marks=marks(record.categories),
        encoders=table(encoder_columns(mapped), spaces, mapped),
        pairs=table(LIKENESS_COLUMNS, record.likenesses, record),
        most_categories=MOST_CATEGORIES,
        categories=table(silhouette_columns(mapped), list(silhouettes), mapped),
        cut=sum(max(prompt.tokens) > 77 for prompt in record.prompts),
        prompts=table(prompt_columns(mapped), rows, mapped),
        downloads=downloads,
    )


def _toys(mapped: LoadedMap) -> Toys | None:
    """The encoders that are too narrow to be trained ones; None if there are none."""
    encoders = mapped.record.encoders
    toys = [encoder for encoder in encoders if is_toy(encoder)]
    if not toys:
        return None
    return Toys(
        all=len(toys) == len(encoders),
        names=tuple(map(encoder_name, toys)),
        sizes={
            width: tuple(dict.fromkeys(toy.released_width for toy in toys if toy.width == width))
            for width in dict.fromkeys(toy.width for toy in toys)
        },
    )
