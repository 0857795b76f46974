"""Outline of a network -> its schematic: the whole network in one picture.

Conditions are at the top; blocks that use one have its badge instead of a line. Below, a UNet is
drawn as a U with level skip connections, a transformer as streams from top to bottom.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import networkx as nx
from torch import nn

from generator.architectures.diagrams.drawing import (
    Badge,
    Box,
    Drawing,
    fitted,
    marks_text,
    quantity,
    shape_text,
    shapes_text,
)
from generator.architectures.diagrams.layout import is_u, place_streams, place_u
from generator.architectures.diagrams.outline import Outline
from generator.architectures.diagrams.trace import Call, block_prefix, induced
from generator.networks.blocks import REST
from generator.networks.palette import CONDITION_COLOURS, block_colour
from generator.records import ParameterRow

# Argument names of the inputs -> the badge of the condition; the first match counts.
SIGNS: tuple[tuple[str, str], ...] = (
    ("timestep", "temb"),
    ("encoder_hidden_states", "text"),
    ("ids", "position"),
    ("rotary", "position"),
)


class BlockFacts(NamedTuple):
    """Text of a block in the schematic: the classes of its modules, and its parameters by kind."""

    classes: tuple[str, ...]
    kinds: Mapping[str, int]


def block_facts(
    module: Any,  # noqa: ANN401 -- a diffusers ModelMixin, untyped
    blocks: Mapping[str, str],
    rows: Sequence[ParameterRow],
) -> dict[str, BlockFacts]:
    """Facts of the named blocks: `blocks` maps module paths to names."""
    classes: dict[str, list[str]] = {}
    # In a block, the residual block runs before its attention, and resampling runs last.
    for path in sorted(blocks, key=lambda path: ("sampler" in path, "attentions" in path)):
        owner = module.get_submodule(path)
        inner = owner if isinstance(owner, nn.ModuleList) else [owner]
        classes.setdefault(blocks[path], []).extend(map(_class_name, inner))
    kinds: dict[str, dict[str, int]] = {name: {} for name in classes}
    for row in rows:
        if row.block in kinds:
            sizes = kinds[row.block]
            sizes[row.kind] = sizes.get(row.kind, 0) + row.parameters
    return {name: BlockFacts(tuple(classes[name]), kinds[name]) for name in classes}


def _class_name(module: nn.Module) -> str:
    layers = getattr(module, "transformer_blocks", ())
    return f"{type(module).__name__}×{len(layers)}" if len(layers) > 1 else type(module).__name__


def draw_schematic(
    identity: str, title: str, outlined: Outline, facts: Mapping[str, BlockFacts]
) -> Drawing:
    """Draw an outline; `facts` are by block name."""
    graph, conditions = outlined
    badges = {node: _sign(graph, node) for node in conditions}
    names = {node: f"n{number}" for number, node in enumerate(graph)}
    boxes = {
        node: _box(names[node], call, facts, _badges(graph, node, badges))
        for node, call in graph.nodes(data="call")
    }
    apart = _apart(graph, conditions)
    streams = induced(graph, [node for node in graph if node not in apart])
    strip = induced(graph, apart)
    place = place_u if is_u(streams) else place_streams
    placed = place(streams, boxes, strip)
    return Drawing(
        identity,
        title,
        _description(graph, streams, badges),
        placed.width,
        placed.height,
        tuple(placed.boxes[node] for node in graph),
        placed.links,
    )


def _apart(graph: nx.DiGraph, conditions: Sequence[Hashable]) -> set[Hashable]:
    """The conditions, and the nodes that lead only to them."""
    apart = set(conditions)
    for node in reversed(list(nx.topological_sort(graph))):
        after = set(graph.successors(node))
        if after and after <= apart:
            apart.add(node)
    return apart


def _sign(graph: nx.DiGraph, node: Hashable) -> Badge:
    sources = [graph.nodes[n]["call"].name for n in (node, *nx.ancestors(graph, node))]
    for part, sign in SIGNS:
        if any(part in name for name in sources):
            return Badge(sign, CONDITION_COLOURS[sign])
    return Badge("other", CONDITION_COLOURS["other"])


def _badges(
    graph: nx.DiGraph, node: Hashable, badges: Mapping[Hashable, Badge]
) -> tuple[Badge, ...]:
    """The badge of a condition, or of the conditions that a block uses."""
    if node in badges:
        return (badges[node],)
    taken = {badges[before] for before in graph.predecessors(node) if before in badges}
    return tuple(sorted(taken))


def _box(name: str, call: Call, facts: Mapping[str, BlockFacts], badges: tuple[Badge, ...]) -> Box:
    blocks = [facts[mark] for mark in call.marks if mark in facts]
    box = Box(name, marks_text(call.marks), (), badges=badges, hint=call.path)
    if call.role in ("input", "output"):
        return fitted(box._replace(lines=(call.name, shapes_text(call.outputs)), form="tensor"))
    if call.role == "function":
        return fitted(
            box._replace(lines=(call.name, shapes_text(call.outputs[:1])), form="function")
        )
    lines: tuple[str, ...]
    if not blocks:
        lines = (call.path, f"{call.name} {shape_text(call.outputs[0])}")
        return fitted(box._replace(lines=lines, colour=block_colour(REST)))
    box = box._replace(colour=block_colour(call.marks[-1]))
    each = sum(blocks[0].kinds.values())
    if call.repeats == 1:
        size = f"{shape_text(call.outputs[-1])} · {quantity(each)}"
        return fitted(box._replace(lines=(size, " + ".join(blocks[0].classes))))
    lines = (*block_lines(blocks[0], call.repeats), f"out {shapes_text(call.outputs)}")
    return fitted(box._replace(lines=lines, form="stack"))


def block_lines(facts: BlockFacts, repeats: int) -> tuple[str, ...]:
    """The lines of a run of equal blocks: class, parameters, and their kinds."""
    classes, each = " + ".join(facts.classes), sum(facts.kinds.values())
    if repeats == 1:
        return classes, f"{quantity(each)} parameters", _shares(facts.kinds)
    size = f"{quantity(each)} parameters each, {quantity(each * repeats)} together"
    return f"{classes} ×{repeats}", size, _shares(facts.kinds)


def _shares(kinds: Mapping[str, int]) -> str:
    """The kinds of parameters with shares of at least 1 %, the largest first."""
    total = sum(kinds.values())
    shares = sorted(((size / total, kind) for kind, size in kinds.items()), reverse=True)
    return ", ".join(f"{kind} {100 * share:.0f} %" for share, kind in shares if share >= 0.01)


def _description(graph: nx.DiGraph, streams: nx.DiGraph, badges: Mapping[Hashable, Badge]) -> str:
    """Text alternative: the steps in order, the skip connections, the conditions of blocks."""
    steps = []
    for node in nx.topological_sort(streams):
        call = graph.nodes[node]["call"]
        name = marks_text(call.marks) or call.path or call.name
        steps.append(f"{name} ({call.name} ×{call.repeats})" if call.repeats > 1 else name)
    sentences = [f"In order: {', '.join(steps)}."]
    skips = [
        f"{marks_text(graph.nodes[source]['call'].marks)} to "
        f"{marks_text(graph.nodes[target]['call'].marks)}"
        for source, target in streams.edges
        if block_prefix(graph, source) == "IN" and block_prefix(graph, target) == "OUT"
    ]
    if skips:
        sentences.append(f"Skip connections: {', '.join(skips)}.")
    for node, badge in badges.items():
        takers = [
            marks_text(graph.nodes[other]["call"].marks) or graph.nodes[other]["call"].path
            for other in graph.successors(node)
        ]
        sentences.append(f"The condition '{badge.text}' goes to {', '.join(takers)}.")
    return " ".join(sentences)
