"""The terms explained on pages: a tooltip on first use, and a list on the page Methods."""

from generator.networks.tables import read_table
from generator.records import Record


class Term(Record):
    """A term, its meaning, and the pattern of its uses in prose (without capturing groups)."""

    name: str
    meaning: str
    pattern: str


GLOSSARY = read_table("text", "glossary.toml", dict[str, tuple[Term, ...]])["terms"]
