"""A group in `data/` -> the group with its distances, its members' names, and what figures draw."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from markupsafe import Markup

from generator.publish.figures.groups.drawn import Drawn, drawn_components
from generator.publish.figures.groups.labels import Label, labels
from generator.publish.reading.checkpoints import LoadedCheckpoint
from generator.publish.reading.groups import LoadedGroup
from generator.publish.reading.pairs import LoadedPair
from generator.records import Group, Matrix
from generator.records.distances import distance_matrix
from generator.text import numbers
from generator.text.escaping import inert
from generator.text.filling import Naming

# Length of a name in a sentence; the whole name is shown on hover.
LONGEST_NAME = 64
# With more members, a page has one drawing of each figure, a section less, and fewer links.
MANY = 150


class Prepared(NamedTuple):
    """A group with everything needed to make its page and its files.

    `linked` are the members with a page, `drawn` all components that can be drawn.
    """

    loaded: LoadedGroup
    matrix: Matrix
    labels: tuple[Label, ...]
    linked: frozenset[str]
    drawn: tuple[Drawn, ...]

    @property
    def id(self) -> str:
        """The id of the record: the name of its page and its files."""
        return self.loaded.id

    @property
    def group(self) -> Group:
        """The record."""
        return self.loaded.record

    @property
    def is_large(self) -> bool:
        """Whether its page has to save elements."""
        return len(self.labels) > MANY

    @property
    def differing(self) -> tuple[Drawn, ...]:
        """The components in which members differ."""
        return tuple(one for one in self.drawn if one.differs)


def prepare(
    loaded: LoadedGroup,
    checkpoints: tuple[LoadedCheckpoint, ...],
    pairs: Iterable[LoadedPair] = (),
) -> Prepared:
    """`loaded` with its distances and names; members of the catalogue have a page, the others a
    place in the group's page, and some `pairs` have a page."""
    group = loaded.record
    known = {one.record.id: one.record.name for one in checkpoints}
    is_known = group.origin == "measured"
    linked = frozenset(member for member in group.members if is_known and member in known)
    names = {member: known[member] for member in linked} | group.about.titles
    called = tuple(
        msgspec.structs.replace(
            label,
            link=f"../checkpoints/{member}.html" if member in linked else f"#member-{label.number}",
        )
        for member, label in zip(
            group.members,
            labels(group.members, names),
            strict=True,
        )
    )
    numbered = {member: number for number, member in enumerate(group.members, start=1)}
    pages = {
        frozenset((numbered[one.record.a], numbered[one.record.b])): f"../pairs/{one.id}.html"
        for one in pairs
        if {one.record.a, one.record.b} <= linked
    }
    drawn = drawn_components(group, loaded.beside, called, pages)
    return Prepared(
        loaded=loaded,
        matrix=distance_matrix(loaded.beside, group.metrics),
        labels=called,
        linked=linked,
        drawn=drawn,
    )


def naming(prepared: Prepared, group_page: str = "") -> Naming:
    """Turns the name of a member into markup: a link to its page, or to its row in the page of the
    group, whose address is `group_page` on other pages."""
    places = {name: place for place, name in enumerate(prepared.group.members)}

    def name(member: str) -> Markup:
        label = prepared.labels[places[member]]
        text = inert(numbers.shortened(label.text, LONGEST_NAME))
        whole = inert(label.whole)
        link = group_page + label.link if label.link.startswith("#") else label.link
        return Markup('<a href="{}" title="{}">{}</a>').format(inert(link), whole, text)

    return name
