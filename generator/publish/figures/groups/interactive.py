"""A group -> the data of its interactive figures, as a script, so that pages work from disk too."""

import json
from collections.abc import Sequence

import numpy as np

from generator.networks.palette import block_colour, component_colour
from generator.publish.figures.groups.canvas import cut
from generator.publish.figures.groups.graph_plan import NARROW, WIDE, Plan, edges_of
from generator.publish.figures.groups.heat_map import COLUMNS, LINE, UPRIGHT, cell_size, tree_end
from generator.publish.figures.groups.rows import FEW, LABELS_WIDTH, ROW_NAME_WIDTH, row_height
from generator.publish.figures.groups.scales import axis_end, reach
from generator.publish.figures.groups.specifications import SPECIFICATIONS
from generator.publish.figures.groups.strip import profiled
from generator.publish.pages.groups.captions import (
    bars_caption,
    clusters_caption,
    dendrogram_beside,
    distances_caption,
    map_caption,
    numbers_beside,
)
from generator.publish.pages.groups.components import Drawn
from generator.publish.pages.groups.prepared import FEWEST_DRAWN, Planned, Prepared
from generator.records import ComponentDistances
from generator.records.arrays import Floats
from generator.text.captions import ALWAYS_L2
from generator.text.words import METRICS, component_title

FOLDER = "runtime"
# Digits of distances: as many as anybody sees, and three more, so that they are rounded once.
DIGITS = 6
# What stands beside a heat map, by screen.
BESIDE = {"wide": dendrogram_beside, "narrow": numbers_beside}


def script_files(groups: Sequence[Prepared]) -> dict[str, bytes]:
    """Address -> content of all scripts; none without groups."""
    return {data_file(one): figure_data(one) for one in groups}


def data_file(prepared: Prepared) -> str:
    """Address of the data of a group's figures, from the root of the site."""
    return f"{FOLDER}/groups/{prepared.group.id}.js"


def figure_data(prepared: Prepared) -> bytes:
    """The script that defines `atlasGroup`: everything that the figures of one group show."""
    content = {
        "labels": [
            {
                "text": label.text,
                "short": cut(label.text, WIDE.name_width),
                "shortest": cut(label.text, NARROW.name_width),
                "row": cut(label.text, ROW_NAME_WIDTH),
            }
            for label in prepared.labels
        ],
        "metrics": [[metric, METRICS[metric]] for metric in prepared.group.metrics],
        "components": [
            _component(one, prepared.matrix.components[one.drawn.name], prepared.group.metrics)
            for one in prepared.planned
        ],
        "specifications": SPECIFICATIONS,
        "sizes": {
            "few": FEW,
            "tallRow": row_height(FEW),
            "lowRow": row_height(FEW + 1),
            "fewest": FEWEST_DRAWN,
            "line": LINE,
            "upright": UPRIGHT,
            "columns": COLUMNS,
            "labels": LABELS_WIDTH,
        },
    }
    return f"window.atlasGroup = {json.dumps(content, separators=(',', ':'))};\n".encode()


def _component(
    planned: Planned, distances: ComponentDistances, metrics: tuple[str, ...]
) -> dict[str, object]:
    drawn = planned.drawn
    arrangement = drawn.arrangement
    members = np.ix_(*[arrangement.members] * 2)
    squares = {metric: _square(distances, metric)[members] for metric in metrics}
    return {
        "name": drawn.name,
        "title": component_title(drawn.name),
        "colour": component_colour(drawn.name),
        "members": [label.number for label in drawn.labels],
        "base": drawn.base,
        "order": arrangement.order,
        "distances": {
            metric: _triangle(metric, square, drawn.base) for metric, square in squares.items()
        },
        "captions": {screen: _captions(planned, screen, squares) for screen in BESIDE},
        "merges": [[one.left, one.right, _short(one.height)] for one in arrangement.merges],
        "edges": [[a, b, _short(length), nearest] for a, b, length, nearest in edges_of(drawn)],
        "tree_end": tree_end(drawn),
        "cell": cell_size(len(drawn.labels)),
        "layouts": {name: _layout(plan) for name, plan in planned.plans.items()},
        "narrow_layouts": {name: _layout(plan) for name, plan in planned.narrow_plans.items()},
        "blocks": _blocks(drawn, profiled(drawn)) if planned.has_blocks else None,
    }


def _captions(
    planned: Planned, screen: str, squares: dict[str, Floats]
) -> dict[str, dict[str, str]]:
    """By metric and figure."""
    drawn = planned.drawn
    plans = {"wide": planned.plans, "narrow": planned.narrow_plans}[screen]
    figures = {name: map_caption(drawn, name, plan) for name, plan in plans.items()}
    figures["map"] = figures.pop("stress")
    if planned.has_blocks:
        figures["blocks"] = bars_caption(drawn)
    return {
        metric: {key: ("" if metric == "l2" else ALWAYS_L2) + text for key, text in figures.items()}
        | {
            "clusters": clusters_caption(drawn, metric, square, BESIDE[screen]),
            "distances": distances_caption(drawn, metric, square[drawn.base]),
        }
        for metric, square in squares.items()
    }


def _square(distances: ComponentDistances, metric: str) -> Floats:
    """N x N, NaN where two cannot be compared; cosine as 1 - cosine, so that near is small."""
    square = np.array(getattr(distances, metric), dtype=np.float64)
    return 1 - square if metric == "cosine" else square


def _triangle(metric: str, square: Floats, base: int) -> dict[str, object]:
    """What lies above the diagonal, row by row, and where the scales of all distances and of those
    from the base end. What is counted is exact."""
    kept = int if metric == "l0" else _short
    above = square[np.triu_indices(len(square), 1)]
    return {
        "end": reach(above),
        "end_from_base": axis_end(square[base]),
        "values": [None if value != value else kept(value) for value in above.tolist()],
    }


def _layout(plan: Plan) -> dict[str, object]:
    """Panels with spots: members, x, y, what follows the first one's label, which text, which side
    of the point; the last two are None where there is no room for a label."""
    rulers = [panel.ruler for panel in plan.panels if panel.ruler]
    return {
        "width": plan.frame.width,
        "height": round(plan.height, 1),
        "panels": [
            [
                [
                    spot.members,
                    round(spot.x, 1),
                    round(spot.y, 1),
                    spot.more,
                    spot.placed.text if spot.placed else None,
                    spot.placed.side if spot.placed else None,
                ]
                for spot in panel.spots
            ]
            for panel in plan.panels
        ],
        "rulers": [
            {"x": ruler.left, "x2": round(ruler.right, 1), "y": round(ruler.y, 1)}
            for ruler in rulers
        ],
        "notes": [
            *({"x": ruler.right + 8, "y": ruler.y, "text": ruler.text} for ruler in rulers),
            *({"x": 16, "y": panel.top + 10, "text": panel.title} for panel in plan.panels),
        ],
    }


def _blocks(drawn: Drawn, rows: list[int]) -> dict[str, object]:
    """`shares` by member, None for members that do not differ; `median` is that of the others."""
    blocks = drawn.blocks
    return {
        "names": blocks.names,
        "colours": [block_colour(name) for name in blocks.names],
        "parameters": [_short(share) for share in blocks.parameters.tolist()],
        "median": [_short(share) for share in np.median(blocks.shares[rows], axis=0).tolist()],
        "shares": [
            [_short(share) for share in row] if member in set(rows) else None
            for member, row in enumerate(blocks.shares.tolist())
        ],
    }


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
