"""Network -> its diagrams (schematic, and trace at two depths), each as SVG and DOT."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import networkx as nx

from generator.architectures.diagrams.dot import to_dot
from generator.architectures.diagrams.drawing import Drawing, marks_text
from generator.architectures.diagrams.fold import fold_inner, fold_outer
from generator.architectures.diagrams.outline import outline
from generator.architectures.diagrams.schematic import block_facts, draw_schematic
from generator.architectures.diagrams.structure import draw_structure
from generator.architectures.diagrams.svg import to_svg
from generator.architectures.diagrams.trace import Trace
from generator.architectures.diagrams.trace_diagram import draw_trace
from generator.architectures.network import BuiltNetwork
from generator.records import Diagram, ParameterRow, Reason
from generator.records.architectures import DiagramName
from generator.records.reasons import TraceTooLarge

# Layout of a trace takes up to ten seconds at this size, and no screen shows more.
MOST_NODES = 160


class DrawnNetwork(NamedTuple):
    """The diagrams of a network and their files; `no_trace` says why a trace is missing."""

    diagrams: tuple[Diagram, ...]
    files: dict[str, bytes]
    no_trace: Reason | None = None


def draw_diagrams(
    identity: str,
    name: str,
    network: BuiltNetwork,
    traced: Trace | None,
    blocks: Mapping[str, str],
    rows: Sequence[ParameterRow],
) -> DrawnNetwork:
    """Draw one network from the trace of its forward pass, or without one from its modules.

    `blocks` maps module paths to block names.
    """
    facts = block_facts(network.module, blocks, rows)
    titled = f"{identity}-schematic", f"{name}: schematic"
    if traced is None:
        drawing = draw_structure(*titled, network.module, blocks, facts)
        return _drawn(identity, {"schematic": drawing}, None)
    sizes = {
        path: sum(parameter.numel() for parameter in module.parameters())
        for path, module in network.module.named_modules()
    }
    outlined = outline(traced, sizes)
    # A module that is called again after its successors has no place in an order of steps.
    if nx.is_directed_acyclic_graph(outlined.graph):
        schematic = draw_schematic(*titled, outlined, facts)
    else:
        schematic = draw_structure(*titled, network.module, blocks, facts)
    drawings: dict[DiagramName, Drawing] = {"schematic": schematic}
    no_trace = None
    for depth, graph in enumerate((fold_outer(traced), fold_inner(traced)), start=1):
        if len(graph) > MOST_NODES:
            no_trace = TraceTooLarge(nodes=len(graph), most=MOST_NODES)
        else:
            kind: DiagramName = "trace-depth1" if depth == 1 else "trace-depth2"
            drawings[kind] = _draw_trace(identity, name, depth, graph)
    return _drawn(identity, drawings, no_trace)


def _drawn(
    identity: str, drawings: Mapping[DiagramName, Drawing], no_trace: Reason | None
) -> DrawnNetwork:
    diagrams = tuple(
        Diagram(name=kind, nodes=len(drawing.boxes)) for kind, drawing in drawings.items()
    )
    return DrawnNetwork(diagrams, dict(_files(identity, drawings)), no_trace)


def _draw_trace(identity: str, name: str, depth: int, graph: nx.DiGraph) -> Drawing:
    nodes = [call for _, call in graph.nodes(data="call")]
    calls = [call for call in nodes if call.role in ("module", "function")]
    modules = sum(call.repeats for call in calls if call.role == "module")
    functions = sum(call.repeats for call in calls if call.role == "function")
    marked = [f"{marks_text(call.marks)} {call.name}" for call in calls if call.marks]
    within = "the network's own forward" if depth == 1 else "the modules that it calls"
    description = (
        f"One forward pass in {len(nodes)} nodes: {modules} calls of modules and {functions} of "
        f"functions, as made by {within}, equal blocks folded, and inputs and outputs. "
        f"Marked: {', '.join(dict.fromkeys(marked))}."
    )
    title = f"{name}: trace, depth {depth}"
    return draw_trace(f"{identity}-trace-depth{depth}", title, description, graph)


def _files(identity: str, drawings: Mapping[DiagramName, Drawing]) -> Iterator[tuple[str, bytes]]:
    for kind, drawing in drawings.items():
        yield f"{identity}.{kind}.svg", to_svg(drawing)
        yield f"{identity}.{kind}.dot", to_dot(drawing)
