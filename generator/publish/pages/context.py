"""What every template is filled from."""

from collections.abc import Iterable
from typing import ClassVar

from generator.publish.figures.figure import Figure
from generator.records import Record


class Context(Record, frozen=True, kw_only=True):
    """Base of all contexts: exactly the names that the template `TEMPLATE` may use."""

    TEMPLATE: ClassVar[str]

    def figures(self) -> Iterable[Figure]:
        """The figures that its page can make interactive."""
        return ()


class Control(Record, frozen=True, kw_only=True):
    """What a reader chooses for the interactive figures of a page: values with their texts.

    It chooses between figures by their `choice`; or, as a `signal`, sets the parameter of that name
    in all figures that have it.
    """

    name: str
    title: str
    options: tuple[tuple[str, str], ...]
    signal: bool = False
