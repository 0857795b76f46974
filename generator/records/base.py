"""What all records are: frozen, typed, refusing what they do not know."""

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all records: immutable, keyword-only, refusing fields it does not know."""


class ResultRecord(Record, frozen=True, kw_only=True):
    """Base of the records that are results of their own: `ID.json`, with files beside it.

    `digest` is that of everything the result was made from, `files` holds the SHA-256 of each file
    beside it, `checksum` that of the record itself. Each kind adds its `schema`.
    """

    id: str
    digest: str = ""
    files: dict[str, str] = {}
    checksum: str = ""
