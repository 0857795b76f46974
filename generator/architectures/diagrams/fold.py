"""A trace with runs of equal blocks folded, so that it can be laid out and read.

Transformers repeat one block dozens of times. Blocks whose calls and shapes are the same, one
after the other, are a run.
"""

from collections.abc import Hashable, Sequence
from itertools import groupby

import networkx as nx

from generator.architectures.diagrams.trace import Call, Trace, contract

# Shorter runs are drawn in full.
SHORTEST_RUN = 4


def runs(outer: nx.DiGraph) -> list[list[str]]:
    """Runs of equal blocks in the outer graph, as module paths in order.

    Equal are modules of one class that hold one block each, of the same prefix, with the same
    shapes in and out.
    """
    calls = [call for _, call in outer.nodes(data="call") if call.role == "module"]

    def signature(call: Call) -> Hashable:
        block = _own_block(call)
        return (call.name, block.rstrip("0123456789"), call.inputs, call.outputs, not block)

    ordered = sorted((call for call in calls if _own_block(call)), key=_own_block)
    groups = (list(group) for _, group in groupby(ordered, signature))
    return [[call.path for call in group] for group in groups if len(group) >= SHORTEST_RUN]


def fold_outer(trace: Trace) -> nx.DiGraph:
    """The outer graph, of each run the first block, the others but the last as one, the last."""
    middles = [run[1:-1] for run in runs(trace.outer)]
    groups: dict[Hashable, Hashable] = {path: run[0] for run in middles for path in run}
    calls: dict[Hashable, Call] = {run[0]: fold_run(trace.outer, run) for run in middles}
    return contract(trace.outer, groups, calls)


def fold_inner(trace: Trace) -> nx.DiGraph:
    """The inner graph, of each run the first block in detail and the others as one node."""
    parts: dict[str, list[Hashable]] = {}
    for node, call in trace.inner.nodes(data="call"):
        parts.setdefault(call.top, []).append(node)
    rest = [run[1:] for run in runs(trace.outer)]
    groups: dict[Hashable, Hashable] = {
        node: run[0] for run in rest for path in run for node in parts[path]
    }
    calls: dict[Hashable, Call] = {run[0]: fold_run(trace.outer, run) for run in rest}
    return contract(trace.inner, groups, calls)


def fold_run(outer: nx.DiGraph, run: Sequence[str]) -> Call:
    """The call that stands for the modules of a run."""
    first: Call = outer.nodes[run[0]]["call"]
    last: Call = outer.nodes[run[-1]]["call"]
    return first._replace(repeats=len(run), outputs=last.outputs)


def _own_block(call: Call) -> str:
    """The block that a module is, empty if it is none or holds several."""
    blocks = [mark for mark in call.marks if not mark.startswith("CAT")]
    return blocks[0] if len(blocks) == 1 else ""
