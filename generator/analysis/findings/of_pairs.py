"""A comparison of two checkpoints -> what it tells, most first.

Each finding states what was measured. What it was done for is never said, because weights do not
say it.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from generator.analysis.findings.concentration import BlockChange, concentration
from generator.analysis.findings.verdicts import count_by_component, is_identical, judge, layouts
from generator.records import (
    Checkpoint,
    Comparison,
    ComponentComparison,
    ComponentVerdict,
    DistanceSum,
    Finding,
)
from generator.records.findings import (
    PAIR_KINDS,
    Change,
    ChangesApart,
    Concentration,
    Cosine,
    FindingFigures,
    PairKind,
    Ranks,
    Rounded,
    Tensors,
)
from generator.records.identities import component_of

# Grows whenever the same comparison would be explained differently; belongs into digests.
VERSION = 7

# Below this cosine, nothing says that one descends from the other.
RELATED = 0.5
# Tables that follow from the schedule of noise, and that programs keep or drop.
SCHEDULE = ("other/alphas_cumprod", "other/betas", "other/posterior_variance")


class ExplainedPair(NamedTuple):
    """The verdict on each component that either has; and what it tells, most first."""

    verdicts: tuple[ComponentVerdict, ...]
    findings: tuple[Finding, ...]


def explain_pair(
    comparison: Comparison,
    a: Checkpoint | None = None,
    b: Checkpoint | None = None,
    ranks: Mapping[str, Ranks] | None = None,
) -> ExplainedPair:
    """What the comparison of `a` and `b`, tensors included, tells; records add what they know, and
    `ranks` the components whose change is of low rank.

    Subjects are the ids of the records, or else the names in the comparison.
    """
    if a and b:
        comparison = msgspec.structs.replace(comparison, a=a.id, b=b.id)
    verdicts = judge(comparison, layouts(a), layouts(b))
    compared = comparison.summary.components
    found: list[Finding] = []
    shared = [each for each in verdicts if each.component in compared]
    if shared and all(is_identical(each) for each in shared):
        figures = Tensors(
            tensors=sum(each.total.tensors for each in compared.values()),
            only_a=len(comparison.only_a),
            only_b=len(comparison.only_b),
        )
        more = comparison.only_a or comparison.only_b or comparison.shape_mismatch
        found.append(_finding(comparison, "same_in_both" if more else "same", "", figures))
    for each in shared:
        found += _component(comparison, each, compared[each.component])
    for component, rank in (ranks or {}).items():
        found.append(_finding(comparison, "low_rank", component, rank))
    if a and b:
        found += _from_records(comparison, a, b)
    found += _only_in_one(comparison, a, b)
    if comparison.shape_mismatch:
        reshaped = Tensors(tensors=len(comparison.shape_mismatch))
        found.append(_finding(comparison, "reshaped", "", reshaped))
    order = PAIR_KINDS.index
    return ExplainedPair(verdicts, tuple(sorted(found, key=lambda each: order(each.kind))))


def _finding(
    comparison: Comparison,
    kind: PairKind,
    component: str,
    figures: FindingFigures,
    swapped: bool = False,
) -> Finding:
    subjects = (comparison.a, comparison.b)
    return Finding(
        kind=kind,
        component=component,
        subjects=subjects[::-1] if swapped else subjects,
        figures=figures,
    )


def _component(
    comparison: Comparison, verdict: ComponentVerdict, part: ComponentComparison
) -> Iterator[Finding]:
    """What is to say of a component that both have."""
    name, total = verdict.component, part.total
    whole = Tensors(tensors=total.tensors, elements=total.elements)
    if is_identical(verdict):
        yield _finding(comparison, "identical", name, whole)
    elif verdict.state == "equal" and not verdict.partly:
        yield _finding(comparison, "other_dtypes", name, whole)
    elif verdict.state == "float16" or verdict.state == "bfloat16":
        rounded_to = Rounded(tensors=total.tensors, elements=total.elements, format=verdict.state)
        yield _finding(comparison, "precision", name, rounded_to)
    elif name in comparison.changes and total.cosine is not None:
        # Adapters do not descend from one another, however near their directions are.
        apart = ChangesApart(l2=total.l2 or 0.0, cosine=total.cosine)
        yield _finding(comparison, "changes_differ", name, apart)
    elif verdict.state == "differs" and total.cosine is not None and total.cosine < RELATED:
        angle = Cosine(tensors=total.tensors, elements=total.elements, cosine=total.cosine)
        yield _finding(comparison, "unrelated", name, angle)
    elif verdict.state == "differs":
        yield from _changed(comparison, verdict, part)


def _changed(
    comparison: Comparison, verdict: ComponentVerdict, part: ComponentComparison
) -> Iterator[Finding]:
    name = verdict.component
    change = Change(changed=verdict.differing, tensors=verdict.tensors, l2=part.total.l2 or 0.0)
    if len(verdict.within) == 1:
        [block] = verdict.within
        only = (name, block) == ("vae", "DECODER")
        where = msgspec.structs.replace(change, part=block)
        yield _finding(comparison, "decoder_only" if only else "one_part_changed", name, where)
    elif verdict.differing == verdict.tensors:
        yield _finding(comparison, "all_changed", name, change)
    else:
        yield _finding(comparison, "partly_changed", name, change)
    if most := _concentration(part.blocks):
        yield _finding(comparison, "concentrated_in_block", name, most)
    if most := _concentration(part.kinds):
        yield _finding(comparison, "concentrated_in_kind", name, most)


def _concentration(sums: dict[str, DistanceSum]) -> Concentration | None:
    parts = {
        part: BlockChange(each.l2**2, each.elements)
        for part, each in sums.items()
        if each.l2 is not None
    }
    return concentration(parts)


def _from_records(comparison: Comparison, a: Checkpoint, b: Checkpoint) -> Iterator[Finding]:
    """Layouts that differ, and an EMA copy that became the model."""
    for one in a.components:
        other = component_of(b, one.name)
        if other and "renamed" in (one.layout, other.layout) and one.layout != other.layout:
            swapped = one.layout == "renamed"
            yield _finding(comparison, "renamed", one.name, Tensors(tensors=one.tensors), swapped)
    for holder, plain, swapped in ((a, b, False), (b, a, True)):
        copy, model = component_of(holder, "ema"), component_of(plain, "denoiser")
        if copy and model and copy.blake3 and copy.blake3 == model.blake3:
            yield _finding(
                comparison, "ema_is_the_model", "ema", Tensors(tensors=copy.tensors), swapped
            )


def _only_in_one(
    comparison: Comparison, a: Checkpoint | None, b: Checkpoint | None
) -> Iterator[Finding]:
    """Components, and tables of the noise schedule, that one of them lacks."""
    sides = ((comparison.only_a, b, False), (comparison.only_b, a, True))
    for names, lacking, swapped in sides:
        for component, count in count_by_component(names).items():
            gone = lacking is None or component_of(lacking, component) is None
            if component == "other" or not gone or component in comparison.summary.components:
                continue
            kind: PairKind = "ema_left_out" if component == "ema" else "only_in_one"
            yield _finding(comparison, kind, component, Tensors(tensors=count), swapped)
        tables = sum(name in SCHEDULE for name in names)
        if tables:
            yield _finding(comparison, "tables_left_out", "other", Tensors(tensors=tables), swapped)
