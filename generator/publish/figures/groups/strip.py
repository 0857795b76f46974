"""Shares of blocks in distances from one member -> a strip a member, against the parameters."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from generator.networks.palette import block_colour
from generator.publish.figures import svg
from generator.publish.figures.groups.canvas import INK, new_axes, new_figure, pixel_axes, styled
from generator.publish.figures.groups.rows import (
    LABELS_WIDTH,
    NAME_WIDTH,
    label_rows,
    row_height,
    write,
)
from generator.publish.pages.groups.components import Drawn
from generator.records.arrays import Floats
from generator.text import numbers

BAR_TOP, BAR_WIDTH = 22, 300
NAMES_HEIGHT, SHARES_HEIGHT = 74, 40
TOP = 52 + NAMES_HEIGHT + SHARES_HEIGHT
WIDEST = 64
FEWEST_BLOCKS = 2
# The colours of four times and of a quarter of what is even; even itself has none, so that it is
# the background in any scheme.
MORE, LESS = "#d55e00", "#0072b2"
DOUBLINGS = 2.0
# A block that carries a tenth more or less than its part is no place to look for a change.
MOST_UNEVEN = 0.1
EVEN = "The change is spread evenly: no block carries a tenth more or less than its part."
TIMES = {-2: "¼", -1: "½", 0: "1", 1: "2", 2: "4 times"}


def profiled(drawn: Drawn) -> list[int]:
    """The members that differ from the base, in the order of the dendrogram."""
    return [
        member
        for member in drawn.arrangement.order
        if not np.isnan(drawn.blocks.shares[member]).any()
    ]


def is_even(drawn: Drawn) -> bool:
    """Whether all changes are spread evenly: each block carries what it has of the parameters."""
    shares, parameters = drawn.blocks.shares[profiled(drawn)], drawn.blocks.parameters
    return bool((np.abs(shares - parameters) <= MOST_UNEVEN * parameters).all())


@styled
def block_strips(drawn: Drawn) -> Figure:
    """Above, the blocks' shares in all parameters; below, a row per member: how many times as large
    their shares in its squared distance from the base are."""
    order, blocks = profiled(drawn), drawn.blocks
    pitch = min(WIDEST, (svg.WIDTH - LABELS_WIDTH - 8) / len(blocks.names))
    height, width = row_height(len(order)), pitch * len(blocks.names)
    bottom = TOP + height * len(order)
    figure = new_figure(svg.WIDTH, bottom + 8)
    paper = pixel_axes(figure)
    _legend(paper, figure)
    _parameters(paper, drawn, pitch)
    label_rows(paper, [drawn.labels[member] for member in order], TOP, height)
    strips = new_axes(figure, LABELS_WIDTH, TOP, width, height * len(order))
    with np.errstate(divide="ignore", invalid="ignore"):
        doublings = np.log2(blocks.shares[order] / blocks.parameters)
    _show(strips, doublings)
    right = LABELS_WIDTH + width
    lines = [[(LABELS_WIDTH, y), (right, y)] for y in range(TOP, int(bottom) + 1, height)]
    lines += [
        [(x, TOP), (x, bottom)]
        for x in np.linspace(LABELS_WIDTH, right, len(blocks.names) + 1).tolist()
    ]
    paper.add_collection(LineCollection(lines, colors=INK, linewidths=0.6, alpha=0.16))
    return figure


def _show(axes: Axes, doublings: Floats) -> None:
    """Colours from `LESS` over nothing to `MORE`; nothing as well where there is no value."""
    strength = np.clip(np.nan_to_num(doublings, posinf=9, neginf=-9) / DOUBLINGS, -1, 1)
    colours = np.empty((*strength.shape, 4))
    colours[..., :3] = np.where(strength[..., None] > 0, to_rgb(MORE), to_rgb(LESS))
    colours[..., 3] = np.abs(strength)
    axes.imshow((255 * colours).round().astype(np.uint8), interpolation="none", aspect="auto")
    axes.set_axis_off()


def _legend(paper: Axes, figure: Figure) -> None:
    write(
        paper, LABELS_WIDTH, 10, "Share of the squared distance, over the share of the parameters"
    )
    bar = new_axes(figure, LABELS_WIDTH, BAR_TOP, BAR_WIDTH, 10)
    _show(bar, np.linspace(-DOUBLINGS, DOUBLINGS, 129)[None])
    for doubling, text in TIMES.items():
        x = LABELS_WIDTH + BAR_WIDTH * (doubling / DOUBLINGS + 1) / 2
        write(paper, x, 42, text, ha="center")


def _parameters(paper: Axes, drawn: Drawn, pitch: float) -> None:
    """Names of the blocks, and a bar for the share of each in the parameters."""
    blocks, floor = drawn.blocks, TOP - 6
    largest = float(blocks.parameters.max())
    for column, (name, share) in enumerate(
        zip(blocks.names, blocks.parameters.tolist(), strict=True)
    ):
        x = LABELS_WIDTH + (column + 0.5) * pitch
        write(paper, x, floor - SHARES_HEIGHT - 4, name, ha="center", va="bottom", rotation=90)
        size = (SHARES_HEIGHT - 4) * share / largest
        paper.bar(x, -size, 0.72 * pitch, floor, color=block_colour(name), clip_on=False)
    text = f"parameters, up to {numbers.share(largest, 1)}"
    write(paper, NAME_WIDTH + 20, floor - 8, text, ha="right")
