"""Positions of the boxes of a schematic, and curves between them.

Three arrangements: conditions as trees from left to right, a UNet as a U, a transformer as streams
from top to bottom.
"""

from collections.abc import Hashable, Mapping
from typing import NamedTuple

import networkx as nx

from generator.architectures.diagrams.drawing import Box, Link, Point
from generator.architectures.diagrams.trace import block_prefix, induced

MARGIN = 14.0
ROW_GAP = 14.0
COLUMN_GAP = 34.0

WIDTH = 1080.0

# A UNet's columns move inwards by this much when the resolution halves.
INDENT = 44.0
STREAM_GAP = 38.0


class Grid(NamedTuple):
    """Placed boxes, the links between them, and the total size."""

    boxes: dict[Hashable, Box]
    links: tuple[Link, ...]
    width: float
    height: float


def place_conditions(graph: nx.DiGraph, boxes: Mapping[Hashable, Box], width: float) -> Grid:
    """Trees from left to right, packed into columns and the columns into shelves of `width`."""
    placed: dict[Hashable, Box] = {}
    x = y = MARGIN
    shelf = below = y
    column = 0.0
    for component in nx.weakly_connected_components(graph):
        tree = _place_tree(induced(graph, component), boxes)
        if y + tree.height > below or tree.width > column:
            x, y = (x + column + COLUMN_GAP if column else x), shelf
            column = tree.width
            if x + tree.width > width:
                x, y = MARGIN, below
                shelf = below
        for node, box in tree.boxes.items():
            placed[node] = box._replace(x=box.x + x, y=box.y + y)
        y += tree.height
        below = max(below, y)
    links = tuple(_across(placed[source], placed[target]) for source, target in graph.edges)
    return Grid(
        placed,
        links,
        max((box.x + box.width / 2 for box in placed.values()), default=0) + MARGIN,
        below,
    )


def _place_tree(graph: nx.DiGraph, boxes: Mapping[Hashable, Box]) -> Grid:
    """A condition with its predecessors on the left: each input in its own row, every other node
    level with the centre of its predecessors."""
    order = list(nx.topological_sort(graph))
    columns: dict[Hashable, int] = {}
    for node in order:
        columns[node] = max((columns[before] + 1 for before in graph.predecessors(node)), default=0)
    for node in order:
        if graph.in_degree(node) == 0 and graph.out_degree(node) > 0:
            columns[node] = min(columns[after] for after in graph.successors(node)) - 1
    widths = [
        max(boxes[node].width for node in graph if columns[node] == column)
        for column in range(max(columns.values()) + 1)
    ]
    placed: dict[Hashable, Box] = {}
    y = 0.0

    def place(node: Hashable) -> None:
        nonlocal y
        before = [other for other in graph.predecessors(node) if other not in placed]
        for other in before:
            place(other)
        box, column = boxes[node], columns[node]
        x = sum(widths[:column]) + column * COLUMN_GAP + box.width / 2
        if before:
            middle = sum(placed[other].y for other in before) / len(before)
        else:
            middle = y + box.height / 2
            y += box.height + ROW_GAP
        placed[node] = box._replace(x=x, y=middle)

    for node in graph:
        if graph.out_degree(node) == 0:
            place(node)
    return Grid(placed, (), sum(widths) + (len(widths) - 1) * COLUMN_GAP, y)


class _Sides(NamedTuple):
    """The nodes of a UNet: before and on the left side, below, on and after the right side."""

    before: list[Hashable]
    down: list[Hashable]
    middle: list[Hashable]
    up: list[Hashable]
    after: list[Hashable]


def is_u(graph: nx.DiGraph) -> bool:
    """Whether every node of the graph has its place on a side of a U."""
    prefixes = {block_prefix(graph, node) for node in graph}
    return {"IN", "OUT"} <= prefixes and {n for side in _sides(graph) for n in side} == set(graph)


def _sides(graph: nx.DiGraph) -> _Sides:
    calls = graph.nodes(data="call")
    down = [node for node, call in calls if call.marks and call.marks[0].startswith("IN")]
    up = [node for node, call in calls if call.marks and call.marks[0].startswith("OUT")]
    down.sort(key=lambda node: calls[node].marks)
    up.sort(key=lambda node: calls[node].marks)
    return _Sides(
        before=_chain(graph, down[0], graph.predecessors)[::-1],
        down=down,
        middle=[node for node, call in calls if call.marks and node not in {*down, *up}],
        up=up,
        after=_chain(graph, up[-1], graph.successors),
    )


def place_u(graph: nx.DiGraph, boxes: Mapping[Hashable, Box], strip: nx.DiGraph) -> Grid:
    """A UNet: `IN` blocks down the left side, `OUT` blocks up the right, skip connections level."""
    calls = graph.nodes(data="call")
    before, down, middle, up, after = _sides(graph)
    width = max(boxes[node].width for node in (*down, *up))
    beside = MARGIN + (width + max((boxes[node].width for node in after), default=0.0)) / 2
    above = place_conditions(strip, boxes, WIDTH - beside - COLUMN_GAP)
    pitch = max(boxes[node].height for node in (*down, *up)) + ROW_GAP
    resolutions = sorted({calls[node].outputs[-1][-1] for node in (*down, *up)}, reverse=True)

    def indent(node: Hashable) -> float:
        return resolutions.index(calls[node].outputs[-1][-1]) * INDENT

    # The outputs are above the right side, beside the conditions; the inputs below the conditions.
    top = max(above.height + len(before) * pitch, MARGIN + len(after) * pitch)
    rows = max(len(down), len(up))
    placed: dict[Hashable, Box] = {}
    sides = (
        (before + down, -len(before), 0, 1),
        (up[::-1], rows - len(up), WIDTH, -1),
    )
    for column, first, edge, inwards in sides:
        for row, node in enumerate(column, start=first):
            inset = MARGIN + width / 2 + (indent(node) if node in {*down, *up} else 0.0)
            placed[node] = boxes[node]._replace(
                width=width if node in {*down, *up} else boxes[node].width,
                x=edge + inwards * inset,
                y=top + (row + 0.5) * pitch,
            )
    for row, node in enumerate(after, start=1):
        x = WIDTH - MARGIN - width / 2
        placed[node] = boxes[node]._replace(x=x, y=top - (row - 0.5) * pitch)
    for row, node in enumerate(middle):
        placed[node] = boxes[node]._replace(x=WIDTH / 2, y=top + (rows + row + 0.5) * pitch)
    links = []
    for source, target in graph.edges:
        ends = placed[source], placed[target]
        if source in down and target in up:
            links.append(_across(*ends)._replace(form="skip"))
        elif target in middle and source not in middle:
            links.append(_bend(*ends, at_start=(0, 1), at_end=(-1, 0)))
        elif source in middle and target not in middle:
            links.append(_bend(*ends, at_start=(1, 0), at_end=(0, 1)))
        else:
            links.append(_along(*ends))
    height = top + (rows + len(middle)) * pitch + MARGIN - ROW_GAP
    return Grid(above.boxes | placed, (*above.links, *links), WIDTH, height)


def place_streams(graph: nx.DiGraph, boxes: Mapping[Hashable, Box], strip: nx.DiGraph) -> Grid:
    """A transformer: one row per step, one column per input until the streams meet."""
    above = place_conditions(strip, boxes, WIDTH)
    ranks: dict[Hashable, int] = {}
    for node in nx.topological_sort(graph):
        ranks[node] = max((ranks[before] + 1 for before in graph.predecessors(node)), default=0)
    inputs = [node for node in graph if not any(True for _ in graph.predecessors(node))]
    width = max(WIDTH, above.width)
    placed: dict[Hashable, Box] = {}
    y = above.height + STREAM_GAP
    for rank in range(max(ranks.values()) + 1):
        row = [node for node in graph if ranks[node] == rank]
        height = max(boxes[node].height for node in row)
        for node in row:
            sources = [n for n in inputs if n == node or nx.has_path(graph, n, node)]
            lanes = [(inputs.index(n) + 0.5) / len(inputs) for n in sources]
            x = width * sum(lanes) / len(lanes)
            placed[node] = boxes[node]._replace(x=x, y=y + height / 2)
        y += height + STREAM_GAP
    links = tuple(
        _along(placed[source], placed[target])._replace(label=f"×{tensors}" if tensors > 3 else "")
        for source, target, tensors in graph.edges(data="tensors")
    )
    return Grid(above.boxes | placed, (*above.links, *links), width, y - STREAM_GAP + MARGIN)


def _chain(graph: nx.DiGraph, start: Hashable, neighbours: object) -> list[Hashable]:
    """The nodes after `start` in one direction, outside the blocks."""
    chain: list[Hashable] = []
    node = start
    while True:
        step = [n for n in neighbours(node) if not graph.nodes[n]["call"].marks]  # type: ignore[operator]
        if len(step) != 1:
            return chain
        node = step[0]
        chain.append(node)


def _along(source: Box, target: Box) -> Link:
    """Down from one box to the next, or up."""
    down = 1 if target.y > source.y else -1
    return _bend(source, target, at_start=(0, down), at_end=(0, -down))


def _across(source: Box, target: Box) -> Link:
    """From left to right."""
    return _bend(source, target, at_start=(1, 0), at_end=(-1, 0))


def _bend(source: Box, target: Box, at_start: Point, at_end: Point) -> Link:
    """A curve that leaves `source` and enters `target` at right angles to the given sides."""
    start, end = _side(source, at_start), _side(target, at_end)
    across, down = abs(end[0] - start[0]) / 2, abs(end[1] - start[1]) / 2
    points = (
        start,
        (start[0] + at_start[0] * across, start[1] + at_start[1] * down),
        (end[0] + at_end[0] * across, end[1] + at_end[1] * down),
        end,
    )
    return Link(source.id, target.id, points)


def _side(box: Box, side: Point) -> Point:
    return (box.x + side[0] * box.width / 2, box.y + side[1] * box.height / 2)
