"""Checkpoints, groups and pairs -> the findings about them on the home page."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from generator.publish.pages.network_findings import HomeFinding, card
from generator.publish.reading.atlas import Atlas
from generator.publish.reading.checkpoints import shared_components
from generator.text import numbers
from generator.text.anomalies import ANOMALIES, anomaly_title
from generator.text.home import HOW
from generator.text.pairs import answer_of_all
from generator.text.words import COMPONENTS, component_title, order_components


def checkpoint_findings(atlas: Atlas) -> tuple[HomeFinding, ...]:
    """Findings about checkpoints, in page order; empty without checkpoints."""
    return (
        *_contents(atlas),
        *_shared(atlas),
        *_anomalies(atlas),
        *_groups(atlas),
        *_pairs(atlas),
    )


def _contents(atlas: Atlas) -> Iterator[HomeFinding]:
    held = [one.record for one in atlas.checkpoints]
    if held:
        parameters = sum(checkpoint.parameters for checkpoint in held)
        size = sum(checkpoint.size for checkpoint in held)
        yield card(
            "checkpoints",
            "checkpoints/index.html",
            count=numbers.grouped(len(held)),
            checkpoints="checkpoint" if len(held) == 1 else "checkpoints",
            size=numbers.quantity(float(size), "B"),
            parameters=numbers.count(parameters),
        )


def _shared(atlas: Atlas) -> Iterator[HomeFinding]:
    several = shared_components(atlas.checkpoints)
    if several:
        most = several[0]
        yield card(
            "shared",
            "checkpoints/index.html#shared",
            holders=numbers.grouped(len(most.holders)),
            component=component_title(most.component),
            count=len(several),
        )


def _anomalies(atlas: Atlas) -> Iterator[HomeFinding]:
    """The most serious anomaly that not all checkpoints have."""
    count = len(atlas.checkpoints)
    holders = Counter(
        code
        for one in atlas.checkpoints
        for code in {anomaly.code for anomaly in one.record.anomalies}
    )
    telling = [code for code in ANOMALIES if 0 < holders[code] < count]
    if telling:
        code = telling[0]
        yield card(
            "anomaly",
            "methods.html#anomalies",
            holders=holders[code],
            count=count,
            title=anomaly_title(code),
            meaning=ANOMALIES[code].meaning,
            kinds="one kind" if len(holders) == 1 else f"{len(holders)} kinds",
        )


def _groups(atlas: Atlas) -> Iterator[HomeFinding]:
    if atlas.groups:
        largest = max(atlas.groups, key=lambda group: len(group.record.members))
        sums, group = largest.beside, largest.record
        component, *_ = order_components(sums.components) or [""]
        known = int(np.triu(sums.add_up(component).elements > 0, 1).sum()) if component else 0
        if known:
            yield card(
                "group",
                f"groups/{group.id}.html",
                distances=numbers.grouped(known),
                components=COMPONENTS.get(component, (component, component))[1],
                members=len(group.members),
                name=group.title,
                how=HOW[group.origin],
            )


def _pairs(atlas: Atlas) -> Iterator[HomeFinding]:
    if atlas.pairs:
        pairs = [one.record for one in atlas.pairs]
        yield card(
            "pairs",
            "pairs/index.html",
            count=numbers.grouped(len(pairs)),
            pairs="pair" if len(pairs) == 1 else "pairs",
            answer=answer_of_all([(pair.name, pair.verdicts) for pair in pairs]),
        )
