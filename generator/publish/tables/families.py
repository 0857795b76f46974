"""Members of groups whose distances others published -> their table on the page of checkpoints."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from generator.publish.figures.groups.prepared import Prepared, naming
from generator.publish.quantities.lineage import is_telling
from generator.publish.tables.builders import text, titled
from generator.publish.tables.table import Column, Table, table
from generator.records import GroupComponent
from generator.text import columns
from generator.text.escaping import inert
from generator.text.filling import Naming, plain
from generator.text.origins import origin_sentence
from generator.text.words import component_title, order_components


class FamilyMember(NamedTuple):
    """A member of a group, by its place there."""

    group: Prepared
    place: int


def families(groups: Iterable[Prepared]) -> Table:
    """All members of the imported groups, which have no pages: they lead to their places in the
    figures of the group. Groups with known origins come first, then the largest."""
    order = sorted(groups, key=lambda one: (not _tells(one), -len(one.labels)))
    members = [
        FamilyMember(group=one, place=place)
        for one in order
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


def _first(group: Prepared) -> GroupComponent | None:
    """The first component with a lineage."""
    parts = {one.name: one for one in group.group.components if one.lineage}
    return next((parts[name] for name in order_components(parts)), None)


def _tells(group: Prepared) -> bool:
    part = _first(group)
    return part is not None and part.lineage is not None and is_telling(part.lineage)


def _said(member: FamilyMember, name: Naming) -> Markup | None:
    """Where its first component comes from; which one that is, if not the denoiser."""
    part = _first(member.group)
    sentence = part and origin_sentence(part, member.group.group.members[member.place], name)
    if part is None or not sentence:
        return None
    which = "" if part.name == "denoiser" else f" ({component_title(part.name)})"
    return sentence + which


def _plain(member: FamilyMember, _: None) -> str | None:
    labels = dict(zip(member.group.group.members, member.group.labels, strict=True))
    sentence = _said(member, lambda each: inert(labels[each].text))
    return plain(sentence) if sentence else None


def _linked(member: FamilyMember, _: None) -> Markup:
    return _said(member, naming(member.group, _page(member))) or Markup()


FAMILY_COLUMNS: tuple[Column[FamilyMember, None], ...] = titled(
    columns.of("families"),
    text("member", _name, link=_place),
    # First on narrow screens, too: what people come for.
    text("origin", _plain, shown=_linked, wraps=True, missing=columns.NOT_COMPARABLE),
    text(
        "family",
        lambda member, _: member.group.group.title,
        link=_page,
        wraps=True,
        choices=True,
    ),
)
