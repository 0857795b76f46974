"""Pairwise sums of one component -> its lineage, and the recipe of every member.

Members with the same weights are one model with several names: only the first is used; the others
are listed as its copies.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from generator.analysis.lineage.affine import space_of
from generator.analysis.lineage.claims import accept, best_of, failed_rule, is_exact, is_near, order
from generator.analysis.lineage.lines import MemberLine, different_lines, find_lines
from generator.analysis.lineage.members import Members, among, members_of
from generator.analysis.lineage.recipes import Verdict, recipe, rounded
from generator.analysis.lineage.roots import Start, families, find_root
from generator.analysis.lineage.search import Candidate, differences, mixes
from generator.analysis.lineage.tree import grow, in_order, runner_up
from generator.analysis.lineage.verdicts import verdict
from generator.records import (
    History,
    IdentityClass,
    Lineage,
    LineageNode,
    ModelLine,
    Recipe,
    Root,
    Rule,
)
from generator.records.pairwise_sums import PairwiseSums


class Explained(NamedTuple):
    """Results of the analysis of one component of a group."""

    name: str
    lineage: Lineage | None
    recipes: tuple[Recipe, ...]
    identities: tuple[IdentityClass, ...]
    history: History | None = None


class LineageResult(NamedTuple):
    """The lineage of a component, and the recipes: claimed ones, else the best candidates."""

    lineage: Lineage
    recipes: tuple[Recipe, ...]


def descent(
    sums: PairwiseSums, component: str, copies: Sequence[Sequence[int]], reference: int = -1
) -> LineageResult:
    """Who descends from whom in `component`.

    `copies` are the classes of equal members, by number. `reference` is the declared root, -1 if
    there is none.
    """
    names = sums.head.members
    members = members_of(sums, component, copies)
    first = {other: each[0] for each in copies for other in each}
    reference = first.get(reference, -1)
    found = _find(members, reference)
    starts = _start(members, copies, reference, found.claims)
    claims = _add_differences(members, starts, found)
    parents = _grow(members, starts, claims)
    verdicts = {each: verdict(members, claims[each], parents, starts) for each in claims}
    lines = find_lines(members.squared, members.clique, found.between)
    roots = {start.member for start, _ in starts}
    unclear = [
        each for each in claims if _is_unclear(each, claims[each], verdicts[each], lines, roots)
    ]
    if unclear:
        claims = {each: claim for each, claim in claims.items() if each not in unclear}
        starts = _start(members, copies, reference, claims)
        parents = _grow(members, starts, claims)
    recipes = [
        recipe(names, members.blocks, each, claims[each], verdicts[each]) for each in sorted(claims)
    ]
    recipes += [
        recipe(names, members.blocks, each, best, "none", _why_none(each, best, reference, lines))
        for each, best in sorted(found.best.items())
        if each not in claims
    ]
    same = {each[0]: tuple(names[other] for other in each[1:]) for each in copies}
    lineage = Lineage(
        roots=tuple(_root(names, start) for start, _ in starts),
        nodes=tuple(_node(names, members, parents, each, same[each]) for each in in_order(parents)),
        left_out=tuple(
            names[other] for each in copies if each[0] not in members.present for other in each
        ),
        lines=tuple(
            ModelLine(
                members=tuple(names[each] for each in line.members),
                deviation=rounded(line.deviation),
            )
            for line in different_lines(lines)
            # A line of claimed mixes is not listed again.
            if not all(each in claims for each in line.members[1:-1])
        ),
    )
    return LineageResult(lineage, tuple(recipes))


class _Found(NamedTuple):
    """Claimed mixes and best candidates, by target; the targets that too many mixes fit; and all
    near mixes of two, as (target, one, other)."""

    claims: dict[int, Candidate]
    best: dict[int, Candidate]
    ambiguous: set[int]
    between: list[tuple[int, int, int]]


def _find(members: Members, reference: int) -> _Found:
    """Mixes of two and three members."""
    space = space_of(*among(members))
    every = {target: mixes(space, place) for place, target in enumerate(members.clique)}
    every = {target: _renumber(found, members.clique) for target, found in every.items()}
    best = {target: best_of(found) for target, found in every.items() if found}
    passing = {target: order(found) for target, found in every.items() if target != reference}
    ambiguous = {target for target, mix in best.items() if not mix.unique}
    between = [
        (target, one, other)
        for target, found in every.items()
        for one, other in (
            each.parents for each in found if len(each.parents) == 2 and is_near(each)
        )
    ]
    return _Found(accept(members.squared, passing, {}), best, ambiguous, between)


def _add_differences(
    members: Members, starts: Sequence[tuple[Start, list[int]]], found: _Found
) -> dict[int, Candidate]:
    """The claims, with those of the form A + w(B - C), in which C is nearest to the root."""
    space = space_of(*among(members))
    root_of = {each: start.member for start, family in starts for each in family}
    kept = dict(found.claims)
    passing = {}
    for place, target in enumerate(members.clique):
        claim = found.claims.get(target)
        root = root_of[_eldest(found.claims, target)]
        if target == root or target in found.ambiguous or (claim and is_exact(claim)):
            continue
        depth = members.squared[root]
        inner = depth[members.clique]
        # The equation has other solutions: A = T + w(C - B). The oldest model is subtracted.
        older = (inner[None, :] < inner[:, None]) & (inner[None, :] < depth[target])
        possible = [
            each
            for each in _renumber(differences(space, place, older), members.clique)
            if depth[each.parents[2]] <= depth[each.parents[1]]
        ]
        best = order([claim, *possible] if claim else possible)
        if best and best[0] != claim:
            passing[target] = best
            kept.pop(target, None)
    return accept(members.squared, passing, kept)


def _eldest(claims: Mapping[int, Candidate], member: int) -> int:
    """The member itself, or an ancestor of the mix that is not a mix."""
    while member in claims:
        member = claims[member].parents[0]
    return member


def _renumber(found: Iterable[Candidate], numbers: Sequence[int]) -> list[Candidate]:
    return [
        each._replace(parents=tuple(numbers[parent] for parent in each.parents)) for each in found
    ]


def _start(
    members: Members,
    copies: Sequence[Sequence[int]],
    reference: int,
    claims: Mapping[int, Candidate],
) -> list[tuple[Start, list[int]]]:
    """The families of members that are not mixes, each with its root."""
    free = [each for each in members.present if each not in claims]
    found = []
    for family in families(members.squared, members.norms, free):
        related = [other for each in copies if _eldest(claims, each[0]) in family for other in each]
        start = find_root(members.squared, members.norms, family, related, reference)
        found.append((start, family))
    return found


def _grow(
    members: Members, starts: Sequence[tuple[Start, list[int]]], claims: Mapping[int, Candidate]
) -> dict[int, tuple[int, ...]]:
    """The parents of every member."""
    trees = {
        start.member: [each for each in family if each not in claims] for start, family in starts
    }
    return grow(members.squared, trees, {each: claims[each].parents for each in claims})


def _is_unclear(
    target: int, claim: Candidate, known: Verdict, lines: Sequence[MemberLine], roots: set[int]
) -> bool:
    """Whether the target and its parents are on a line with others, which explains them.

    There, a mix is claimed only if it is exact and directions are known; on a line with its root,
    it is a step from or towards the root.
    """
    around = {target, *claim.parents}
    for line in lines:
        if around <= set(line.members):
            from_root = known == "merge" and not roots.isdisjoint(line.members)
            if known == "between" or from_root or not is_exact(claim):
                return True
    return False


def _why_none(target: int, best: Candidate, reference: int, lines: Sequence[MemberLine]) -> Rule:
    """The rule that the best mix does not meet."""
    if failed := failed_rule(best):
        return failed
    if target == reference:
        return "reference"
    around = {target, *best.parents}
    return "line" if any(around <= set(line.members) for line in lines) else "order"


def _root(names: Sequence[str], start: Start) -> Root:
    support = None if start.support is None else rounded(start.support)
    return Root(name=names[start.member], rule=start.rule, support=support)


def _node(
    names: Sequence[str],
    members: Members,
    parents: Mapping[int, tuple[int, ...]],
    member: int,
    copies: tuple[str, ...],
) -> LineageNode:
    above, squared = parents[member], members.squared
    second = runner_up(squared, parents, member) if len(above) == 1 else None
    if members.imported and not np.isfinite(squared[member, members.present]).all():
        second = None
    return LineageNode(
        name=names[member],
        copies=copies,
        parents=tuple(names[parent] for parent in above),
        distances=tuple(rounded(float(np.sqrt(squared[member, each]))) for each in above),
        runner_up=names[second.member] if second else "",
        certainty=rounded(second.certainty) if second else None,
    )
