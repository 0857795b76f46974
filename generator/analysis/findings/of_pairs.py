"""A comparison of two checkpoints -> what it tells, most first.

Each finding states what was measured. What it was done for is never said, because weights do not
say it.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from generator.analysis.findings.concentration import BlockChange, concentration
from generator.analysis.lineage.recipes import rounded
from generator.records import (
    Checkpoint,
    Comparison,
    ComponentComparison,
    DistanceSum,
    Finding,
    TensorDistance,
)
from generator.records.identities import component_of

# Grows whenever the same comparison would be explained differently; belongs into digests.
VERSION = 2

# From the most telling on; `Finding.kind`.
KINDS = (
    "same",
    "same in both",
    "unrelated",
    "precision",
    "identical",
    "decoder only",
    "one part changed",
    "partly changed",
    "all changed",
    "concentrated in block",
    "concentrated in kind",
    "renamed",
    "EMA left out",
    "EMA is the model",
    "only in one",
    "tables left out",
    "reshaped",
)
# Below this cosine, nothing says that one descends from the other.
RELATED = 0.5
# Tables that follow from the schedule of noise, and that programs keep or drop.
SCHEDULE = ("other/alphas_cumprod", "other/betas", "other/posterior_variance")


def explain_pair(
    comparison: Comparison, a: Checkpoint | None = None, b: Checkpoint | None = None
) -> tuple[Finding, ...]:
    """What the comparison of `a` and `b`, tensors included, tells; records add what they know.

    Subjects are the ids of the records, or else the names in the comparison.
    """
    if a and b:
        comparison = msgspec.structs.replace(comparison, a=a.id, b=b.id)
    components = comparison.summary.components
    found: list[Finding] = []
    if components and all(
        each.total.identical and each.same_weights for each in components.values()
    ):
        figures = {
            "tensors": sum(each.total.tensors for each in components.values()),
            "only a": len(comparison.only_a),
            "only b": len(comparison.only_b),
        }
        more = comparison.only_a or comparison.only_b or comparison.shape_mismatch
        found.append(_finding(comparison, "same in both" if more else "same", "", figures))
    for name, component in components.items():
        tensors = [each for each in comparison.tensors if each.component == name]
        found += _component(comparison, name, component, tensors)
    if a and b:
        found += _from_records(comparison, a, b)
    found += _only_in_one(comparison, a, b)
    if comparison.shape_mismatch:
        figures = {"tensors": len(comparison.shape_mismatch)}
        found.append(_finding(comparison, "reshaped", "", figures))
    return tuple(sorted(found, key=lambda each: KINDS.index(each.kind)))


def _finding(
    comparison: Comparison,
    kind: str,
    component: str,
    figures: Mapping[str, float | int | str],
    swapped: bool = False,
) -> Finding:
    subjects = (comparison.a, comparison.b)
    return Finding(
        kind=kind,
        component=component,
        subjects=subjects[::-1] if swapped else subjects,
        figures=dict(figures),
    )


def _component(
    comparison: Comparison,
    name: str,
    component: ComponentComparison,
    tensors: list[TensorDistance],
) -> Iterator[Finding]:
    """What is to say of a component that both have."""
    total = component.total
    figures: dict[str, float | int | str] = {"tensors": total.tensors, "elements": total.elements}
    if total.l2 is None:
        return
    if total.identical and component.same_weights:
        yield _finding(comparison, "identical", name, figures)
        return
    if total.cosine is not None and total.cosine < RELATED:
        yield _finding(comparison, "unrelated", name, figures | {"cosine": rounded(total.cosine)})
        return
    for precision, equal in (
        ("float16", component.equal_in_float16),
        ("bfloat16", component.equal_in_bfloat16),
    ):
        if equal:
            yield _finding(comparison, "precision", name, figures | {"format": precision})
            return
    yield from _changed(comparison, name, component, tensors)


def _changed(
    comparison: Comparison,
    name: str,
    component: ComponentComparison,
    tensors: list[TensorDistance],
) -> Iterator[Finding]:
    compared = [each for each in tensors if each.l2 is not None]
    changed = [each for each in compared if each.l2]
    figures: dict[str, float | int | str] = {
        "changed": len(changed),
        "tensors": len(compared),
        "l2": rounded(component.total.l2 or 0.0),
    }
    touched = [block for block, each in component.blocks.items() if each.l2]
    if len(touched) == 1 < len(component.blocks):
        kind = "decoder only" if (name, *touched) == ("vae", "DECODER") else "one part changed"
        yield _finding(comparison, kind, name, figures | {"part": touched[0]})
    elif compared and len(changed) == len(compared):
        yield _finding(comparison, "all changed", name, figures)
    elif changed:
        yield _finding(comparison, "partly changed", name, figures)
    yield from _concentrated(comparison, name, "block", component.blocks)
    yield from _concentrated(comparison, name, "kind", component.kinds)


def _concentrated(
    comparison: Comparison, name: str, what: str, sums: dict[str, DistanceSum]
) -> Iterator[Finding]:
    parts = {
        part: BlockChange(each.l2**2, each.elements)
        for part, each in sums.items()
        if each.l2 is not None
    }
    if most := concentration(parts):
        figures: dict[str, float | int | str] = {
            "part": most.name,
            "change": rounded(most.change),
            "parameters": rounded(most.elements),
        }
        yield _finding(comparison, f"concentrated in {what}", name, figures)


def _from_records(comparison: Comparison, a: Checkpoint, b: Checkpoint) -> Iterator[Finding]:
    """Layouts that differ, and an EMA copy that became the model."""
    for one in a.components:
        other = component_of(b, one.name)
        if other and "renamed" in (one.layout, other.layout) and one.layout != other.layout:
            swapped = one.layout == "renamed"
            yield _finding(comparison, "renamed", one.name, {"tensors": one.tensors}, swapped)
    for holder, plain, swapped in ((a, b, False), (b, a, True)):
        copy, model = component_of(holder, "ema"), component_of(plain, "denoiser")
        if copy and model and copy.blake3 and copy.blake3 == model.blake3:
            yield _finding(
                comparison, "EMA is the model", "ema", {"tensors": copy.tensors}, swapped
            )


def _only_in_one(
    comparison: Comparison, a: Checkpoint | None, b: Checkpoint | None
) -> Iterator[Finding]:
    """Components, and tables of the noise schedule, that one of them lacks."""
    sides = ((comparison.only_a, b, False), (comparison.only_b, a, True))
    for names, lacking, swapped in sides:
        for component, count in _components(names).items():
            gone = lacking is None or component_of(lacking, component) is None
            if component == "other" or not gone or component in comparison.summary.components:
                continue
            kind = "EMA left out" if component == "ema" else "only in one"
            yield _finding(comparison, kind, component, {"tensors": count}, swapped)
        tables = sum(name in SCHEDULE for name in names)
        if tables:
            yield _finding(comparison, "tables left out", "other", {"tensors": tables}, swapped)


def _components(names: Iterable[str]) -> dict[str, int]:
    """Number of names by component."""
    counts: dict[str, int] = {}
    for name in names:
        component = name.partition("/")[0]
        counts[component] = counts.get(component, 0) + 1
    return counts
