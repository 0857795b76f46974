"""A trace -> the same trace with runs of equal blocks folded, so that it is readable.

Transformers repeat a block dozens of times. Consecutive blocks with the same calls and shapes are a
run.
"""

from collections.abc import Hashable, Sequence
from itertools import groupby

import networkx as nx

from generator.architectures.diagrams.trace import Call, Trace, contract

# Shorter runs are drawn in full.
SHORTEST_RUN = 4


def runs(outer: nx.DiGraph) -> list[list[str]]:
    """Runs of equal blocks in the outer graph, as module paths in order.

    Modules are equal if they have the same class and the same input and output shapes and contain
    one block each, of the same prefix.
    """
    calls = [call for _, call in outer.nodes(data="call") if call.role == "module"]

    def signature(call: Call) -> Hashable:
        block = _own_block(call)
        return (call.name, block.rstrip("0123456789"), call.inputs, call.outputs, not block)

    ordered = sorted((call for call in calls if _own_block(call)), key=_own_block)
    groups = (list(group) for _, group in groupby(ordered, signature))
    return [[call.path for call in group] for group in groups if len(group) >= SHORTEST_RUN]


def fold_outer(trace: Trace) -> nx.DiGraph:
    """The outer graph with three nodes per run: the first block, the middle ones, the last."""
    middles = [run[1:-1] for run in runs(trace.outer)]
    groups: dict[Hashable, Hashable] = {path: run[0] for run in middles for path in run}
    calls: dict[Hashable, Call] = {run[0]: fold_run(trace.outer, run) for run in middles}
    return contract(trace.outer, groups, calls)


def fold_inner(trace: Trace) -> nx.DiGraph:
    """The inner graph with the first block of each run in detail and the others as one node."""
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
    """The block of a module; empty if it has none or several."""
    blocks = [mark for mark in call.marks if not mark.startswith("CAT")]
    return blocks[0] if len(blocks) == 1 else ""
