"""Pairwise sums of one component -> its lineage, and the recipe of every member.

Members with the same weights are one model with several names: only the first is used; the others
are listed as its copies.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from generator.analysis.lineage.between import Between, find_between
from generator.analysis.lineage.candidates import SHOWN, Unclaimed, best_explanations
from generator.analysis.lineage.claims import failed_rule
from generator.analysis.lineage.lines import different_lines
from generator.analysis.lineage.members import Members, members_of
from generator.analysis.lineage.nodes import in_order, rooted_nodes, unrooted_nodes
from generator.analysis.lineage.recipes import mix_recipe, recipe
from generator.analysis.lineage.rooted import Rooted, with_root
from generator.analysis.lineage.roots import Start, centre, families, related
from generator.analysis.lineage.search import Candidate
from generator.analysis.lineage.sums_of_steps import steps_from
from generator.records import (
    Lineage,
    LineageNode,
    ModelLine,
    Recipe,
    Root,
    Rule,
)
from generator.records.pairwise_sums import PairwiseSums

# A family without a root of fewer members has no mixes.
SMALLEST_FAMILY = 3


class LineageResult(NamedTuple):
    """The lineage of a component, the recipes (claimed ones, else the best candidates), and up to
    three candidates for every member without a claim."""

    lineage: Lineage
    recipes: tuple[Recipe, ...]
    candidates: tuple[Recipe, ...] = ()


class _Family(NamedTuple):
    """The findings about one family."""

    roots: list[Root]
    nodes: list[LineageNode]
    recipes: list[Recipe]
    candidates: list[Recipe]
    lines: list[ModelLine]


def descent(
    sums: PairwiseSums,
    component: str,
    copies: Sequence[Sequence[int]],
    reference: int = -1,
    dtypes: Sequence[Mapping[str, int]] = (),
) -> LineageResult:
    """Who descends from whom in `component`.

    `copies` are the classes of equal members, by number. `reference` is the declared root, -1 if
    there is none. `dtypes` are numbers of weights by dtype, of the members, empty if unknown.
    """
    names = sums.head.members
    members = members_of(sums, component, copies, dtypes)
    first = {other: each[0] for each in copies for other in each}
    reference = first.get(reference, -1)
    found = families(related(members), members.present)
    described = []
    for family in found:
        is_only = len(found) == 1
        counted = [other for each in copies if each[0] in family for other in each]
        rooted = with_root(members, family, counted, reference) if len(family) > 1 else None
        if rooted:
            described.append(_rooted(names, members, copies, family, rooted, is_only))
        else:
            described.append(_unrooted(names, members, copies, family, counted, is_only))
    recipes = [each for one in described for each in one.recipes]
    candidates = [each for one in described for each in one.candidates]
    order = {name: number for number, name in enumerate(names)}
    claimed = {each.target for each in recipes if each.verdict != "none"}
    lineage = Lineage(
        roots=tuple(each for one in described for each in one.roots),
        nodes=tuple(in_order([each for one in described for each in one.nodes])),
        left_out=tuple(
            names[other] for each in copies if each[0] not in members.present for other in each
        ),
        lines=tuple(
            each
            for one in described
            for each in one.lines
            # A line of claimed mixes is not listed again.
            if not claimed >= {*each.members[1:-1]}
        ),
    )
    recipes.sort(key=lambda each: (each.verdict == "none", order[each.target]))
    candidates.sort(key=lambda each: order[each.target])
    return LineageResult(lineage, tuple(recipes), tuple(candidates))


def _rooted(
    names: Sequence[str],
    members: Members,
    copies: Sequence[Sequence[int]],
    family: Sequence[int],
    rooted: Rooted,
    is_only: bool,
) -> _Family:
    start = rooted.start
    recipes = [
        mix_recipe(names, members.blocks, target, mix) for target, mix in rooted.mixes.items()
    ]
    candidates = [
        each
        for target in rooted.pool
        if target not in rooted.mixes
        for each in _told(
            names, members, target, best_explanations(rooted.steps, target, rooted.not_from(target))
        )
    ]
    best = {each.target: each for each in reversed(candidates)}
    recipes += list(best.values())
    nodes = rooted_nodes(names, members, copies, family, rooted)
    roots = [_root(names, start)] if is_only or start.rule != "centre" else []
    return _Family(roots, nodes, recipes, candidates, [])


def _unrooted(
    names: Sequence[str],
    members: Members,
    copies: Sequence[Sequence[int]],
    family: Sequence[int],
    counted: Sequence[int],
    is_only: bool,
) -> _Family:
    """`counted` are the family and all copies; `is_only`: there is no other family."""
    inner = [each for each in family if each in members.clique]
    start = centre(members, family, counted)
    found = Between({}, {}, [])
    if len(inner) >= SMALLEST_FAMILY:
        found = find_between(members, inner, start.member)
    recipes = [
        recipe(names, members.blocks, target, each, "between")
        for target, each in sorted(found.claims.items())
    ]
    exact = _exact(members, inner)
    candidates = [
        each
        for target in inner
        if target not in found.claims
        for each in _different(
            [
                *_told(names, members, target, exact.get(target, ())),
                *(
                    recipe(
                        names, members.blocks, target, mix, "none", _why_none(found, target, mix)
                    )
                    for mix in found.best.get(target, ())
                ),
            ]
        )[:SHOWN]
    ]
    best = {each.target: each for each in reversed(candidates)}
    lines = [
        ModelLine(members=tuple(names[each] for each in line.members), deviation=line.deviation)
        for line in different_lines(found.lines)
    ]
    # Among several families, one without a known root has none: a root with nothing below it is
    # unrelated to all others.
    roots = [_root(names, start)] if is_only or len(family) == 1 else []
    nodes = unrooted_nodes(names, members, copies, family, start.member, is_only)
    return _Family(roots, nodes, [*recipes, *best.values()], candidates, lines)


def _different(found: Iterable[Recipe]) -> list[Recipe]:
    """The first recipe of the same parents only."""
    return list({frozenset(each.parents): each for each in reversed([*found])}.values())[::-1]


def _exact(members: Members, family: Sequence[int]) -> dict[int, list[Unclaimed]]:
    """Exact sums that come to each member, seen from another one: the direction of none is known.
    Published distances are too coarse for sums of many."""
    if members.imported or len(family) < SMALLEST_FAMILY:
        return {}
    first, second, *_ = family
    steps = {each: steps_from(members, second if each == first else first) for each in family[:2]}
    found = {}
    for target in family:
        seen = steps.get(target, steps[second])
        others = [each for each in family if each not in (target, seen.root)]
        best = best_explanations(seen, target, others)
        found[target] = [each for each in best if each.failed != "residual"]
    return found


def _why_none(found: Between, target: int, mix: Candidate) -> Rule:
    """The rule that a mix does not meet."""
    if failed := failed_rule(mix):
        return failed
    around = {target, *mix.parents}
    return "line" if any(around <= set(line.members) for line in found.lines) else "order"


def _told(
    names: Sequence[str], members: Members, target: int, found: Sequence[Unclaimed]
) -> list[Recipe]:
    return [
        mix_recipe(names, members.blocks, target, each.mix, failed=each.failed) for each in found
    ]


def _root(names: Sequence[str], start: Start) -> Root:
    support = start.support
    known = support is not None and np.isfinite(support)
    return Root(
        name=names[start.member],
        rule=start.rule,
        support=support if known else None,
    )
