"""What all records are: frozen, typed, refusing what they do not know."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

# A number of things, or the index of one.
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
# A length, a distance, a size.
Length = Annotated[float, Meta(ge=0)]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all records: immutable, keyword-only, refusing fields it does not know."""


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Coded(Record, frozen=True, kw_only=True, tag_field="code", tag=_snake):
    """Base of records whose class is their meaning: JSON has its name as `code`, `not_finite`."""

    @property
    def code(self) -> str:
        """The name of the class as JSON has it."""
        return str(self.__struct_config__.tag)


class ResultRecord(Record, frozen=True, kw_only=True):
    """Base of the records that are results of their own: `ID.json`, with files beside it.

    `digest` is that of everything the result was made from, `files` holds the SHA-256 of each file
    beside it, `checksum` that of the record itself. Each kind adds its `schema`.
    """

    id: str
    digest: str = ""
    files: dict[str, str] = {}
    checksum: str = ""
