"""What every template is filled from."""

from typing import ClassVar

from generator.records import Record


class Context(Record, frozen=True, kw_only=True):
    """Base of all contexts: exactly the names that the template `TEMPLATE` may use."""

    TEMPLATE: ClassVar[str]
