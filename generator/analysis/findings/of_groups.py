"""What was found out about the components of a group -> findings, most telling first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from generator.analysis.findings.of_changes import how_much_changed, where_it_changed
from generator.analysis.lineage.explained import Explained
from generator.analysis.lineage.geometry import triangles_broken
from generator.analysis.lineage.search import LARGEST_RESIDUAL
from generator.records import DeclaredRecipe, Finding, Lineage
from generator.records.pairwise_sums import PairwiseSums

# From the most telling on; `Finding.kind`.
KINDS = (
    "merge",
    "merge by block",
    "add difference",
    "interpolation",
    "between",
    "difference of any",
    "line",
    "declared otherwise",
    "declared weights",
    "chain",
    "unrelated",
    "same in all",
    "different ones",
    "copies",
    "decoder only",
    "one part changed",
    "partly changed",
    "all changed",
    "concentrated in block",
    "concentrated in kind",
    "no geometry",
)
# Any tree of three is a line,
SHORTEST_CHAIN = 4
# and one of more says something only if no other parent is about as near.
SUREST_CHAIN = 1.05


def group_findings(
    sums: PairwiseSums, components: Sequence[Explained], declared: Sequence[DeclaredRecipe] = ()
) -> tuple[Finding, ...]:
    """All findings, by kind, then in the order of the components."""
    found = [
        finding
        for component in components
        for finding in (
            *_recipes(component),
            *_lines(component),
            *_descent(sums, component),
            *_same(sums, component),
            *where_it_changed(sums, component),
            *_geometry(sums, component),
            *how_much_changed(sums, component.name),
        )
    ]
    found += _contradictions(declared)
    return tuple(sorted(found, key=lambda each: KINDS.index(each.kind)))


def _recipes(component: Explained) -> Iterator[Finding]:
    claimed = [each for each in component.recipes if each.verdict != "none"]
    for recipe in sorted(claimed, key=lambda each: each.residual_by_block):
        weights = {f"weight {n}": weight for n, weight in enumerate(recipe.weights, start=1)}
        kind: str = recipe.verdict
        if recipe.form == "add difference":
            kind = "add difference" if kind == "merge" else "difference of any"
        elif recipe.by_block and kind == "merge":
            kind = "merge by block"
        shares = [block.weights[-1] for block in recipe.blocks]
        known = [share for share in shares if share is not None]
        yield Finding(
            kind=kind,
            component=component.name,
            subjects=(recipe.target, *recipe.parents),
            figures={
                **weights,
                "residual": recipe.residual_by_block if recipe.by_block else recipe.residual,
                "least": min(known, default=recipe.weights[-1]),
                "most": max(known, default=recipe.weights[-1]),
                "blocks": len(known),
            },
        )


def _descent(sums: PairwiseSums, component: Explained) -> Iterator[Finding]:
    """Families that are not related, and a history without branches."""
    lineage = component.lineage
    if lineage is None:
        return
    children: dict[str, list[str]] = {}
    for node in lineage.nodes:
        for parent in node.parents[:1]:
            children.setdefault(parent, []).append(node.name)
    if len(lineage.roots) > 1:
        # The largest family first; it is the others that are unrelated to it.
        sizes = {root.name: _family_size(children, root.name) for root in lineage.roots}
        order = sorted(sizes, key=lambda name: -sizes[name])
        yield Finding(
            kind="unrelated",
            component=component.name,
            subjects=tuple(order),
            figures={f"size {n}": sizes[name] for n, name in enumerate(order, start=1)},
        )
    line = _line(lineage, children)
    certainties = [node.certainty for node in lineage.nodes if node.certainty is not None]
    certainty = min(certainties, default=1.0)
    if len(line) >= SHORTEST_CHAIN and certainty >= SUREST_CHAIN and _is_complete(sums, component):
        figures: dict[str, float | int | str] = {
            "rule": lineage.roots[0].rule,
            "certainty": certainty,
        }
        yield Finding(kind="chain", component=component.name, subjects=line, figures=figures)


def _is_complete(sums: PairwiseSums, component: Explained) -> bool:
    """Whether an archive has the distances of all models from all."""
    if component.lineage is None or sums.head.origin != "imported":
        return True
    places = [sums.head.members.index(node.name) for node in component.lineage.nodes]
    return bool((sums.add_up(component.name).elements[np.ix_(places, places)] > 0).all())


def _contradictions(declared: Sequence[DeclaredRecipe]) -> Iterator[Finding]:
    """Files that say of themselves what their weights do not."""
    for each in declared:
        check = each.check
        if check and check.verdict == "contradicts":
            is_near = check.residual_by_block <= LARGEST_RESIDUAL
            weights = {f"weight {n}": weight for n, weight in enumerate(check.weights, start=1)}
            yield Finding(
                kind="declared weights" if is_near else "declared otherwise",
                component=check.component,
                subjects=(each.checkpoint, *check.parents),
                figures={**weights, "residual": check.residual_by_block},
            )


def _lines(component: Explained) -> Iterator[Finding]:
    """Models that lie on one line."""
    for line in component.lineage.lines if component.lineage else ():
        yield Finding(
            kind="line",
            component=component.name,
            subjects=line.members,
            figures={"deviation": line.deviation},
        )


def _line(lineage: Lineage, children: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """All models in one line from the root, or through it where it is but the centre; else none."""
    (root, *others) = lineage.roots
    branches = children.get(root.name, ())
    straight = all(len(below) < 2 for name, below in children.items() if name != root.name)
    merged = any(len(node.parents) > 1 for node in lineage.nodes)
    if others or merged or not straight or len(branches) > (2 if root.rule == "centre" else 1):
        return ()
    ends: list[list[str]] = []
    for branch in branches:
        end = [branch]
        while below := children.get(end[-1], ()):
            end += below
        ends.append(end)
    first, second = [*ends, [], []][:2]
    return (*reversed(second), root.name, *first)


def _family_size(children: Mapping[str, Sequence[str]], root: str) -> int:
    return 1 + sum(_family_size(children, child) for child in children.get(root, ()))


def _same(sums: PairwiseSums, component: Explained) -> Iterator[Finding]:
    """How many different ones there are, and who shares one."""
    classes = [each for each in component.identities if each.how in ("bytes", "distance")]
    sharing = {name for each in classes for name in each.members}
    holders = _holders(sums, component.name)
    different = len(classes) + len(holders - sharing)
    if len(classes) == 1 and sharing >= holders:
        yield _count(component, "same in all", classes[0].members, len(holders), 1)
        return
    if classes:
        yield _count(component, "different ones", (), len(holders), different)
    for each in component.identities:
        if each.how == "bytes" or each.how == "distance":
            figures: dict[str, float | int | str] = {"how": each.how, "members": len(each.members)}
        else:
            figures = {"how": "rounding", "format": each.how, "members": len(each.members)}
        yield Finding(
            kind="copies", component=component.name, subjects=each.members, figures=figures
        )


def _count(
    component: Explained, kind: str, subjects: Iterable[str], members: int, different: int
) -> Finding:
    return Finding(
        kind=kind,
        component=component.name,
        subjects=tuple(subjects),
        figures={"members": members, "different": different},
    )


def _holders(sums: PairwiseSums, component: str) -> set[str]:
    """Members that were compared with another one."""
    elements = sums.add_up(component).elements.copy()
    np.fill_diagonal(elements, 0)
    return {name for name, row in zip(sums.head.members, elements, strict=True) if row.any()}


def _geometry(sums: PairwiseSums, component: Explained) -> Iterator[Finding]:
    """Distances that cannot be distances of whole components to one another."""
    totals = sums.add_up(component.name)
    broken = triangles_broken(np.where(totals.elements > 0, totals.squared, np.inf))
    if broken.any():
        yield Finding(
            kind="no geometry",
            component=component.name,
            subjects=(),
            # Each triple was counted at each of its corners.
            figures={"triples": int(broken.sum()) // 3},
        )
