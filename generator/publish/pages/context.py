"""What every template is filled from, and the pieces that several of them share."""

from typing import ClassVar

from generator.records import Record


class Context(Record, frozen=True, kw_only=True):
    """Base of all contexts: exactly the names that the template `TEMPLATE` may use."""

    TEMPLATE: ClassVar[str]


class Download(Record, frozen=True, kw_only=True):
    """One file to download: its address from the site's root, what it is, and its size in bytes."""

    path: str
    label: str
    size: int
