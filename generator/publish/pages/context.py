"""Base classes of the contexts that fill the templates."""

from collections.abc import Iterable
from typing import ClassVar

from generator.publish.figures.figure import Figure
from generator.records import Record


class Context(Record, frozen=True, kw_only=True):
    """Base of all contexts: its fields are the only names that the template `TEMPLATE` may use."""

    TEMPLATE: ClassVar[str]

    def figures(self) -> Iterable[Figure]:
        """The figures that the page can make interactive."""
        return ()


class Control(Record, frozen=True, kw_only=True):
    """A control for the interactive figures of a page: values with their labels.

    It selects figures by their `choice`; as a `signal`, it sets the parameter of that name in every
    figure that has it.
    """

    name: str
    title: str
    options: tuple[tuple[str, str], ...]
    signal: bool = False
