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
SHARED_AGAIN = " Sharing it again gives the published figure to the digit."
LARGER = " {name} has {ratio} times the parameters and needs {cost} at a batch of {samples}."
# Why a UNet may cost more than a larger transformer; in other cases the sentence ends differently.
PATCHES = ": a transformer works on every patch in every block, a UNet's largest blocks see the"
PATCHES += " smallest images."
HOW = {
    "measured": "Each member against each other, in every component and block, from one reading of"
    " the files",
    "imported": "Measured elsewhere and imported, each member against each other",
}
