"""Checkpoints, groups and pairs -> what the home page says of them, as sentences with numbers."""

from collections import Counter
from collections.abc import Iterator

from generator.publish.pages.network_findings import Finding
from generator.publish.reading.atlas import Atlas
from generator.publish.reading.checkpoints import shared_components
from generator.text import numbers
from generator.text.anomalies import ANOMALY_CODES
from generator.text.pairs import answer_of_all
from generator.text.words import anomaly_title, component_title


def checkpoint_findings(atlas: Atlas) -> tuple[Finding, ...]:
    """What was measured of checkpoints, in the order of the page; nothing if there are none."""
    return (
        *_contents(atlas),
        *_shared(atlas),
        *_anomalies(atlas),
        *_groups(atlas),
        *_pairs(atlas),
    )


def _contents(atlas: Atlas) -> Iterator[Finding]:
    held = [one.checkpoint for one in atlas.checkpoints]
    if held:
        parameters = sum(checkpoint.parameters for checkpoint in held)
        size = sum(checkpoint.size for checkpoint in held)
        yield Finding(
            figure=numbers.grouped(len(held)),
            claim=f"{'checkpoint' if len(held) == 1 else 'checkpoints'} were read, every byte once:"
            f" {numbers.quantity(float(size), 'B')} with {numbers.count(parameters)} parameters.",
            because="Each tensor has its hash, norm and extremes under one canonical name, whatever"
            " the format and the layout of the file.",
            link="checkpoints/index.html",
            link_text="All checkpoints",
        )


def _shared(atlas: Atlas) -> Iterator[Finding]:
    several = shared_components(atlas.checkpoints)
    if several:
        most = several[0]
        yield Finding(
            figure=numbers.grouped(len(most.holders)),
            claim=f"checkpoints hold the same {component_title(most.component)}, value for value.",
            because=f"{len(several)} components are held by more than one checkpoint: told by their"
            " values, not by their names.",
            link="checkpoints/index.html#shared",
            link_text="Which hold the same",
        )


def _anomalies(atlas: Atlas) -> Iterator[Finding]:
    """The gravest anomaly that tells checkpoints apart: what all have says nothing of any."""
    count = len(atlas.checkpoints)
    holders = Counter(
        code
        for one in atlas.checkpoints
        for code in {anomaly.code for anomaly in one.checkpoint.anomalies}
    )
    telling = [code for code in ANOMALY_CODES if 0 < holders[code] < count]
    if telling:
        code = telling[0]
        kinds = "one kind" if len(holders) == 1 else f"{len(holders)} kinds"
        yield Finding(
            figure=f"{holders[code]} of {count}",
            claim=f"checkpoints, with the anomaly “{anomaly_title(code)}”.",
            because=f"{ANOMALY_CODES[code]}. Anomalies of {kinds} were found, each named with the"
            " tensors concerned.",
            link="methods.html#anomalies",
            link_text="What each kind means",
        )


def _groups(atlas: Atlas) -> Iterator[Finding]:
    if atlas.groups:
        largest = max((one.group for one in atlas.groups), key=lambda group: len(group.members))
        members = len(largest.members)
        how = "Each member against each other, in every component and block, from one reading"
        how += " of the files"
        if largest.origin == "imported":
            how = "Measured elsewhere and imported, each member against each other"
        yield Finding(
            figure=numbers.grouped(members * (members - 1) // 2),
            claim=f"distances tell how {members} checkpoints stand to one another: {largest.name}.",
            because=f"{how}: clusters, trees and neighbours follow from them.",
            link=f"groups/{largest.id}.html",
            link_text="The group",
        )


def _pairs(atlas: Atlas) -> Iterator[Finding]:
    if atlas.pairs:
        pairs = [one.pair for one in atlas.pairs]
        yield Finding(
            figure=numbers.grouped(len(pairs)),
            claim=f"{'pair' if len(pairs) == 1 else 'pairs'} compared tensor by tensor.",
            because=answer_of_all([(pair.name, pair.verdicts) for pair in pairs]),
            link="pairs/index.html",
            link_text="Where they differ",
        )
