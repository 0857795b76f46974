"""Checkpoints, groups and pairs -> what the home page says of them, as sentences with numbers."""

from collections.abc import Iterator

from generator.publish import numbers
from generator.publish.atlas import Atlas
from generator.publish.findings import Finding
from generator.publish.holdings import shared_components
from generator.publish.pairs.downloads import judge
from generator.publish.pairs.sentences import answer_of_all
from generator.publish.words import component_title


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
    concerned = [one for one in atlas.checkpoints if one.checkpoint.anomalies]
    codes = {anomaly.code for one in concerned for anomaly in one.checkpoint.anomalies}
    if concerned:
        kinds = "one kind" if len(codes) == 1 else f"{len(codes)} kinds"
        yield Finding(
            figure=f"{len(concerned)} of {len(atlas.checkpoints)}",
            claim=f"have something that their user should know: {kinds} of anomalies.",
            because="NaN, lost precision, missing parts, copies that nobody needs: each is named,"
            " with the tensors concerned.",
            link="methods.html#anomalies",
            link_text="What each kind means",
        )


def _groups(atlas: Atlas) -> Iterator[Finding]:
    if atlas.groups:
        largest = max((one.group for one in atlas.groups), key=lambda group: len(group.members))
        members = len(largest.members)
        yield Finding(
            figure=numbers.grouped(members * (members - 1) // 2),
            claim=f"distances tell how {members} checkpoints stand to one another: {largest.name}.",
            because="Each member against each other, in every component and block, from one reading"
            " of the files: clusters, trees and neighbours follow from them.",
            link=f"groups/{largest.id}.html",
            link_text="The group",
        )


def _pairs(atlas: Atlas) -> Iterator[Finding]:
    if atlas.pairs:
        judged = judge(atlas)
        yield Finding(
            figure=numbers.grouped(len(judged)),
            claim=f"{'pair' if len(judged) == 1 else 'pairs'} compared tensor by tensor.",
            because=answer_of_all([(one.held.pair.name, one.verdicts) for one in judged]),
            link="pairs/index.html",
            link_text="Where they differ",
        )
