"""Network -> the drawing of its parts, for networks whose forward pass cannot be traced.

Parts are in the order in which the class makes them. Nothing is known of the flow of tensors, so no
arrows are drawn.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from generator.architectures.diagrams.drawing import (
    Box,
    Drawing,
    fitted,
    marks_text,
    quantity,
)
from generator.architectures.diagrams.schematic import BlockFacts, block_lines
from generator.networks.blocks import REST
from generator.networks.palette import block_colour

MARGIN = 14.0
GAP = 14.0


def draw_structure(
    identity: str,
    title: str,
    module: Any,  # noqa: ANN401 -- a diffusers ModelMixin, untyped
    blocks: Mapping[str, str],
    facts: Mapping[str, BlockFacts],
) -> Drawing:
    """Draw the parts of a network below each other, equal neighbouring blocks as one."""
    boxes = []
    for name, child in module.named_children():
        inside = [
            block for path, block in blocks.items() if path == name or path.startswith(f"{name}.")
        ]
        size = sum(parameter.numel() for parameter in child.parameters())
        if inside:
            boxes += _runs(list(dict.fromkeys(inside)), facts, name)
        elif size:
            lines = (name, f"{type(child).__name__} · {quantity(size)}")
            boxes.append(Box("", "", lines, colour=block_colour(REST), hint=name))
    placed = []
    y = MARGIN
    fitting = [fitted(box) for box in boxes]
    width = max(box.width for box in fitting)
    for number, box in enumerate(fitting):
        x = MARGIN + width / 2
        placed.append(box._replace(id=f"n{number}", width=width, x=x, y=y + box.height / 2))
        y += box.height + GAP
    names = (marks_text(box.mark.split()) or box.lines[0] for box in boxes)
    description = (
        f"The parts of the network: {', '.join(names)}. They are in the order in which the class "
        "makes them; its forward pass was not traced."
    )
    return Drawing(identity, title, description, width + 2 * MARGIN, y, tuple(placed), ())


def _runs(names: list[str], facts: Mapping[str, BlockFacts], path: str) -> list[Box]:
    """One box per run of blocks with equal parameters."""
    boxes = []
    for _, group in groupby(names, lambda name: (name.rstrip("0123456789"), facts[name])):
        run = list(group)
        boxes.append(
            Box(
                "",
                marks_text(run),
                block_lines(facts[run[0]], len(run)),
                colour=block_colour(run[0]),
                form="stack" if len(run) > 1 else "module",
                hint=path,
            )
        )
    return boxes
