"""All networks -> a page that shows two or more of them side by side.

Each network is a column, whose cells are written once: the page begins with two of them, and a
script puts others in their place.
"""

import json
from collections.abc import Iterator, Sequence

import msgspec
from markupsafe import Markup

from generator.publish.figures.stacked_bars import composition_bar
from generator.publish.pages.context import Context
from generator.publish.pages.site import Site
from generator.publish.quantities.block_groups import block_groups_of, legend_of
from generator.publish.quantities.pipelines import Components
from generator.publish.reading.atlas import LoadedNetwork
from generator.publish.tables.markup import cell_content
from generator.publish.tables.networks import NETWORK_COLUMNS, NetworkColumn
from generator.publish.tables.table import table
from generator.records import Record
from generator.text.escaping import inert, script_json
from generator.text.networks import role_title
from generator.text.words import begun

# What the page begins with: two networks that people compare.
FIRST = ("sdxl", "flux")
# Columns of the table of networks that are no facts about one: it has a column of its own here.
LEFT_OUT = frozenset({"name", "id", "size_class"})


class FactRow(Record):
    """One fact about each network: title, unit and help, and its `place` in the cells."""

    title: str
    unit: str
    help: str
    place: int


class Facts(Record):
    """A group of rows."""

    title: str
    rows: tuple[FactRow, ...]


class Side(Record):
    """One network as a column: the cells of all `facts`, of its blocks and its components, and the
    values of its config by key, all as markup."""

    id: str
    name: Markup
    cells: tuple[Markup, ...]
    config: dict[str, Markup]


class SideBySidePage(Context):
    """Two networks side by side, and in `script` all of them, for `beside.js`.

    `keys` are those of all configs.
    """

    TEMPLATE = "side-by-side.md"

    facts: tuple[Facts, ...]
    sides: tuple[Side, ...]
    keys: tuple[str, ...]
    legend: tuple[str, ...]
    count: int
    script: Markup


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The page `side-by-side.md`; it begins with two that people compare, or else with the smallest
    and the largest network."""
    networks, components = site.atlas.networks, site.atlas.companions
    columns = [column for column in NETWORK_COLUMNS if column.key not in LEFT_OUT]
    sides = tuple(_sides(columns, networks, components))
    yield (
        "side-by-side.md",
        SideBySidePage(
            facts=tuple(_facts(columns)),
            sides=_first(sides),
            keys=tuple(sorted({key for side in sides for key in side.config})),
            legend=legend_of(site.atlas.architectures),
            count=len(sides),
            script=Markup(script_json([_plain(side) for side in sides])),
        ),
    )


def _first(sides: tuple[Side, ...]) -> tuple[Side, ...]:
    found = {side.id: side for side in sides}
    if all(id_ in found for id_ in FIRST):
        return tuple(found[id_] for id_ in FIRST)
    return (sides[0], sides[-1]) if len(sides) > 1 else sides


def _facts(columns: Sequence[NetworkColumn]) -> Iterator[Facts]:
    """The rows by group; the first two cells are blocks and components."""
    for title in dict.fromkeys(column.group for column in columns):
        yield Facts(
            title=title,
            rows=tuple(
                FactRow(title=one.title, unit=one.unit, help=one.help, place=place)
                for place, one in enumerate(columns, start=2)
                if one.group == title
            ),
        )


def _sides(
    columns: Sequence[NetworkColumn], networks: Sequence[LoadedNetwork], components: Components
) -> Iterator[Side]:
    rows = table(columns, networks, components).rows
    for network, row in zip(networks, rows, strict=True):
        record = network.record
        link = Markup('<a href="architectures/{}.html">{}</a>')
        groups = block_groups_of(record.mbw.blocks)
        yield Side(
            id=record.id,
            name=link.format(inert(record.id), inert(record.name)),
            cells=(
                composition_bar(f"bar-{record.id}", record.name, groups),
                _companions(network, components),
                *(cell_content(column, cell) for column, cell in zip(columns, row, strict=True)),
            ),
            config={
                key: Markup("<code>{}</code>").format(inert(json.dumps(value, ensure_ascii=False)))
                for key, value in record.config.items()
            },
        )


def _companions(network: LoadedNetwork, components: Components) -> Markup:
    link = Markup('<a href="components/{}.html">{}</a> <span class="atlas-quiet">{}</span>')
    return Markup("<br>").join(
        link.format(
            inert(one.id), inert(components[one.id].name), inert(begun(role_title(one.role)))
        )
        for one in network.record.components
        if one.id in components
    )


def _plain(side: Side) -> dict[str, object]:
    """The same for a script; its `label` is the name as text."""
    return msgspec.structs.asdict(side) | {"label": side.name.striptags()}
