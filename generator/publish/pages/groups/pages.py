"""Groups as they are prepared -> the contexts of their pages."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from generator.publish.downloads import Download
from generator.publish.figures.groups.pictures import sections
from generator.publish.figures.groups.thumbnails import small_map
from generator.publish.pages.context import Context, Control
from generator.publish.pages.groups.components import Drawn
from generator.publish.pages.groups.contexts import (
    Apart,
    GroupCard,
    GroupIndex,
    GroupPage,
    MemberCell,
    MemberRow,
)
from generator.publish.pages.groups.lineage import heritage
from generator.publish.pages.groups.prepared import Prepared
from generator.publish.pages.groups.summary import NamedPair, contents, not_compared
from generator.publish.pages.site import Site
from generator.publish.reading.groups import GROUPS
from generator.publish.reading.published import PrintedDistances
from generator.publish.tables.by_kind import kind_table
from generator.text import numbers
from generator.text.reasons import no_distance
from generator.text.words import METRICS, begun, component_title


def pages(site: Site) -> Iterator[tuple[str, Context]]:
    """The index and one page per group."""
    yield f"{GROUPS}/index.md", GroupIndex(cards=tuple(map(_card, site.groups)))
    for one in site.groups:
        files = site.downloads.own[GROUPS][one.group.id]
        page = group_page(one, files, site.atlas.published.distances)
        yield f"{GROUPS}/{one.group.id}.md", page


def _card(prepared: Prepared) -> GroupCard:
    group = prepared.group
    found = contents(prepared.matrix, prepared.drawn, prepared.labels)
    return GroupCard(
        id=group.id,
        name=group.name,
        members=len(group.members),
        imported=group.origin == "imported",
        components=tuple(one.name for one in found),
        contents=next(iter(found), None),
        map=small_map(prepared),
    )


def group_page(
    prepared: Prepared, downloads: tuple[Download, ...], printed: Sequence[PrintedDistances]
) -> GroupPage:
    """The page of one group, with what was `printed` of its distances elsewhere."""
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
            _apart(one.drawn)
            for one in prepared.planned
            if not one.has_distances and len(one.drawn.labels) == len(prepared.labels)
        ),
        columns=tuple((one.name, one.labels[one.base].text) for one in drawn),
        rows=tuple(_row(prepared, place) for place in range(len(prepared.labels))),
        left_out=not_compared(prepared.matrix, prepared.labels),
        heritage=heritage(prepared, [*others, *(["by-kind"] if kinds else [])]),
        kinds=kinds,
        downloads=downloads,
        controls=_controls(prepared),
    )


def _controls(prepared: Prepared) -> tuple[Control, ...]:
    components = tuple(
        (one.drawn.name, begun(component_title(one.drawn.name))) for one in prepared.planned
    )
    members = ((str(one.number), f"{one.number} {one.text}") for one in prepared.labels)
    return (
        Control(name="component", title="Component", options=components),
        Control(
            name="metric",
            title="Metric",
            options=tuple((name, METRICS[name]) for name in prepared.group.metrics),
        ),
        Control(
            name="highlight", title="Highlight", options=(("0", "none"), *members), signal=True
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


def _row(prepared: Prepared, place: int) -> MemberRow:
    return MemberRow(
        label=prepared.labels[place],
        link=prepared.labels[place].link,
        cells=tuple(_cell(prepared, one, place) for one in prepared.drawn),
    )


def _cell(prepared: Prepared, drawn: Drawn, place: int) -> MemberCell:
    """The distance of a member from the base of a component, whether or not it is drawn."""
    base = drawn.labels[drawn.base]
    square = prepared.matrix.components[drawn.name].l2 or ()
    distance = square[base.number - 1][place] if square else None
    reason = ""
    if distance is None:
        reason = no_distance(
            prepared.group, prepared.matrix, place, drawn.name, base.whole, base.text
        )
    return MemberCell(raw=distance, text=numbers.significant(distance), reason=reason)
