"""What was found out about a family -> its nodes in the record."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from generator.analysis.lineage.members import Members
from generator.analysis.lineage.recipes import leading_first
from generator.analysis.lineage.rooted import Rooted
from generator.analysis.lineage.ties import spanning_ties
from generator.records import LineageNode, Relation

# Nearest members listed where no parent is claimed.
ALTERNATIVES = 3


def rooted_nodes(
    names: Sequence[str],
    members: Members,
    copies: Sequence[Sequence[int]],
    family: Sequence[int],
    rooted: Rooted,
) -> list[LineageNode]:
    """The nodes of a family with a root."""
    same = {each[0]: each[1:] for each in copies}
    above: dict[int, tuple[int, ...]] = {rooted.start.member: ()}
    above |= {each: (parent,) for each, parent in rooted.parents.items()}
    above |= dict.fromkeys(rooted.involves, ())
    is_rooted = rooted.start.rule != "centre"
    origin = (rooted.start.member,) if is_rooted else ()
    above |= {
        each: leading_first(mix.parents, mix.weights) if mix.verdict == "merge" else origin
        for each, mix in rooted.mixes.items()
    }
    ties = spanning_ties(members.squared, rooted.start.member, family) | rooted.twins
    ties |= _without_circles(members, family, {each: above.get(each, ()) for each in family}, ties)

    def relation(member: int) -> Relation:
        if member == rooted.start.member and is_rooted:
            return "root"
        if len(above.get(member, ())) == 1:
            return "descends"
        if len(above.get(member, ())) > 1 or member in rooted.involves:
            return "mix"
        return "near" if member in rooted.twins else "related"

    nodes = []
    for member in family:
        others = [each for each in family if each != member]
        single = above.get(member, ())
        # A nearer one than the parent that is claimed.
        near = -1 if len(single) > 1 else ties.get(member, -1)
        if near in single:
            near = -1
        nodes.append(
            _node(
                names,
                members,
                member,
                same[member],
                relation(member),
                parents=single,
                involves=rooted.involves.get(member, ()),
                near=near,
                others=others,
                above=above,
            )
        )
    return nodes


def unrooted_nodes(
    names: Sequence[str],
    members: Members,
    copies: Sequence[Sequence[int]],
    family: Sequence[int],
    start: int,
    is_only: bool,
) -> list[LineageNode]:
    """The nodes of a family without a known root: undirected ties."""
    same = {each[0]: each[1:] for each in copies}
    ties = spanning_ties(members.squared, start, family)
    above = {each: (tie,) for each, tie in ties.items()}
    alone: Relation = "related" if is_only else "unrelated"
    nodes = []
    for member in family:
        near = ties.get(member, -1)
        relation: Relation = "near" if near >= 0 and members.close[member, near] else "related"
        nodes.append(
            _node(
                names,
                members,
                member,
                same[member],
                alone if len(family) == 1 else relation,
                near=near,
                others=[each for each in family if each != member],
                above=above,
            )
        )
    return nodes


def in_order(nodes: Iterable[LineageNode]) -> list[LineageNode]:
    """All nodes, each after its parents, and after the nearest one where it has none."""
    by_name = {node.name: node for node in nodes}
    placed: dict[str, LineageNode] = {}
    waiting: set[str] = set()

    def place(name: str) -> None:
        if name in placed or name in waiting:
            return
        waiting.add(name)
        for each in by_name[name].tied_to:
            place(each)
        placed[name] = by_name[name]

    for name in by_name:
        place(name)
    return list(placed.values())


def _node(
    names: Sequence[str],
    members: Members,
    member: int,
    copies: Sequence[int],
    relation: Relation,
    *,
    near: int,
    others: Sequence[int],
    above: Mapping[int, tuple[int, ...]],
    parents: tuple[int, ...] = (),
    involves: tuple[int, ...] = (),
) -> LineageNode:
    squared = members.squared[member]
    tied = parents or ((near,) if near >= 0 else ())
    runner_up, certainty = "", None
    if len(tied) == 1 and above.get(member) == tied and not (parents and near >= 0):
        below = _below(above, member)
        rest = [each for each in others if each not in below and each != tied[0]]
        rest = [each for each in rest if len(above.get(each, ())) < 2]
        second = min(rest, key=lambda each: squared[each], default=-1)
        complete = not members.imported or np.isfinite(squared[members.present]).all()
        if second >= 0 and complete and np.isfinite(squared[second]) and squared[tied[0]]:
            runner_up = names[second]
            certainty = float(np.sqrt(squared[second] / squared[tied[0]]))
    unsure = not parents and relation in ("related", "near", "mix")
    nearest = sorted(
        (each for each in others if np.isfinite(squared[each])), key=squared.__getitem__
    )
    return LineageNode(
        name=names[member],
        copies=tuple(names[each] for each in copies),
        relation=relation,
        parents=tuple(names[each] for each in parents),
        involves=tuple(names[each] for each in involves),
        near=names[near] if near >= 0 else "",
        distances=tuple(float(np.sqrt(squared[each])) for each in tied),
        runner_up=runner_up,
        certainty=certainty,
        alternatives=tuple(names[each] for each in nearest[:ALTERNATIVES]) if unsure else (),
    )


def _without_circles(
    members: Members,
    family: Sequence[int],
    above: Mapping[int, tuple[int, ...]],
    ties: Mapping[int, int],
) -> dict[int, int]:
    """Ties of those without anything `above` them: as in `ties`, or to the nearest member that does
    not hang from them, as a mix hangs from its parents."""
    hangs = dict(above)
    found: dict[int, int] = {}
    for member in family:
        if above[member] or member not in ties:
            continue
        nearest = sorted(family, key=members.squared[member].__getitem__)
        free = (each for each in (ties[member], *nearest) if member not in _up(hangs, each))
        if (tie := next(free, -1)) >= 0:
            found[member] = tie
            hangs[member] = (tie,)
    return found


def _up(above: Mapping[int, tuple[int, ...]], member: int) -> set[int]:
    """`member`, and all that it hangs from."""
    found = {member}
    waiting = [member]
    while waiting:
        new = set(above.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def _below(above: Mapping[int, tuple[int, ...]], member: int) -> set[int]:
    """`member` and all its descendants."""
    found = {member}
    size = 0
    while len(found) > size:
        size = len(found)
        found |= {each for each, parents in above.items() if not found.isdisjoint(parents)}
    return found
