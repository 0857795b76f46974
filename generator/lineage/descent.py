"""Sums of one component -> its lineage, and the recipe of every member.

Members that hold the same are one model with several names: only the first of them takes part, and
the others are named with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from generator.arrays import Booleans, Floats
from generator.grams import Grams, Totals
from generator.lineage.affine import pair_up
from generator.lineage.claims import accept, is_exact, order
from generator.lineage.geometry import without_broken_triangles
from generator.lineage.recipes import Verdict, recipe, rounded
from generator.lineage.roots import Start, families, find_root
from generator.lineage.search import DIFFERENCE, Candidate, differences, mixes
from generator.lineage.tree import ancestors, grow, in_order, runner_up
from generator.records import Lineage, LineageNode, Recipe, Root

# Two members are compared as a whole if they share this part of what the larger holds.
WHOLE = 0.99


class Descent(NamedTuple):
    """The lineage of a component, and the recipes: those claimed, and else the best there is."""

    lineage: Lineage
    recipes: tuple[Recipe, ...]


class _Members(NamedTuple):
    """What is looked at: squared distances (infinite where not known) of all members, the numbers
    of those that take part, and of those among them that are all compared with one another, and
    whose distances can be those of points."""

    squared: Floats
    norms: Floats
    present: list[int]
    clique: list[int]
    blocks: dict[str, Floats]


def descent(
    grams: Grams, component: str, copies: Sequence[Sequence[int]], reference: int = -1
) -> Descent:
    """Who descends from whom in `component`.

    `copies` are the members by number, each once, with those that hold the same. `reference` is
    the declared root, -1 if there is none.
    """
    names = grams.head.members
    members = _look(grams, component, copies)
    first = {other: each[0] for each in copies for other in each}
    reference = first.get(reference, -1)
    found = _find(members, reference)
    starts = _start(members, reference, found.claims)
    claims = _add_differences(members, starts, found)
    trees = {
        start.member: [each for each in family if each not in claims] for start, family in starts
    }
    parents = grow(members.squared, trees, {each: claims[each].parents for each in claims})
    recipes = [
        recipe(names, members.blocks, each, claims[each], _verdict(claims[each], parents, starts))
        for each in sorted(claims)
    ]
    recipes += [
        recipe(names, members.blocks, each, best, "none")
        for each, best in sorted(found.best.items())
        if each not in claims
    ]
    same = {each[0]: tuple(names[other] for other in each[1:]) for each in copies}
    lineage = Lineage(
        roots=tuple(_root(names, start) for start, _ in starts),
        nodes=tuple(
            _node(names, members.squared, parents, each, same[each]) for each in in_order(parents)
        ),
        left_out=tuple(
            names[other] for each in copies if each[0] not in members.present for other in each
        ),
    )
    return Descent(lineage, tuple(recipes))


def compared(totals: Totals) -> Booleans:
    """N x N: which two share (nearly) all that the larger of them holds."""
    own = np.diagonal(totals.elements)
    largest = np.maximum(own[:, None], own[None, :])
    known: Booleans = (totals.elements >= WHOLE * largest) & (totals.elements > 0)
    return known


def _look(grams: Grams, component: str, copies: Sequence[Sequence[int]]) -> _Members:
    totals = grams.add_up(component)
    known = compared(totals)
    squared = np.where(known, totals.squared, np.inf)
    present = [each[0] for each in copies if np.isfinite(squared[each[0]]).sum() > 1]
    blocks = {name: grams.add_up(component, name).squared for name in grams.blocks(component)}
    clique = without_broken_triangles(squared, _complete(known, present))
    return _Members(squared, totals.norms, present, clique, blocks)


def _complete(known: Booleans, members: Sequence[int]) -> list[int]:
    """Members that are all compared with one another, taken from the best known on."""
    partners = known[:, members].sum(1)
    chosen: list[int] = []
    for member in sorted(members, key=lambda each: -int(partners[each])):
        if known[member, chosen].all():
            chosen.append(member)
    return sorted(chosen)


class _Found(NamedTuple):
    """Mixes that are claimed, and the best mix of everybody, by target; and the targets that
    too many mixes come near to."""

    claims: dict[int, Candidate]
    best: dict[int, Candidate]
    ambiguous: set[int]


def _find(members: _Members, reference: int) -> _Found:
    """Mixes of two and three members."""
    blocks = _among(members)
    pairs = pair_up(blocks)
    every = {target: mixes(blocks, place, pairs) for place, target in enumerate(members.clique)}
    every = {target: _renumber(found, members.clique) for target, found in every.items()}
    best = {
        target: min(found, key=lambda each: each.residual)
        for target, found in every.items()
        if found
    }
    passing = {target: order(found) for target, found in every.items() if target != reference}
    ambiguous = {target for target, mix in best.items() if not mix.unique}
    return _Found(accept(members.squared, passing, {}), best, ambiguous)


def _add_differences(
    members: _Members, starts: Sequence[tuple[Start, list[int]]], found: _Found
) -> dict[int, Candidate]:
    """The claims, and with them A + w(B - C), of which C is nearest to the root."""
    blocks = _among(members)
    pairs = pair_up(blocks)
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
        # The four stand in for one another: A = T + w(C - B). The oldest is subtracted.
        older = (inner[None, :] < inner[:, None]) & (inner[None, :] < depth[target])
        possible = [
            each
            for each in _renumber(differences(blocks, place, pairs, older), members.clique)
            if depth[each.parents[2]] <= depth[each.parents[1]]
        ]
        best = order([claim, *possible] if claim else possible)
        if best and best[0] != claim:
            passing[target] = best
            kept.pop(target, None)
    return accept(members.squared, passing, kept)


def _eldest(claims: Mapping[int, Candidate], member: int) -> int:
    """The member itself, or one that it was mixed from and that is no mix."""
    while member in claims:
        member = claims[member].parents[0]
    return member


def _among(members: _Members) -> Floats:
    chosen = np.ix_(members.clique, members.clique)
    return np.stack([squared[chosen] for squared in members.blocks.values()])


def _renumber(found: Iterable[Candidate], numbers: Sequence[int]) -> list[Candidate]:
    return [
        each._replace(parents=tuple(numbers[parent] for parent in each.parents)) for each in found
    ]


def _start(
    members: _Members, reference: int, claims: Mapping[int, Candidate]
) -> list[tuple[Start, list[int]]]:
    """The families of those that are no mixes, each with its root."""
    free = [each for each in members.present if each not in claims]
    return [
        (find_root(members.squared, members.norms, family, reference), family)
        for family in families(members.squared, members.norms, free)
    ]


def _verdict(
    claim: Candidate,
    parents: Mapping[int, tuple[int, ...]],
    starts: Sequence[tuple[Start, list[int]]],
) -> Verdict:
    """Two parents of which one descends from the other have the mix on the way between them.

    Where the root is but the centre, nothing is known of who descends from whom.
    """
    if claim.form == DIFFERENCE or len(claim.parents) > 2:
        return "merge"
    centres = {each for start, family in starts if start.rule == "centre" for each in family}
    one, other = claim.parents
    on_the_way = one in ancestors(parents, other) or other in ancestors(parents, one)
    return "interpolation" if on_the_way and not {one, other} & centres else "merge"


def _root(names: Sequence[str], start: Start) -> Root:
    support = None if start.support is None else rounded(start.support)
    return Root(name=names[start.member], rule=start.rule, support=support)


def _node(
    names: Sequence[str],
    squared: Floats,
    parents: Mapping[int, tuple[int, ...]],
    member: int,
    copies: tuple[str, ...],
) -> LineageNode:
    above = parents[member]
    second = runner_up(squared, parents, member) if len(above) == 1 else None
    return LineageNode(
        name=names[member],
        copies=copies,
        parents=tuple(names[parent] for parent in above),
        distances=tuple(rounded(float(np.sqrt(squared[member, each]))) for each in above),
        runner_up=names[second.member] if second else "",
        certainty=rounded(second.certainty) if second else None,
    )
