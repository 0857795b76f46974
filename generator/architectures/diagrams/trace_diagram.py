"""A traced graph -> a laid-out drawing, one box per call, marked and coloured by block."""

from collections.abc import Mapping

import networkx as nx

from generator.architectures.diagrams.dot import lay_out
from generator.architectures.diagrams.drawing import (
    Box,
    Drawing,
    Link,
    fitted,
    marks_text,
    shapes_text,
    wrapped,
)
from generator.architectures.diagrams.trace import Call
from generator.networks.palette import block_colour

# Characters per line of shapes.
LINE_LENGTH = 46

FORMS: Mapping[str, str] = {
    "module": "module",
    "function": "function",
    "input": "tensor",
    "output": "tensor",
}


def draw_trace(identity: str, title: str, description: str, graph: nx.DiGraph) -> Drawing:
    """Draw a graph of calls, laid out by Graphviz."""
    names = {node: f"n{number}" for number, node in enumerate(graph)}
    boxes = [_box(names[node], call) for node, call in graph.nodes(data="call")]
    links = [
        Link(names[source], names[target], label=f"×{tensors}" if tensors > 1 else "")
        for source, target, tensors in graph.edges(data="tensors")
    ]
    return lay_out(identity, title, description, boxes, links)


def _box(name: str, call: Call) -> Box:
    title = call.name if call.repeats == 1 else f"{call.name} ×{call.repeats}"
    if call.role in ("input", "output"):
        lines = [title, *wrapped(shapes_text(call.outputs), LINE_LENGTH)]
    else:
        shapes = [f"in  {shapes_text(call.inputs)}", f"out {shapes_text(call.outputs)}"]
        lines = [title, *(line for text in shapes for line in wrapped(text, LINE_LENGTH))]
    return fitted(
        Box(
            id=name,
            mark=marks_text(call.marks),
            lines=tuple(lines),
            colour=block_colour(call.marks[-1] if call.marks else ""),
            hint=call.path,
            form="stack" if call.repeats > 1 else FORMS[call.role],  # type: ignore[arg-type]
        )
    )
