"""Network -> its diagrams (schematic, and trace at two depths), each as SVG and DOT."""

from collections.abc import Iterator, Mapping, Sequence

import networkx as nx

from generator.architectures.diagrams.dot import to_dot
from generator.architectures.diagrams.drawing import Drawing, marks_text
from generator.architectures.diagrams.fold import fold_inner, fold_outer
from generator.architectures.diagrams.outline import outline
from generator.architectures.diagrams.schematic import block_facts, draw_schematic
from generator.architectures.diagrams.svg import to_svg
from generator.architectures.diagrams.trace import Trace
from generator.architectures.diagrams.trace_diagram import draw_trace
from generator.architectures.network import BuiltNetwork
from generator.records import Diagram, ParameterRow
from generator.records.architectures import DiagramName


def draw_diagrams(
    identity: str,
    name: str,
    network: BuiltNetwork,
    traced: Trace,
    blocks: Mapping[str, str],
    rows: Sequence[ParameterRow],
) -> tuple[tuple[Diagram, ...], dict[str, bytes]]:
    """Draw one network from its trace.

    `blocks` maps module paths to block names. Returns the records, and the files by name.
    """
    sizes = {
        path: sum(parameter.numel() for parameter in module.parameters())
        for path, module in network.module.named_modules()
    }
    facts = block_facts(network.module, blocks, rows)
    drawings: dict[DiagramName, Drawing] = {
        "schematic": draw_schematic(
            f"{identity}-schematic", f"{name}: schematic", outline(traced, sizes), facts
        ),
        "trace-depth1": _draw_trace(identity, name, 1, fold_outer(traced)),
        "trace-depth2": _draw_trace(identity, name, 2, fold_inner(traced)),
    }
    files = dict(_files(identity, drawings))
    diagrams = tuple(
        Diagram(name=kind, nodes=len(drawing.boxes)) for kind, drawing in drawings.items()
    )
    return diagrams, files


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
