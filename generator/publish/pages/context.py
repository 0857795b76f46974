"""What every template is filled from."""

from collections.abc import Iterable
from typing import ClassVar

from generator.publish.figures.figure import Figure
from generator.publish.figures.page_script import Control
from generator.records import Record


class Context(Record, frozen=True, kw_only=True):
    """Base of all contexts: exactly the names that the template `TEMPLATE` may use."""

    TEMPLATE: ClassVar[str]

    def figures(self) -> Iterable[Figure]:
        """The figures that its page can make interactive."""
        return ()

    def controls(self) -> tuple[Control, ...]:
        """What a reader can choose for all of them."""
        return ()
