"""What was found out about the components of a group -> findings, most telling first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from generator.analysis.findings.of_changes import how_much_changed, where_it_changed
from generator.analysis.lineage.geometry import triangles_broken
from generator.analysis.lineage.search import LARGEST_RESIDUAL
from generator.records import ComponentLineage, DeclaredRecipe, Finding, Lineage
from generator.records.findings import (
    GROUP_KINDS,
    ContentCounts,
    Copies,
    Descent,
    Families,
    GroupKind,
    Mixed,
    OnLine,
    Triples,
)
from generator.records.pairwise_sums import PairwiseSums

# Any tree of three is a line,
SHORTEST_CHAIN = 4
# and one of more says something only if no other parent is about as near.
SUREST_CHAIN = 1.05


def group_findings(
    sums: PairwiseSums,
    components: Sequence[ComponentLineage],
    declared: Sequence[DeclaredRecipe] = (),
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
    return tuple(sorted(found, key=lambda each: GROUP_KINDS.index(each.kind)))


def _recipes(component: ComponentLineage) -> Iterator[Finding]:
    for recipe in sorted(component.recipes, key=lambda each: each.residual_by_block):
        if recipe.verdict == "none":
            continue
        kind: GroupKind = recipe.verdict
        if recipe.form == "add difference":
            kind = "add_difference" if kind == "merge" else "difference_of_any"
        elif recipe.by_block and kind == "merge":
            kind = "merge_by_block"
        shares = [block.weights[-1] for block in recipe.blocks]
        known = [share for share in shares if share is not None]
        yield Finding(
            kind=kind,
            component=component.name,
            subjects=(recipe.target, *recipe.parents),
            figures=Mixed(
                weights=recipe.weights,
                residual=recipe.residual_by_block if recipe.by_block else recipe.residual,
                least=min(known, default=recipe.weights[-1]),
                most=max(known, default=recipe.weights[-1]),
                blocks=len(known),
            ),
        )


def _descent(sums: PairwiseSums, component: ComponentLineage) -> Iterator[Finding]:
    """Families that are not related, and a history without branches."""
    lineage = component.lineage
    if lineage is None:
        return
    children: dict[str, list[str]] = {}
    for node in lineage.nodes:
        for parent in node.tied_to[:1]:
            children.setdefault(parent, []).append(node.name)
    starts = lineage.starts
    if len(starts) > 1:
        # The largest family first; it is the others that are unrelated to it.
        sizes = {name: _family_size(children, name) for name in starts}
        order = sorted(sizes, key=lambda name: -sizes[name])
        yield Finding(
            kind="unrelated",
            component=component.name,
            subjects=tuple(order),
            figures=Families(sizes=tuple(sizes[name] for name in order)),
        )
    mixed = any(recipe.verdict != "none" for recipe in component.recipes)
    line = _line(lineage, children) if len(starts) == 1 and not mixed else ()
    certainties = [node.certainty for node in lineage.nodes if node.certainty is not None]
    certainty = min(certainties, default=1.0)
    if len(line) >= SHORTEST_CHAIN and certainty >= SUREST_CHAIN and _is_complete(sums, component):
        figures = Descent(rule=lineage.roots[0].rule, certainty=certainty)
        yield Finding(kind="chain", component=component.name, subjects=line, figures=figures)


def _is_complete(sums: PairwiseSums, component: ComponentLineage) -> bool:
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
            yield Finding(
                kind="declared_weights" if is_near else "declared_otherwise",
                component=check.component,
                subjects=(each.checkpoint, *check.parents),
                figures=Mixed(weights=check.weights, residual=check.residual_by_block),
            )


def _lines(component: ComponentLineage) -> Iterator[Finding]:
    """Models that lie on one line."""
    for line in component.lineage.lines if component.lineage else ():
        yield Finding(
            kind="line",
            component=component.name,
            subjects=line.members,
            figures=OnLine(deviation=line.deviation),
        )


def _line(lineage: Lineage, children: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """All models in one line from the root, or through it where it is but the centre; else none."""
    (root, *others) = lineage.roots
    branches = children.get(root.name, ())
    straight = all(len(below) < 2 for name, below in children.items() if name != root.name)
    merged = any(node.relation == "mix" for node in lineage.nodes)
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


def _same(sums: PairwiseSums, component: ComponentLineage) -> Iterator[Finding]:
    """How many different ones there are, and who shares one."""
    classes = [each for each in component.identities if each.how in ("bytes", "distance")]
    sharing = {name for each in classes for name in each.members}
    holders = _holders(sums, component.name)
    different = len(classes) + len(holders - sharing)
    in_all = len(classes) == 1 and sharing >= holders
    if in_all and classes[0].how == "bytes":
        yield _count(component, "same_in_all", classes[0].members, len(holders), 1)
        return
    if classes and not in_all:
        yield _count(component, "different_ones", (), len(holders), different)
    for each in component.identities:
        yield Finding(
            kind="copies",
            component=component.name,
            subjects=each.members,
            figures=Copies(how=each.how, members=len(each.members)),
        )


def _count(
    component: ComponentLineage,
    kind: GroupKind,
    subjects: Iterable[str],
    members: int,
    different: int,
) -> Finding:
    return Finding(
        kind=kind,
        component=component.name,
        subjects=tuple(subjects),
        figures=ContentCounts(members=members, different=different),
    )


def _holders(sums: PairwiseSums, component: str) -> set[str]:
    """Members that were compared with another one."""
    elements = sums.add_up(component).elements.copy()
    np.fill_diagonal(elements, 0)
    return {name for name, row in zip(sums.head.members, elements, strict=True) if row.any()}


def _geometry(sums: PairwiseSums, component: ComponentLineage) -> Iterator[Finding]:
    """Distances that cannot be those of whole components: they violate the triangle inequality."""
    totals = sums.add_up(component.name)
    broken = triangles_broken(np.where(totals.elements > 0, totals.squared, np.inf))
    if broken.any():
        yield Finding(
            kind="no_geometry",
            component=component.name,
            subjects=(),
            # Each triple was counted at each of its corners.
            figures=Triples(triples=int(broken.sum()) // 3),
        )
