"""Sums of a group, and the lineage of a component -> findings: what of it changed, and where."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from generator.analysis.findings.concentration import BlockChange, concentration
from generator.records import ComponentLineage, Finding
from generator.records.findings import Change, GroupKind, Nothing
from generator.records.pairwise_sums import PairwiseSums

# Where tensors are counted, a component has more of them than this.
COUNTED = 2


def where_it_changed(sums: PairwiseSums, component: ComponentLineage) -> Iterator[Finding]:
    """Which blocks and kinds carry the steps from parents to children."""
    if component.lineage is None:
        return
    places = {name: number for number, name in enumerate(sums.head.members)}
    steps = [
        (places[node.tied_to[0]], places[node.name])
        for node in component.lineage.nodes
        if len(node.tied_to) == 1
    ]
    if not steps:
        return
    one, other = np.array(steps).T
    parts_of: tuple[tuple[str, GroupKind, list[str]], ...] = (
        ("block", "concentrated_in_block", sums.blocks(component.name)),
        ("kind", "concentrated_in_kind", sums.kinds(component.name)),
    )
    for what, kind, names in parts_of:
        totals = {name: sums.add_up(component.name, **{what: name}) for name in names}
        if what == "block" and component.name == "vae":
            changed = {name: each.squared[one, other] > 0 for name, each in totals.items()}
            yield from _decoder_only(sums, component, changed, one.tolist(), other.tolist())
        # Numbers of elements of an imported archive are not known.
        if sums.head.origin == "imported":
            continue
        parts = {
            name: BlockChange(
                float(each.squared[one, other].sum()), int(each.elements[one, other].sum())
            )
            for name, each in totals.items()
        }
        if most := concentration(parts):
            yield Finding(
                kind=kind,
                component=component.name,
                subjects=(),
                figures=msgspec.structs.replace(most, steps=len(steps)),
            )


def how_much_changed(sums: PairwiseSums, component: str) -> Iterator[Finding]:
    """How much of a component differs, pair by pair, of an archive that tells it by tensor."""
    totals = sums.add_up(component)
    if sums.head.origin != "imported" or totals.elements.max(initial=0) < COUNTED:
        return
    members = sums.head.members
    blocks = {name: sums.add_up(component, name).different for name in sums.blocks(component)}
    for one, other in np.argwhere(np.triu(totals.elements, 1) > 0).tolist():
        changed, tensors = (int(each[one, other]) for each in (totals.different, totals.elements))
        touched = [name for name, different in blocks.items() if different[one, other]]
        kind: GroupKind = "all_changed" if changed == tensors else "partly_changed"
        part = ""
        if len(touched) == 1 < len(blocks):
            kind, part = "one_part_changed", touched[0]
        figures = Change(
            changed=changed,
            tensors=tensors,
            l2=float(np.sqrt(totals.squared[one, other])),
            part=part,
        )
        if changed:
            yield Finding(
                kind=kind,
                component=component,
                subjects=(members[one], members[other]),
                figures=figures,
            )


def _decoder_only(
    sums: PairwiseSums,
    component: ComponentLineage,
    changed: Mapping[str, np.ndarray],
    parents: Sequence[int],
    children: Sequence[int],
) -> Iterator[Finding]:
    """Steps of the autoencoder that leave the encoder as it was, so that latents stay the same."""
    if not {"ENCODER", "DECODER"} <= changed.keys():
        return
    names = sums.head.members
    rest = [flags for name, flags in changed.items() if name != "DECODER"]
    only = changed["DECODER"] & ~np.any(rest, axis=0)
    for place in np.flatnonzero(only).tolist():
        yield Finding(
            kind="decoder_only",
            component=component.name,
            subjects=(names[parents[place]], names[children[place]]),
            figures=Nothing(),
        )
