"""Base classes of all records: frozen, typed, without unknown fields."""

import re
from typing import Annotated, Any, dataclass_transform

import msgspec
from msgspec import Meta

# A count or an index.
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
# Small types, for compact tables of prompts and vectors.
Int16 = Annotated[int, Meta(ge=0, le=2**15 - 1)]
Int32 = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Float32 = Annotated[float, Meta(extra={"bits": 32})]
# A length or a distance; its square is still finite.
Length = Annotated[float, Meta(ge=0, le=1e150)]
# A size in megabytes: more than a petabyte is a mistake.
Megabytes = Annotated[float, Meta(ge=0, le=1e9)]
Share = Annotated[float, Meta(ge=0, le=1)]


class KeywordOnly(msgspec.StructMeta):
    """Makes the fields of a class keyword-only unless it says otherwise.

    Of the options of a `msgspec.Struct`, `kw_only` is the only one that is not inherited.
    """

    def __new__(cls, *definition: Any, kw_only: bool = True, **options: Any) -> "KeywordOnly":  # noqa: ANN401
        """The class, as `msgspec.Struct` makes it."""
        return super().__new__(cls, *definition, kw_only=kw_only, **options)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Record(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, metaclass=KeywordOnly
):
    """Base of all records: immutable, keyword-only; unknown fields are refused."""


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Coded(Record, tag_field="code", tag=_snake):
    """Base of records identified by their class. In JSON, `code` is the class name, as
    `not_finite`."""

    @property
    def code(self) -> str:
        """The class name as in JSON."""
        return str(self.__struct_config__.tag)

    @property
    def fields(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


class ResultRecord(Record):
    """Base of records with a file of their own: `ID.json`, with further files beside it.

    `digest` is the digest of all inputs, `files` holds the SHA-256 of each file beside it, and
    `checksum` is the SHA-256 of the record. Each kind of record adds its `schema`.
    """

    id: str
    digest: str = ""
    files: dict[str, str] = {}
    checksum: str = ""

    def check(self) -> None:
        """Raise `ValueError`, naming the field, if the record contradicts itself."""
