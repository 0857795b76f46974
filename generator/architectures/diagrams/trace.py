"""Network -> the graph of calls in one forward pass, two levels deep, each call with its block.

torchview records the flow of tensors between calls on the meta device. The module path of each
call, and with it the block, is added to its nodes.
"""

from collections.abc import Container, Hashable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import networkx as nx
import torchview
from torchview.computation_node import FunctionNode, ModuleNode, TensorNode

from generator.architectures.arguments import Arguments, describe
from generator.architectures.network import BuiltNetwork
from generator.architectures.shapes import KnownShapes
from generator.architectures.values import known_values
from generator.networks.blocks import REST, block_of

DEPTH = 2
Shape = tuple[int, ...]
Role = Literal["module", "function", "input", "output"]

# torch's own names of calls, where values are known beside the tensors.
FUNCTION_NAMES = {"_unsafe_view.default": "view"}
# torch's names of concatenation; between two types of blocks, published diagrams mark it CATNN.
CONCATENATIONS = frozenset({"cat", "concat"})


class Call(NamedTuple):
    """One call in a forward pass: of a module, a function, or an input or output tensor.

    `path` is the module, or the module in whose `forward` a function is called; `top` is the module
    around it that the network's own `forward` calls (empty for the network's own functions and
    tensors). `marks` are the MBW blocks inside, without `REST`. `repeats` is the number of equal
    calls that this one stands for.
    """

    role: Role
    name: str
    path: str
    top: str
    marks: tuple[str, ...]
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    repeats: int = 1


class Trace(NamedTuple):
    """One forward pass, as the calls of the network's `forward` and as the calls inside these.

    Nodes of both graphs have a `call`, edges the number of `tensors`. Nodes of `inner` are numbers
    in the order of the pass; nodes of `outer` are module paths, or numbers for the network's own
    functions.
    """

    outer: nx.DiGraph
    inner: nx.DiGraph


def trace(network: BuiltNetwork, arguments: Arguments, blocks: Mapping[str, str]) -> Trace:
    """Trace one forward pass; `blocks` maps module paths to block names."""
    # Shapes of its own: torchview has torch's functions make tensors that it records.
    with KnownShapes(), known_values():
        recorded = torchview.draw_graph(
            network.module, input_data=arguments, device="meta", depth=DEPTH, strict=False
        )
    paths = {id(module): path for path, module in network.module.named_modules()}
    around = dict(_enclosing(recorded.node_hierarchy, paths, ()))
    inputs = dict(zip(map(id, recorded.root_container), describe(arguments), strict=True))

    def call_of(node: Any) -> Call:  # noqa: ANN401 -- torchview publishes no types
        if isinstance(node, TensorNode):
            shapes = (tuple(node.tensor_shape),)
            name = inputs.get(id(node), "output")
            role: Role = "input" if id(node) in inputs else "output"
            return Call(role, name, "", "", (), shapes, shapes)
        return _call(node, around.get(id(node), ()), blocks)

    inner = nx.DiGraph()
    numbers: dict[int, int] = {}
    for edge in recorded.edge_list:
        # torchview records a tensor again in every module that it enters; use the first record.
        source, target = (getattr(node, "main_node", node) for node in edge)
        for node in (source, target):
            if id(node) not in numbers:
                numbers[id(node)] = len(numbers)
                inner.add_node(numbers[id(node)], call=call_of(node))
        _add_flow(inner, numbers[id(source)], numbers[id(target)], tensors=1)
    _mark_concatenations(inner)
    tops = {
        call.path: call
        for node in _modules(recorded.node_hierarchy)
        if (call := _call(node, around[id(node)], blocks)).path == call.top
    }
    return Trace(_outer(inner, tops), inner)


def contract(
    graph: nx.DiGraph, groups: Mapping[Hashable, Hashable], calls: Mapping[Hashable, Call]
) -> nx.DiGraph:
    """Merge nodes by group; edges inside a group vanish, parallel edges add up.

    Nodes outside `groups` stay as they are. The call of a group is the one in `calls`, else that of
    its first node, with the marks of all its nodes.
    """
    merged = nx.DiGraph()
    for node, call in graph.nodes(data="call"):
        group = groups.get(node, node)
        if group not in merged:
            merged.add_node(group, call=calls.get(group, call)._replace(marks=()))
        before = merged.nodes[group]["call"]
        marks = tuple(dict.fromkeys((*before.marks, *call.marks)))
        merged.nodes[group]["call"] = before._replace(marks=marks)
    for source, target, tensors in graph.edges(data="tensors"):
        ends = groups.get(source, source), groups.get(target, target)
        if ends[0] != ends[1]:
            _add_flow(merged, *ends, tensors)
    return merged


def induced(graph: nx.DiGraph, nodes: Container[Hashable]) -> nx.DiGraph:
    """The subgraph on `nodes`, in the order of the graph.

    networkx's `subgraph` uses a set, whose order differs between processes.
    """
    part = nx.DiGraph()
    part.add_nodes_from((node, data) for node, data in graph.nodes(data=True) if node in nodes)
    part.add_edges_from(
        (source, target, data)
        for source, target, data in graph.edges(data=True)
        if source in nodes and target in nodes
    )
    return part


def _outer(inner: nx.DiGraph, tops: Mapping[str, Call]) -> nx.DiGraph:
    groups = {node: call.top for node, call in inner.nodes(data="call") if call.top}
    return contract(inner, groups, {path: tops[path] for path in tops})


def _add_flow(graph: nx.DiGraph, source: Hashable, target: Hashable, tensors: int) -> None:
    before = graph.get_edge_data(source, target, {"tensors": 0})["tensors"]
    graph.add_edge(source, target, tensors=before + tensors)


def _mark_concatenations(graph: nx.DiGraph) -> None:
    """Mark concatenations between one type of blocks and another."""
    count = 0
    for node, call in graph.nodes(data="call"):
        if call.role != "function" or call.name not in CONCATENATIONS:
            continue
        before = {block_prefix(graph, other) for other in graph.predecessors(node)}
        after = {block_prefix(graph, other) for other in graph.successors(node)}
        if len(before) == len(after) == 1 and all(before | after) and before != after:
            graph.nodes[node]["call"] = call._replace(marks=(f"CAT{count:02}",))
            count += 1


def block_prefix(graph: nx.DiGraph, node: Hashable) -> str:
    """The type of the first block inside a node (`IN`); empty without blocks."""
    marks = graph.nodes[node]["call"].marks
    return str(marks[0].rstrip("0123456789")) if marks else ""


def _enclosing(
    hierarchy: Any,  # noqa: ANN401 -- nested dicts and lists of torchview's nodes
    paths: Mapping[int, str],
    above: tuple[str, ...],
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Node id -> the module paths around and including it, outermost first, without the network."""
    if isinstance(hierarchy, Mapping):
        for node, children in hierarchy.items():
            here = above
            if isinstance(node, ModuleNode) and paths.get(node.compute_unit_id):
                here = (*above, paths[node.compute_unit_id])
            yield id(node), here
            for child in children:
                yield from _enclosing(child, paths, here)
    else:
        yield id(hierarchy), above


def _modules(hierarchy: Any) -> Iterator[Any]:  # noqa: ANN401 -- see `_enclosing`
    if isinstance(hierarchy, Mapping):
        for node, children in hierarchy.items():
            if isinstance(node, ModuleNode):
                yield node
            for child in children:
                yield from _modules(child)


def _call(
    node: Any,  # noqa: ANN401 -- torchview publishes no types
    around: tuple[str, ...],
    blocks: Mapping[str, str],
) -> Call:
    path = around[-1] if around else ""
    block = block_of(path, blocks)
    return Call(
        role="function" if isinstance(node, FunctionNode) else "module",
        name=FUNCTION_NAMES.get(node.name, node.name),
        path=path,
        top=around[0] if around else "",
        marks=() if block == REST else (block,),
        inputs=tuple(map(tuple, node.input_shape)),
        outputs=tuple(map(tuple, node.output_shape)),
    )
