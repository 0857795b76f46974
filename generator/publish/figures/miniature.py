"""The blocks of a network -> a small picture of its shape: a U, or a column from top to bottom.

Each block is a bar as wide as its number of parameters, on a scale that several networks share.
Written as SVG directly: a path per group of blocks is a hundredth of what a chart of marks weighs.
"""

import math
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from generator.networks.blocks import REST
from generator.networks.palette import block_colour
from generator.publish.figures import svg
from generator.publish.figures.stacked_bars import in_words
from generator.publish.quantities.block_groups import BlockGroup
from generator.text import numbers

# Of the drawing, in its own units: its width, the height of a bar, and the space below it.
WIDTH, BAR, GAP = 240, 3, 1
ROW = BAR + GAP
# Between the sides of a U, and between the groups of a column.
MIDDLE = 4
# Narrower bars would be invisible.
NARROWEST = 1.5


def miniature(name: str, label: str, block_groups: Sequence[BlockGroup], widest: int) -> Markup:
    """The shape of one network; a block of `widest` parameters is as wide as the drawing."""
    named = {group.name: group for group in block_groups}
    draw = _u_shape if {"IN", "OUT"} <= named.keys() else _column
    parts, height = [], 0.0
    for group, bars in draw(block_groups, WIDTH / max(widest, 1)):
        path = "".join(f"M{x:g} {y:g}h{width:g}v{BAR}h-{width:g}z" for x, y, width in bars)
        told = svg.element("title", _told(group))
        parts.append(svg.element("path", [told], d=path, fill=block_colour(group.name)))
        height = max(height, *(y + BAR for _, y, _ in bars))
    title = f"Blocks of {label} in order, as wide as their parameters"
    size = {"viewBox": f"0 0 {WIDTH} {height:g}"}
    return svg.drawing(name, title, in_words(block_groups), parts, **size)


def widest_block(block_groups: Sequence[BlockGroup]) -> int:
    """How many parameters a bar as wide as the drawing has, if all blocks are to fit.

    Of a U, each side has half of what is left beside its middle.
    """
    largest = max((block.parameters for group in block_groups for block in group.blocks), default=0)
    is_u = {"IN", "OUT"} <= {group.name for group in block_groups}
    return math.ceil(largest * 2 * WIDTH / (WIDTH - MIDDLE)) if is_u else largest


# The bars of a group of blocks: left end, top and width.
Bars = list[tuple[float, float, float]]


def _column(block_groups: Sequence[BlockGroup], scale: float) -> Iterator[tuple[BlockGroup, Bars]]:
    top = 0.0
    for group in block_groups:
        bars = []
        for block in group.blocks:
            width = max(round(block.parameters * scale, 1), NARROWEST)
            bars.append(((WIDTH - width) / 2, top, width))
            top += ROW
        yield group, bars
        top += MIDDLE


def _u_shape(block_groups: Sequence[BlockGroup], scale: float) -> Iterator[tuple[BlockGroup, Bars]]:
    """Inputs go down on the left, outputs up on the right, and what is between and outside lies
    below."""
    depth = max(len(group.blocks) for group in block_groups if group.name in ("IN", "OUT"))
    below = depth * ROW
    for group in block_groups:
        bars: Bars = []
        for place, block in enumerate(group.blocks):
            width = max(round(block.parameters * scale, 1), NARROWEST)
            if group.name == "IN":
                bars.append((WIDTH / 2 - MIDDLE / 2 - width, place * ROW, width))
            elif group.name == "OUT":
                bars.append((WIDTH / 2 + MIDDLE / 2, (depth - 1 - place) * ROW, width))
            else:
                top = below + (MIDDLE if group.name == REST else 0)
                bars.append(((WIDTH - width) / 2, top, width))
                below = top + ROW
        yield group, bars


def _told(group: BlockGroup) -> str:
    count = len(group.blocks)
    size = numbers.count(group.parameters)
    return f"{group.name}: {count} block{'s' * (count != 1)}, {size} parameters"
