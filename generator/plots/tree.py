"""A lineage -> a tree, one model per row: who descends from whom, and what is mixed."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from generator.networks.palette import CATEGORY_COLOURS
from generator.plots.style import INK, LINE, QUIET, TEXT, bare, name_of, new_figure
from generator.records import Lineage, LineageNode
from generator.text.numbers import significant
from generator.text.plots import L2, lineage_key, lineage_title, not_shown

# Inches of one step to the right, and of a character at most.
STEP, CHARACTER = 0.35, 0.07
ROW, NARROWEST = 0.21, 4.5
MARKERS = {"root": "s", "mix": "D"}
BLUE, RED = CATEGORY_COLOURS[0], CATEGORY_COLOURS[1]


def lineage_tree(component: str, lineage: Lineage) -> Figure:
    """The lineage of one component.

    A solid line leads from a claimed parent, a dotted one from the nearest model without a claim, a
    dashed one from the other parents of a mix.
    """
    rows = _rows(lineage)
    nodes = {node.name: node for node in lineage.nodes}
    width = max(
        STEP * level + CHARACTER * len(_label(nodes[name])) for name, (level, _) in rows.items()
    )
    width = max(width + STEP, NARROWEST)
    figure = new_figure(width, ROW * (len(rows) + 1) + (5 + len(lineage.left_out)) * LINE)
    axes = figure.add_subplot()
    for name, (level, row) in rows.items():
        _draw(axes, nodes[name], level, row, rows)
    axes.set_xlim(-0.5, width / STEP)
    axes.set_ylim(len(rows) - 0.5, -0.7)
    bare(axes)
    axes.set_title(lineage_title(component, len(rows)))
    notes = [lineage_key(lineage), not_shown([name_of(name) for name in lineage.left_out])]
    text = "\n".join(filter(None, notes))
    figure.supxlabel(text, x=0.02, ha="left", fontsize=TEXT - 1, color=QUIET)
    return figure


def _rows(lineage: Lineage) -> dict[str, tuple[int, int]]:
    """Level and row of each model: below its first parent, the nearest children first."""
    children: dict[str, list[LineageNode]] = {}
    for node in lineage.nodes:
        children.setdefault(node.tied_to[0] if node.tied_to else "", []).append(node)
    rows: dict[str, tuple[int, int]] = {}
    waiting = [(0, node) for node in reversed(children.get("", []))]
    while waiting:
        level, node = waiting.pop()
        rows[node.name] = level, len(rows)
        below = sorted(children.get(node.name, []), key=lambda each: (each.distances, each.name))
        waiting += [(level + 1, each) for each in reversed(below)]
    return rows


def _draw(
    axes: Axes, node: LineageNode, level: int, row: int, rows: dict[str, tuple[int, int]]
) -> None:
    claimed = bool(node.parents)
    for number, parent in enumerate(node.tied_to):
        above, start = rows[parent]
        if number == 0:
            axes.plot(
                [above, above, level],
                [start, row, row],
                color=INK if claimed else QUIET,
                linestyle="-" if claimed else ":",
                linewidth=0.9,
                zorder=1,
            )
        else:
            axes.plot(
                [above, level], [start, row], color=RED, linestyle="--", linewidth=0.7, zorder=2
            )
    axes.plot(
        level,
        row,
        marker=MARKERS.get(node.relation, "o"),
        markersize=4.5,
        color=RED if node.relation == "mix" else BLUE,
        markerfacecolor="white" if node.relation in ("related", "unrelated") else None,
        zorder=4,
    )
    axes.annotate(
        _label(node),
        (level, row),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=TEXT - 1,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        zorder=3,
    )


def _label(node: LineageNode) -> str:
    """Name, distance from what it hangs on, the other parents of a mix, and copies."""
    text = name_of(node.name)
    if node.distances:
        text += f"   {L2} {significant(node.distances[0])}"
    if len(node.parents) > 1:
        text += f"   + {', '.join(name_of(parent, 20) for parent in node.parents[1:])}"
    if node.copies:
        text += f"   = {name_of(', '.join(node.copies))}"
    return text
