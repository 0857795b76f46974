"""Checkpoints, groups and pairs -> the findings about them on the home page.

A family whose history is known is a test of this program: nothing is found about the world in it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from generator.publish.figures.groups.prepared import LONGEST_NAME, Prepared
from generator.publish.pages.network_findings import HomeFinding, card
from generator.publish.reading.atlas import Atlas
from generator.publish.reading.checkpoints import LoadedCheckpoint, shared_components
from generator.publish.reading.pairs import LoadedPair
from generator.records import Finding
from generator.records.findings import ContentCounts, Copies, Descent, Mixed
from generator.text import numbers
from generator.text.anomalies import ANOMALIES, anomaly_title
from generator.text.findings import FIRST, residual
from generator.text.home import HOW
from generator.text.pairs import answer_of_all
from generator.text.words import COMPONENTS, component_title, order_components

# Kinds of findings that tell of a mix of two, the surest first.
MIXES = ("merge", "between")


def checkpoint_findings(atlas: Atlas, groups: Sequence[Prepared]) -> tuple[HomeFinding, ...]:
    """Findings about checkpoints, in page order; empty without checkpoints."""
    known = [one.group for one in groups if one.group.truth]
    tested = {member for group in known for member in group.members}
    # Its adapters have a history, too, but are no members.
    tested |= {origin.name for group in known for origin in group.truth}
    held = [one for one in atlas.checkpoints if one.record.id not in tested]
    pairs = [one for one in atlas.pairs if not {one.record.a, one.record.b} <= tested]
    others = [one for one in groups if not one.group.truth]
    return (
        *_distances(others),
        *_same_under_other_names(others),
        *_same_part(others),
        *_mix(others),
        *_line(others),
        *_contents(held),
        *_shared(held),
        *_anomalies(held),
        *_pairs(pairs),
    )


def _distances(groups: Sequence[Prepared]) -> Iterator[HomeFinding]:
    if groups:
        largest = max(groups, key=lambda one: len(one.group.members))
        sums, group = largest.loaded.beside, largest.group
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


def _same_under_other_names(groups: Sequence[Prepared]) -> Iterator[HomeFinding]:
    """The group in which most checkpoints hold the denoiser of another one."""
    spare = {
        figures.members - figures.different: (one, figures)
        for one, found in _found(groups, "different_ones")
        if found.component == "denoiser" and isinstance(figures := found.figures, ContentCounts)
    }
    if most := max(spare, default=0):
        group, counts = spare[most]
        yield card(
            "renamed",
            _link(group),
            figure=f"{most} of {counts.members}",
            name=group.group.title,
            different=counts.different,
        )


def _same_part(groups: Sequence[Prepared]) -> Iterator[HomeFinding]:
    """The component that most members of a group hold in common."""
    shared = {
        figures.members: (one, found.component)
        for one, found in _found(groups, "copies")
        if isinstance(figures := found.figures, Copies)
    }
    if most := max(shared, default=0):
        group, component = shared[most]
        counts = (
            each.figures
            for each in group.group.findings
            if each.kind == "different_ones" and each.component == component
        )
        different = next(counts, None)
        if isinstance(different, ContentCounts):
            yield card(
                "same_part",
                _link(group),
                figure=f"{most} of {different.members}",
                component=component_title(component),
                components=COMPONENTS.get(component, (component, component))[1],
                different=different.different,
                name=group.group.title,
            )


def _mix(groups: Sequence[Prepared]) -> Iterator[HomeFinding]:
    """A denoiser that was mixed from two, by the surest kind of finding."""
    mixes = [
        (figures, one, found)
        for kind in MIXES
        for one, found in _found(groups, kind)
        if found.component == "denoiser" and isinstance(figures := found.figures, Mixed)
        if len(figures.weights) == 2
    ]
    if mixes:
        figures, group, found = mixes[0]
        target, first, second = (_name(group, member) for member in found.subjects)
        yield card(
            found.kind,
            _link(group),
            weights=" : ".join(f"{weight:z.2f}" for weight in figures.weights),
            target=target,
            first=first,
            second=second,
            residual=residual(figures.residual),
            name=group.group.title,
        )


def _line(groups: Sequence[Prepared]) -> Iterator[HomeFinding]:
    """The longest line of checkpoints whose first end is known."""
    lines = [
        (len(found.subjects), one, found, figures)
        for one, found in _found(groups, "chain")
        if isinstance(figures := found.figures, Descent) and figures.rule != "centre"
    ]
    if lines:
        length, group, found, figures = max(lines, key=lambda each: each[0])
        yield card(
            "line",
            _link(group),
            count=length,
            first=_name(group, found.subjects[0]),
            last=_name(group, found.subjects[-1]),
            name=group.group.title,
            known=FIRST[figures.rule],
        )


def _found(groups: Sequence[Prepared], kind: str) -> Iterator[tuple[Prepared, Finding]]:
    for one in groups:
        yield from ((one, found) for found in one.group.findings if found.kind == kind)


def _link(group: Prepared) -> str:
    return f"groups/{group.id}.html#findings"


def _name(group: Prepared, member: str) -> str:
    label = group.labels[group.group.members.index(member)]
    return numbers.shortened(label.text, LONGEST_NAME)


def _contents(held: Sequence[LoadedCheckpoint]) -> Iterator[HomeFinding]:
    if held:
        parameters = sum(one.record.parameters for one in held)
        size = sum(one.record.size for one in held)
        yield card(
            "checkpoints",
            "checkpoints/index.html",
            count=numbers.grouped(len(held)),
            checkpoints="checkpoint" if len(held) == 1 else "checkpoints",
            size=numbers.quantity(float(size), "B"),
            parameters=numbers.count(parameters),
        )


def _shared(held: Sequence[LoadedCheckpoint]) -> Iterator[HomeFinding]:
    several = shared_components(held)
    if several:
        most = several[0]
        yield card(
            "shared",
            "checkpoints/index.html#shared",
            holders=numbers.grouped(len(most.holders)),
            component=component_title(most.component),
            count=len(several),
        )


def _anomalies(held: Sequence[LoadedCheckpoint]) -> Iterator[HomeFinding]:
    """The most serious anomaly that not all checkpoints have."""
    holders = Counter(
        code for one in held for code in {anomaly.code for anomaly in one.record.anomalies}
    )
    telling = [code for code in ANOMALIES if 0 < holders[code] < len(held)]
    if telling:
        code = telling[0]
        yield card(
            "anomaly",
            "methods.html#anomalies",
            holders=holders[code],
            count=len(held),
            title=anomaly_title(code),
            meaning=ANOMALIES[code].meaning,
            kinds="one kind" if len(holders) == 1 else f"{len(holders)} kinds",
        )


def _pairs(pairs: Sequence[LoadedPair]) -> Iterator[HomeFinding]:
    if pairs:
        records = [one.record for one in pairs]
        yield card(
            "pairs",
            "pairs/index.html",
            count=numbers.grouped(len(records)),
            pairs="pair" if len(records) == 1 else "pairs",
            answer=answer_of_all([(pair.name, pair.verdicts) for pair in records]),
        )
