"""Drawings -> DOT source; boxes and links -> places by Graphviz's `dot` layout, in-process."""

from collections.abc import Sequence

import graphviz
import pygraphviz

from generator.architectures.diagrams.drawing import Box, Drawing, Link, Point

# Graphviz counts sizes in inches and places in points; one point is one pixel here.
POINTS_PER_INCH = 72
MARGIN = 12.0

FORMS = {
    "module": {"shape": "box", "style": "filled,rounded"},
    "stack": {"shape": "box", "style": "filled,rounded", "peripheries": "2"},
    "function": {"shape": "box", "style": "dashed"},
    "tensor": {"shape": "box", "style": "rounded"},
}
LINK_FORMS = {"flow": {}, "skip": {"style": "dashed"}}


def to_dot(drawing: Drawing) -> bytes:
    """DOT source of a drawing: `dot` lays it out again, `neato -n` keeps the positions.

    All text passes through `graphviz.escape`, so that nothing in it is read as markup.
    """
    graph = graphviz.Digraph(
        graph_attr={"label": graphviz.escape(drawing.title), "labelloc": "t", "rankdir": "TB"},
        node_attr={"fontname": "monospace", "fontsize": "12", "fixedsize": "true"},
        edge_attr={"fontname": "monospace", "fontsize": "11"},
    )
    for box in drawing.boxes:
        first = f"{box.mark} {box.lines[0]}".strip()
        text = "\\l".join(graphviz.escape(line) for line in (first, *box.lines[1:])) + "\\l"
        badges = ", ".join(badge.text for badge in box.badges)
        graph.node(
            box.id,
            label=text,
            width=_inches(box.width),
            height=_inches(box.height),
            pos=f"{box.x:.1f},{-box.y:.1f}!",
            # The last two digits are the opacity.
            **({"fillcolor": f"{box.colour}30", "color": box.colour} if box.colour else {}),
            **({"tooltip": graphviz.escape(f"conditioning: {badges}")} if badges else {}),
            **FORMS[box.form],
        )
    for link in drawing.links:
        label = {"label": graphviz.escape(link.label)} if link.label else {}
        graph.edge(link.source, link.target, **label, **LINK_FORMS[link.form])
    return str(graph.source).encode()


def lay_out(
    identity: str, title: str, description: str, boxes: Sequence[Box], links: Sequence[Link]
) -> Drawing:
    """Place fitted boxes and links in ranks from top to bottom.

    Graphviz gets sizes and no text, so positions do not depend on fonts. Nodes and edges have a
    fixed order, so positions depend only on the version of Graphviz.
    """
    graph = pygraphviz.AGraph(directed=True, nodesep="0.3", ranksep="0.35")
    for box in boxes:
        graph.add_node(
            box.id,
            label="",
            shape="box",
            fixedsize="true",
            width=_inches(box.width),
            height=_inches(box.height),
        )
    graph.add_edges_from((link.source, link.target) for link in links)
    graph.layout("dot")
    # `dot` puts the lower left corner at 0, 0.
    width, height = map(float, graph.graph_attr["bb"].split(",")[2:])

    def place(text: str) -> Point:
        x, y = map(float, text.split(","))
        return (x + MARGIN, height - y + MARGIN)

    placed_boxes = []
    for box in boxes:
        x, y = place(graph.get_node(box.id).attr["pos"])
        placed_boxes.append(box._replace(x=x, y=y))
    placed_links = []
    for link in links:
        end, *points = graph.get_edge(link.source, link.target).attr["pos"].split(" ")
        # `e,x,y` is the arrow's tip, after the last control point.
        curve = [place(point) for point in points]
        curve[-1] = place(end.removeprefix("e,"))
        placed_links.append(link._replace(points=tuple(curve)))
    return Drawing(
        identity,
        title,
        description,
        width + 2 * MARGIN,
        height + 2 * MARGIN,
        tuple(placed_boxes),
        tuple(placed_links),
    )


def _inches(pixels: float) -> str:
    return f"{pixels / POINTS_PER_INCH:.4f}"
