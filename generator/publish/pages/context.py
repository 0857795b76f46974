"""The base of the contexts that fill the templates, and what several of them hold."""

from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import ClassVar

from markupsafe import Markup

from generator.publish.figures.figure import Figure, static_svg
from generator.publish.tables.table import Table
from generator.records import Record
from generator.text.findings import SECTIONS


class Context(Record):
    """Base of all contexts: its fields are the only names that the template `TEMPLATE` may use,
    and it uses all but those that are `DRAWN` in the picture of the page."""

    TEMPLATE: ClassVar[str]
    DRAWN: ClassVar[frozenset[str]] = frozenset()

    def figures(self) -> Iterable[Figure]:
        """The figures that the page can make interactive."""
        return ()

    def linked(self) -> Iterable[Figure]:
        """Those of the figures that are not drawn in the page, which links to them."""
        return ()

    def tables(self) -> Iterable[Table]:
        """The tables of the page, which may be long."""
        values = (getattr(self, name) for name in self.__struct_fields__)
        return (value for value in values if isinstance(value, Table))

    def picture(self) -> Markup:
        """The drawing that stands for the page where somebody links to it; empty without one."""
        return next((static_svg(one) for one in self.figures()), Markup())


class Told(Record):
    """The sentence of a finding, and the anchor and title of the section with its evidence; `id` is
    its own anchor, the same as long as it says the same."""

    id: str
    sentence: Markup
    anchor: str
    title: str


def told(sentence: Markup, evidence: Iterable[str], sections: Collection[str]) -> Told:
    """`sentence` with the first section in `evidence` that the page has."""
    anchor = next(each for each in (*evidence, *sections) if each in sections)
    digest = sha256(sentence.striptags().encode()).hexdigest()
    return Told(
        id=f"finding-{digest[:8]}",
        sentence=sentence,
        anchor=anchor,
        title=SECTIONS.get(anchor, anchor),
    )


class Control(Record):
    """A control for the interactive figures of a page, which selects them by their `choice`: values
    with their labels."""

    name: str
    title: str
    options: tuple[tuple[str, str], ...]
