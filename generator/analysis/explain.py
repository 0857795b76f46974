"""Pairwise sums of a group, and its checkpoints' records -> lineage, recipes and findings."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from threadpoolctl import threadpool_limits

from generator.analysis.findings.of_groups import group_findings
from generator.analysis.lineage.copies import copies, dtypes, identities
from generator.analysis.lineage.declared import declared_recipe
from generator.analysis.lineage.declared_check import check_declared
from generator.analysis.lineage.descent import descent
from generator.analysis.lineage.history import compare_history
from generator.records import Checkpoint, ComponentLineage, DeclaredRecipe, Finding, KnownOrigin
from generator.records.pairwise_sums import PairwiseSums

# Grows whenever the same distances would be explained differently; belongs into digests.
VERSION = 30


class Explanation(NamedTuple):
    """By component, then for the group; see the fields of `GroupComponent` and `Group`."""

    components: dict[str, ComponentLineage]
    findings: tuple[Finding, ...]
    declared: tuple[DeclaredRecipe, ...]


def explain(
    sums: PairwiseSums,
    checkpoints: Mapping[str, Checkpoint] | None = None,
    reference: str = "",
    truth: Sequence[KnownOrigin] = (),
) -> Explanation:
    """Lineage, recipes, identities and findings from the distances of a group.

    `checkpoints` are the available records by member: they show which members are equal only after
    rounding, and hold the metadata. `reference` is the declared ancestor of the others, if any.
    `truth` is the known history; it decides only which name equal members get. Deterministic.
    """
    checkpoints = checkpoints or {}
    members = sums.head.members
    declared = (declared_recipe(checkpoints[name]) for name in members if name in checkpoints)
    checked = tuple(check_declared(sums, each, checkpoints) for each in declared if each)
    parents = {reference, *(parent for each in truth for parent in each.parents)}
    parents |= {parent for each in checked if each.check for parent in each.check.parents}
    components = {
        name: _component(sums, name, checkpoints, reference, truth, parents)
        for name in sums.components
    }
    return Explanation(
        components, group_findings(sums, list(components.values()), checked), checked
    )


def _component(
    sums: PairwiseSums,
    name: str,
    checkpoints: Mapping[str, Checkpoint],
    reference: str,
    truth: Sequence[KnownOrigin],
    parents: Collection[str],
) -> ComponentLineage:
    members = sums.head.members
    classes = identities(sums, name, checkpoints)
    # An adapter holds changes of weights: it descends from none, and none from it.
    alike = [
        each
        for each in copies(sums, name, classes, checkpoints, parents)
        if not any(_is_adapter(checkpoints, members[member]) for member in each)
    ]
    root = members.index(reference) if reference in members else -1
    # With so small matrices, BLAS threads only cost time.
    with threadpool_limits(1, "blas"):
        found = descent(sums, name, alike, root, dtypes(members, name, checkpoints))
    lineage = found.lineage if found.lineage.nodes else None
    history = compare_history(truth, name, lineage, found.recipes) if truth and lineage else None
    return ComponentLineage(
        name=name,
        lineage=lineage,
        recipes=found.recipes,
        candidates=found.candidates,
        identities=classes,
        history=history,
    )


def _is_adapter(checkpoints: Mapping[str, Checkpoint], name: str) -> bool:
    return name in checkpoints and checkpoints[name].adapter is not None
