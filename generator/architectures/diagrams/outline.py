"""Trace -> the outline of a network: one node per block or run of equal blocks.

Operations between the blocks are absorbed into their neighbours; an output that many blocks use is
shown apart, as a condition.
"""

from collections.abc import Hashable, Mapping
from typing import NamedTuple

import networkx as nx

from generator.architectures.diagrams.fold import fold_run, runs
from generator.architectures.diagrams.trace import Call, Trace, contract

# A node outside the blocks that feeds at least this many of them is a condition.
CONDITION_REACH = 3


class Outline(NamedTuple):
    """`graph`: see `Trace`; `conditions` are its nodes with an output to many blocks."""

    graph: nx.DiGraph
    conditions: tuple[Hashable, ...]


def outline(trace: Trace, sizes: Mapping[str, int]) -> Outline:
    """Outline of a traced network.

    `sizes` maps module paths to their numbers of parameters: a module without parameters is
    absorbed like a function.
    """
    folded = {path: run for run in runs(trace.outer) for path in run}
    groups: dict[Hashable, Hashable] = {}
    calls: dict[Hashable, Call] = {}
    for node, call in trace.inner.nodes(data="call"):
        if call.top in folded and not _is_concatenation(call):
            groups[node] = group = folded[call.top][0]
            calls[group] = fold_run(trace.outer, folded[call.top])
        elif call.marks and not _is_concatenation(call):
            groups[node] = group = call.marks[0]
            # Blocks of a UNet are several consecutive modules: the last one's output counts.
            first = calls.get(group, call)
            calls[group] = first._replace(outputs=call.outputs)
        elif call.top and not trace.outer.nodes[call.top]["call"].marks:
            groups[node] = call.top
            calls[call.top] = trace.outer.nodes[call.top]["call"]
    reduced = contract(trace.inner, groups, calls)
    where = {node: groups.get(node, node) for node in trace.inner}
    while (step := _absorption(reduced, sizes)) is not None:
        absorbed, into = step
        call = reduced.nodes[into]["call"]
        reduced = contract(reduced, {absorbed: into}, {into: call})
        where = {node: into if group == absorbed else group for node, group in where.items()}
    reach: dict[Hashable, set[str]] = {}
    for source, target in trace.inner.edges:
        if where[source] != where[target]:
            marks = trace.inner.nodes[target]["call"].marks
            reach.setdefault(where[source], set()).update(marks)
    conditions = tuple(
        node
        for node, call in reduced.nodes(data="call")
        if not call.marks and len(reach.get(node, ())) >= CONDITION_REACH
    )
    return Outline(reduced, conditions)


def _absorption(graph: nx.DiGraph, sizes: Mapping[str, int]) -> tuple[Hashable, Hashable] | None:
    """A node to absorb, and its only neighbour; None if there is none."""
    for node, call in graph.nodes(data="call"):
        plain = call.role == "function" or (call.role == "module" and not sizes.get(call.path, 0))
        if not plain or call.marks:
            continue
        for neighbours in (list(graph.successors(node)), list(graph.predecessors(node))):
            if len(neighbours) == 1 and graph.nodes[neighbours[0]]["call"].role in (
                "module",
                "function",
            ):
                return node, neighbours[0]
    return None


def _is_concatenation(call: Call) -> bool:
    return bool(call.marks) and call.marks[0].startswith("CAT")
