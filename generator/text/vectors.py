"""Ids of the ways of making a vector of a prompt -> their labels and descriptions."""

from generator.networks.tables import read_table
from generator.records import Record


class VectorText(Record):
    """A label, and the end of a sentence."""

    label: str
    description: str


VECTORS = read_table("text", "vectors.toml", dict[str, VectorText])


def vectors_title(kind: str) -> str:
    """The label of a kind: `Whole sequence`."""
    return VECTORS[kind].label
