"""Findings of the home page: one card per code, whose texts are filled with names and numbers.

A field of a card is a template; its values are text, including numbers in words.
"""

from typing import NamedTuple


class CardText(NamedTuple):
    """The figure of a card, its meaning, the reason, and the label of the link to the evidence."""

    figure: str
    claim: str
    because: str
    link_text: str


CARDS = {
    "overcount": CardText(
        "{ratio}",
        "{name} has {parameters} parameters, not {counted}.",
        "torchinfo counted modules more than once because older diffusers shared one activation"
        " object among them.{published}",
        "How that came about",
    ),
    "cost": CardText(
        "{ratio}",
        "One step of {dear} costs as much as {times} of {cheap}.",
        "{dear_cost} against {cheap_cost}, each at its default image size with guidance as its"
        " pipeline runs it.{aside}",
        "Compare all networks",
    ),
    "size_is_not_cost": CardText(
        "{ratio}",
        "Size is not cost: {dear} spends {times} times the FLOPs of {cheap}, which has {sizes}"
        " times the parameters.",
        "{dear_cost} against {cheap_cost} per sample and step.",
        "Size and cost in one picture",
    ),
    "modulation": CardText(
        "{norms}",
        "of {name} sits in its norms, not in attention ({attention}).",
        "Adaptive layer norms project the timestep, and in some networks the pooled text, to a"
        " shift, scale and gate for every block: one set per step serves the whole image.",
        "Its kinds of parameters",
    ),
    "concentration": CardText(
        "{half} of {count}",
        "blocks hold half of {name}'s parameters: {blocks}.",
        "A merge weight on one of these acts on at least as many parameters as one on any of the"
        " other blocks.",
        "Its blocks",
    ),
    "agreement": CardText(
        "{agreeing} of {count}",
        "published figures come out to the last printed digit.",
        "{explained} differ for a known reason{unexplained}. No weights, no GPU: the networks are"
        " built on PyTorch's meta device.",
        "Cell by cell",
    ),
    "checkpoints": CardText(
        "{count}",
        "{checkpoints} were read, every byte once: {size} with {parameters} parameters.",
        "Each tensor of a measured dtype has its hash and, if its values are finite, its norm and"
        " extremes, under one canonical name, whatever the format and layout of the file.",
        "All checkpoints",
    ),
    "shared": CardText(
        "{holders}",
        "checkpoints hold the same {component}, value for value.",
        "{count} components are held by more than one checkpoint: recognised by their values, not"
        " their names.",
        "Which hold the same",
    ),
    "anomaly": CardText(
        "{holders} of {count}",
        "checkpoints have the anomaly “{title}”.",
        "{meaning}. Anomalies of {kinds} were found, each named with the tensors concerned.",
        "What each kind means",
    ),
    "group": CardText(
        "{distances}",
        "distances of {components} show how {members} checkpoints are related: {name}.",
        "{how}: clusters, trees and neighbours follow from them.",
        "The group",
    ),
    "pairs": CardText(
        "{count}", "{pairs} compared tensor by tensor.", "{answer}", "Where they differ"
    ),
}
SHARED_AGAIN = " Sharing it again gives the published figure to the digit."
LARGER = " {name} has {ratio} times the parameters and needs {cost} at a batch of {samples}."
HOW = {
    "measured": "Measured by component, block and kind, from one reading of the files",
    "imported": "Measured elsewhere and imported",
}
