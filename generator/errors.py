"""Everything that can go wrong and that a user can do something about, as one tree.

    AtlasError              never raised itself
    ├── InternalError       one result fails by our own mistake, the others go on     exit 1
    ├── UsageError          the command or the catalogue as a whole cannot be used    exit 2
    │   └── CannotWrite     a folder or file cannot be written
    └── Refusal             one input is refused, the others go on                    exit 3
        ├── CatalogError    one entry of the catalogue
        ├── ConfigError     a network's config, or its class
        ├── MissingExtra    what it takes to measure it is not installed
        ├── CodedRefusal    a file, with a code for the reason
        │   ├── CheckpointError a weight file that is damaged, hostile or not understood
        │   └── ArchiveError    a file of published distances that cannot be right
        └── DamagedRecord   a file of `data/` that is not what was written
            ├── OlderRecord a record of an older version of this program
            └── NewerRecord a record of a newer version of this program

Every other exception that reaches the command line is our bug: exit 1, with its traceback.
"""

from typing import TypeAlias

# What pip knows this program as.
PACKAGE = "diffusion-atlas"
# What a code of `CodedRefusal` is about: a size, a name, a shape.
Field: TypeAlias = int | str | tuple[int | str, ...]


class AtlasError(Exception):
    """A failure with its subject (a file, an entry), the reason, and what to do about it.

    `causes` are the errors that led to it. `generator.text.coded.error_text` makes the whole
    message.
    """

    exit_code = 2

    def __init__(
        self, subject: str, reason: str, advice: str = "", causes: "tuple[AtlasError, ...]" = ()
    ) -> None:
        super().__init__(subject, reason, advice, causes)
        self.subject = subject
        self.reason = reason
        self.advice = advice
        self.causes = causes

    def __str__(self) -> str:
        message = f"{self.subject}: {self.reason}"
        if self.causes:
            message += f" ({'; '.join(map(str, self.causes))})"
        return f"{message}. {self.advice}" if self.advice else message


class InternalError(AtlasError):
    """One result fails by a bug, the exception that is this one's cause; the others go on."""

    exit_code = 1


class UsageError(AtlasError):
    """The command, or the catalogue as a whole, cannot be used."""


class CannotWrite(UsageError):
    """A file or folder cannot be written; what was there is unchanged."""


class Refusal(AtlasError):
    """One input is refused; everything else is still done."""

    exit_code = 3


class CatalogError(Refusal):
    """One entry of the catalogue has an unknown key, a wrong value or a missing file."""


class ConfigError(Refusal):
    """A network's config does not build a network of a known family."""


class MissingExtra(Refusal):
    """A result, or a verb, needs packages of an `extra` of this program."""

    def __init__(self, subject: str, extra: str) -> None:
        reason = f"needs the extra '{extra}', which is not installed"
        super().__init__(subject, reason, f"Install it with: pip install '{PACKAGE}[{extra}]'")
        # A copy made in another process is made from these.
        self.args = (subject, extra)


class CodedRefusal(Refusal):
    """A file is refused as a whole: `code` says why and `fields` what was found.

    `generator.text.refusals` has the sentence of each code. Names from the file are quoted and
    short.
    """

    def __init__(
        self, subject: str, code: str, causes: tuple[AtlasError, ...] = (), /, **fields: Field
    ) -> None:
        found = ", ".join(f"{name} {value}" for name, value in fields.items())
        super().__init__(subject, f"{code} ({found})" if found else code, causes=causes)
        # A copy made in another process gets the fields as attributes.
        self.args = (subject, code)
        self.code = code
        self.fields = fields


class CheckpointError(CodedRefusal):
    """A weight file is damaged, hostile or not understood."""


class ArchiveError(CodedRefusal):
    """A file of published distances is damaged, or not one."""


class DamagedRecord(Refusal):
    """A file of `data/` is missing, half written, changed by hand, or of another schema."""


class OlderRecord(DamagedRecord):
    """A record was written by an older version of this program, and has to be made again."""


class NewerRecord(DamagedRecord):
    """A record was written by a newer version of this program, and is left as it is."""
