"""What others say of a network, and where: its config, its size, its licence."""

from generator.records.base import Count, Record


class Origin(Record):
    """Where the config of a network comes from.

    `evidence` is how the source shows it, in words (a copy of the file, a conversion script that
    builds the network); `source` names the file or page.
    """

    evidence: str
    source: str


class Claim(Record):
    """A number of parameters as others state it: `text` as they write it, `parameters` the number
    that it means, and the `source` that says it."""

    text: str
    parameters: Count
    source: str


class License(Record):
    """A licence by its usual name, and the `source` that says so."""

    name: str
    source: str
