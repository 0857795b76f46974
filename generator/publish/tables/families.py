"""Members of groups whose distances others published -> their table on the page of checkpoints."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from generator.publish.figures.groups.prepared import Prepared
from generator.publish.tables.builders import text, titled
from generator.publish.tables.table import Column, Table, table
from generator.text import columns
from generator.text.escaping import inert
from generator.text.filling import plain
from generator.text.origins import origin_sentence
from generator.text.words import component_title, order_components


class FamilyMember(NamedTuple):
    """A member of a group, by its place there."""

    group: Prepared
    place: int


def families(groups: Iterable[Prepared]) -> Table:
    """All members of the imported groups, which have no pages: they lead to their places in the
    figures of the group."""
    members = [
        FamilyMember(group=one, place=place)
        for one in groups
        if one.group.origin == "imported"
        for place in range(len(one.labels))
    ]
    return table(FAMILY_COLUMNS, members, None)


def _page(member: FamilyMember, _: None = None) -> str:
    return f"../groups/{member.group.id}.html"


def _place(member: FamilyMember, _: None) -> str:
    return f"{_page(member)}?highlight={quote(_name(member))}"


def _name(member: FamilyMember, _: None = None) -> str:
    return member.group.labels[member.place].text


def _origin(member: FamilyMember, _: None) -> str | None:
    """Where the first component with a lineage comes from."""
    group = member.group.group
    parts = {one.name: one for one in group.components if one.lineage}
    for name in order_components(parts)[:1]:
        sentence = origin_sentence(parts[name], group.members[member.place], inert)
        return f"{component_title(name)}: {plain(sentence)}" if sentence else None
    return None


FAMILY_COLUMNS: tuple[Column[FamilyMember, None], ...] = titled(
    columns.of("families"),
    text("member", _name, link=_place),
    text("family", lambda member, _: member.group.group.title, link=_page, wraps=True),
    text("origin", _origin, wraps=True, missing=columns.NOT_COMPARABLE),
)
