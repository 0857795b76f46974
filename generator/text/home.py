"""Findings of the home page: one card per code, whose texts are filled with names and numbers.

A field of a card is a template; its values are text, including numbers in words.
"""

from generator.networks.tables import read_table
from generator.records import Record


class CardText(Record):
    """The figure of a card, its meaning, the reason, and the label of the link to the evidence."""

    figure: str
    claim: str
    because: str
    link_text: str


CARDS = read_table("text", "home.toml", dict[str, CardText])
LARGER = " {name} has {ratio} times the parameters and needs {cost} at a batch of {samples}."
HOW = {
    "measured": "Measured by component, block and kind, from one reading of the files",
    "imported": "Measured elsewhere and imported",
}
