"""Shares of blocks in distances from one member -> a strip a member, beside the parameters."""

import numpy as np
from matplotlib.figure import Figure

from generator.publish import numbers, svg
from generator.publish.groups.canvas import new_axes, new_figure, pixel_axes, styled
from generator.publish.groups.components import Drawn
from generator.publish.groups.heat_map import show_cells
from generator.publish.groups.rows import LABELS_WIDTH, NAME_WIDTH, label_rows, row_height, write
from generator.publish.groups.scales import ticks

NAMES_HEIGHT = 74
BAR_TOP, BAR_WIDTH = 22, 300
TOP = 48 + NAMES_HEIGHT
# The row of the parameters stands apart from those of the members.
APART = 8
WIDEST, NARROWEST = 64, 15
FEWEST_BLOCKS = 2


def profiled(drawn: Drawn) -> list[int]:
    """The members that differ from the base, in the order of the dendrogram."""
    return [
        member
        for member in drawn.arrangement.order
        if not np.isnan(drawn.blocks.shares[member]).any()
    ]


@styled
def block_strips(drawn: Drawn) -> Figure:
    """A row of the blocks' shares in all parameters, and one per member of their shares in its
    squared distance from the base."""
    order, blocks = profiled(drawn), drawn.blocks
    pitch = min(WIDEST, (svg.WIDTH - LABELS_WIDTH - 8) / len(blocks.names))
    height, width = row_height(len(order)), pitch * len(blocks.names)
    members_top = TOP + height + APART
    figure = new_figure(svg.WIDTH, members_top + height * len(order) + 8)
    paper = pixel_axes(figure)
    shares = blocks.shares[order]
    end = float(max(shares.max(), blocks.parameters.max()))
    bar = new_axes(figure, LABELS_WIDTH, BAR_TOP, BAR_WIDTH, 10)
    show_cells(bar, np.linspace(0, end, 128)[None], end)
    write(paper, LABELS_WIDTH, 10, "Share of the squared distance, and of the parameters")
    for value in ticks(end):
        x = LABELS_WIDTH + BAR_WIDTH * value / end
        write(paper, x, 42, numbers.share(value, 1), ha="center")
    for column, block in enumerate(blocks.names):
        x = LABELS_WIDTH + (column + 0.5) * pitch
        write(paper, x, TOP - 6, block, ha="center", va="bottom", rotation=90)
    write(paper, NAME_WIDTH - 4, TOP + height / 2, "all parameters", ha="right")
    own = new_axes(figure, LABELS_WIDTH, TOP, width, height)
    show_cells(own, blocks.parameters[None], end)
    label_rows(paper, [drawn.labels[member] for member in order], members_top, height)
    rest = new_axes(figure, LABELS_WIDTH, members_top, width, height * len(order))
    show_cells(rest, shares, end)
    return figure
