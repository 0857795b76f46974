"""The contexts of the pages about groups."""

from collections.abc import Iterator

from generator.publish.downloads import Download
from generator.publish.figures.figure import Figure
from generator.publish.figures.groups.labels import Label
from generator.publish.pages.context import Context, Control
from generator.publish.pages.groups.lineage import Heritage
from generator.publish.pages.groups.summary import Content, NamedPair, NotCompared
from generator.publish.tables.by_kind import KindTable
from generator.records import Group, Record


class PictureSection(Record, frozen=True, kw_only=True):
    """The figures that answer one question, of each component and metric; `folded` away if it is no
    first answer."""

    key: str
    title: str
    question: str
    folded: bool
    figures: tuple[Figure, ...]

    @property
    def shown(self) -> tuple[Figure, ...]:
        """Those that are drawn without scripts: one of each component."""
        first = {one.choice["component"]: one for one in reversed(self.figures)}
        return tuple(one for one in self.figures if first[one.choice["component"]] is one)


class Apart(Record, frozen=True, kw_only=True):
    """The distances of all members that can be compared by a component: two or three."""

    component: str
    pairs: tuple[NamedPair, ...]


class GroupCard(Record, frozen=True, kw_only=True):
    """One group among others; `contents` are those of its first component, `map` is None if there
    is none."""

    id: str
    name: str
    members: int
    imported: bool
    components: tuple[str, ...]
    contents: Content | None
    map: Figure | None


class GroupIndex(Context, frozen=True, kw_only=True):
    """The list of groups."""

    TEMPLATE = "groups.md"

    cards: tuple[GroupCard, ...]


class MemberCell(Record, frozen=True, kw_only=True):
    """A distance in the table of members, or the reason why there is none."""

    raw: float | None
    text: str
    reason: str


class MemberRow(Record, frozen=True, kw_only=True):
    """A member, the address of its page (empty if it has none), and its distances."""

    label: Label
    link: str
    cells: tuple[MemberCell, ...]


class GroupPage(Context, frozen=True, kw_only=True):
    """One group. `apart` tells the distances of components of too few members to draw. `columns`
    pair a component with the member from which the table's distances in it are, `alike` names
    components that all members hold alike; `kinds` are distances by kind, of an archive that tells
    them; `controls` are what a reader chooses for the interactive figures."""

    TEMPLATE = "group.md"

    group: Group
    contents: tuple[Content, ...]
    alike: tuple[str, ...]
    sections: tuple[PictureSection, ...]
    apart: tuple[Apart, ...]
    columns: tuple[tuple[str, str], ...]
    rows: tuple[MemberRow, ...]
    left_out: tuple[NotCompared, ...]
    heritage: Heritage
    kinds: KindTable | None
    downloads: tuple[Download, ...]
    controls: tuple[Control, ...]

    def figures(self) -> Iterator[Figure]:
        """Those of the sections, of the lineage and of the merges."""
        for section in self.sections:
            yield from section.figures
        for tree in self.heritage.trees:
            yield tree.figure
        for merge in self.heritage.merges:
            if merge.bars:
                yield merge.bars
