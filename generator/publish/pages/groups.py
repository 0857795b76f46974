"""The groups -> their list, and a page for each."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from markupsafe import Markup

from generator.publish.downloads import Download
from generator.publish.figures.figure import Figure, static_svg
from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.pictures import PictureSection, sections
from generator.publish.figures.groups.prepared import Prepared, naming
from generator.publish.figures.groups.thumbnails import small_map
from generator.publish.pages.context import Context, Control
from generator.publish.pages.group_contents import (
    Content,
    NamedPair,
    NotCompared,
    contents,
    not_compared,
)
from generator.publish.pages.group_lineage import Heritage, heritage
from generator.publish.pages.site import Site
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.published import PrintedDistances
from generator.publish.tables.by_kind import KindTable, kind_table
from generator.publish.tables.candidates import candidates
from generator.publish.tables.members import member_columns
from generator.publish.tables.table import Table, table
from generator.records import Group, Record
from generator.text.words import METRICS, begun, component_title


class Apart(Record):
    """The distances between the two or three members that can be compared by a component."""

    component: str
    pairs: tuple[NamedPair, ...]


class GroupCard(Record):
    """One group in the list.

    `contents` and `map` are those of its first component; None if missing.
    """

    id: str
    name: str
    members: int
    imported: bool
    components: tuple[str, ...]
    contents: Content | None
    map: Figure | None


class GroupIndex(Context):
    """The list of groups."""

    TEMPLATE = "groups.md"

    cards: tuple[GroupCard, ...]


class GroupPage(Context):
    """One group.

    `apart` lists distances of components with too few members to draw. `bases` pairs each component
    with the member from which the table of members shows distances; `names` are those that readers
    may highlight, by number; `alike` names the components
    that are equal in all members. `kinds` are distances by kind, from an archive that has them;
    `controls` are those of the interactive figures. `candidates` are mixes that are not claimed.
    `map` is small, for links to the page. A `large` group has drawings for wide screens alone,
    which scroll where scripts do not replace them.
    """

    TEMPLATE = "group.md"
    DRAWN = frozenset({"map"})

    group: Group
    contents: tuple[Content, ...]
    alike: tuple[str, ...]
    sections: tuple[PictureSection, ...]
    apart: tuple[Apart, ...]
    bases: tuple[tuple[str, str], ...]
    names: tuple[tuple[int, str], ...]
    members: Table
    left_out: tuple[NotCompared, ...]
    heritage: Heritage
    candidates: Table
    kinds: KindTable | None
    downloads: tuple[Download, ...]
    controls: tuple[Control, ...]
    map: Figure | None
    large: bool

    def picture(self) -> Markup:
        """The map without names."""
        return static_svg(self.map) if self.map else super().picture()

    def figures(self) -> Iterator[Figure]:
        """The figures of the lineage, the sections and the merges."""
        for tree in self.heritage.trees:
            yield tree.figure
        for section in self.sections:
            yield from section.figures
        for merge in self.heritage.merges:
            if merge.bars:
                yield merge.bars

    def linked(self) -> Iterator[Figure]:
        """Drawings of all components but the first, and of secondary sections."""
        for tree in self.heritage.trees[1:]:
            yield tree.figure
        for section in self.sections:
            yield from section.linked


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The index and one page per group."""
    # The largest first; those with a known history only test the program.
    order = sorted(site.groups, key=lambda one: (bool(one.group.truth), -len(one.group.members)))
    yield f"{GROUPS.name}/index.md", GroupIndex(cards=tuple(map(_card, order)))
    for one in site.groups:
        files = site.downloads.own[GROUPS.name][one.group.id]
        page = group_page(one, files, site.atlas.published.distances)
        yield f"{GROUPS.name}/{one.group.id}.md", page


def _card(prepared: Prepared) -> GroupCard:
    group = prepared.group
    found = contents(prepared.matrix, prepared.drawn, prepared.labels)
    return GroupCard(
        id=group.id,
        name=group.title,
        members=len(group.members),
        imported=group.origin == "imported",
        components=tuple(one.name for one in found),
        contents=next(iter(found), None),
        map=small_map(prepared),
    )


def group_page(
    prepared: Prepared, downloads: tuple[Download, ...], printed: Sequence[PrintedDistances]
) -> GroupPage:
    """The page of one group; `printed` are distances published elsewhere."""
    drawn, kinds = prepared.drawn, kind_table(prepared, printed)
    pictures = tuple(sections(prepared))
    others = ["members", "downloads", *(each.key for each in pictures)]
    return GroupPage(
        group=prepared.group,
        contents=contents(prepared.matrix, drawn, prepared.labels),
        alike=tuple(
            one.name for one in drawn if not one.differs and len(one.labels) == len(prepared.labels)
        ),
        sections=pictures,
        apart=tuple(
            _apart(one)
            for one in prepared.differing
            if not one.has_distances and len(one.labels) == len(prepared.labels)
        ),
        bases=tuple((one.name, one.labels[one.base].text) for one in drawn),
        names=tuple((one.number, one.text) for one in prepared.labels),
        members=table(member_columns(prepared), range(len(prepared.labels)), prepared),
        left_out=not_compared(prepared.matrix, prepared.labels),
        heritage=heritage(prepared, [*others, *(["by-kind"] if kinds else [])]),
        candidates=candidates(prepared.group.components, naming(prepared)),
        kinds=kinds,
        downloads=downloads,
        controls=_controls(prepared),
        map=small_map(prepared),
        large=prepared.is_large,
    )


def _controls(prepared: Prepared) -> tuple[Control, ...]:
    components = tuple((one.name, begun(component_title(one.name))) for one in prepared.differing)
    return (
        Control(name="component", title="Component", options=components),
        Control(
            name="metric",
            title="Metric",
            options=tuple((name, METRICS[name]) for name in prepared.group.metrics),
        ),
    )


def _apart(drawn: Drawn) -> Apart:
    return Apart(
        component=drawn.name,
        pairs=tuple(
            NamedPair(a=drawn.labels[a], b=drawn.labels[b], distance=float(drawn.distances[a, b]))
            for a, b in combinations(range(len(drawn.labels)), 2)
        ),
    )
