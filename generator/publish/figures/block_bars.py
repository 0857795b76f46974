"""Values of blocks -> bars in the order of the network: parameters, or norms of weights."""

import math
from collections.abc import Sequence
from functools import partial

from generator.networks.palette import block_colour
from generator.publish.figures.figure import NARROW, Figure, Specification, figure
from generator.publish.figures.parts import COLOUR, PLAIN_AXIS, SAID, axis, data, frame, named
from generator.publish.figures.scales import round_steps
from generator.publish.figures.stacked_bars import in_words
from generator.publish.quantities.block_groups import BlockGroup
from generator.records import AdapterBlock, CheckpointBlock, Record
from generator.text import numbers

# Maximum width of a block's bar, however few the blocks.
WIDEST, ROW = 64, 18
HEIGHT = 268
AXIS_WIDTH, LABELS_HEIGHT, HEADROOM = 62, 78, 16
NAMES_WIDTH, NARROW_TOP, NARROW_RIGHT = 70, 24, 24

# Labels stand on their base lines, so drawing these many figures does not measure any text.
ABOVE: Specification = {"orient": "top", "labelBaseline": "alphabetic", "labelPadding": 9}
BESIDE: Specification = {"orient": "left", "labelBaseline": "alphabetic", "labelOffset": 4}


class BlockBar(Record):
    """The bar of one block; `value` is None if missing, `text` is the value in words."""

    block: str
    value: float | None
    text: str


def profile(name: str, label: str, block_groups: Sequence[BlockGroup]) -> Figure:
    """The blocks in order, each with a bar for its parameters."""
    bars = [
        BlockBar(
            block=block.name,
            value=block.parameters,
            text=f"{block.name}: {block.parameters:,} parameters",
        )
        for group in block_groups
        for block in group.blocks
    ]
    title = f"Parameters of each block of {label}"
    return figure(name, title, in_words(block_groups), partial(block_bars, bars, numbers.COUNTS))


def norms(name: str, label: str, blocks: Sequence[CheckpointBlock]) -> Figure:
    """The blocks in order, each with a bar for the norm of its weights."""
    bars = [
        BlockBar(block=block.name, value=block.norm, text=f"{block.name}: {_norm_of(block)}")
        for block in blocks
    ]
    return _norms(name, f"Norm of the weights of each block of {label}", bars)


def changes(name: str, label: str, blocks: Sequence[AdapterBlock]) -> Figure:
    """The blocks in order, each with a bar for the norm of what an adapter adds to it."""
    bars = [
        BlockBar(block=one.block, value=one.norm, text=f"{one.block}: {_change_of(one)}")
        for one in blocks
    ]
    return _norms(name, f"Norm of the change of each block of {label}", bars)


def _norms(name: str, title: str, bars: Sequence[BlockBar]) -> Figure:
    words = "; ".join(bar.text for bar in bars)
    return figure(name, title, words, partial(block_bars, bars, ((1, ""),)))


def block_bars(
    bars: Sequence[BlockBar], prefixes: Sequence[tuple[float, str]], width: int
) -> Specification:
    """Bars of blocks on one linear axis, with ticks written with the `prefixes`; on a narrow screen
    they are horizontal, one below the other."""
    is_narrow = width <= NARROW
    end, step = round_steps(max((bar.value or 0 for bar in bars), default=1), 4 if is_narrow else 5)
    ticks = [number * step for number in range(round(end / step) + 1)]
    labels = [numbers.tick(value, prefixes) for value in ticks]
    value = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [0, end], "nice": False},
        "axis": axis(ticks, labels) | (ABOVE if is_narrow else BESIDE),
    }
    # In the order of the bars, including those without a value.
    block = named("block", sort=[bar.block for bar in bars], axis=PLAIN_AXIS | BESIDE)
    # The edge keeps the smallest bars visible.
    bar = {"type": "bar", "aria": True, "strokeWidth": 1}
    if is_narrow:
        height = NARROW_TOP + ROW * len(bars) + 6
        size = frame(width, height, NAMES_WIDTH, NARROW_TOP, NARROW_RIGHT, 6)
        across, along, band = "y", "x", {"height": {"band": 0.67}}
        missing = {"align": "left", "dx": 4, "dy": 4}
    else:
        pitch = min((width - AXIS_WIDTH) / max(len(bars), 1), WIDEST)
        rest = width - AXIS_WIDTH - pitch * len(bars)
        size = frame(width, HEIGHT, AXIS_WIDTH, HEADROOM, rest, LABELS_HEIGHT)
        across, along, band = "x", "y", {"width": {"band": 0.72}}
        missing = {"align": "center", "dy": -9}
        block["axis"] |= {"orient": "bottom", "labelAngle": -90}
    return size | {
        "usermeta": {"unmeasured": True},
        "data": data(
            {
                "block": bar.block,
                "value": bar.value,
                "text": bar.text,
                "colour": block_colour(bar.block),
            }
            for bar in bars
        ),
        "encoding": {across: block},
        "layer": [
            {
                "transform": [{"filter": "datum.value !== null"}],
                "mark": bar | band,
                "encoding": {along: value, "fill": COLOUR, "stroke": COLOUR, **SAID},
            },
            {
                "transform": [{"filter": "datum.value === null"}],
                "mark": {"type": "text", "aria": True, "text": numbers.MISSING, **missing},
                "encoding": {along: {"datum": 0}, **SAID},
            },
        ],
    }


def _change_of(block: AdapterBlock) -> str:
    if block.norm is None:
        return "no norm: it depends on the weights"
    return f"norm {numbers.small(block.norm)}, {block.changes:,} tensors"


def _norm_of(block: CheckpointBlock) -> str:
    if block.norm is None:
        return "no norm: it was not measured, or has NaN or infinite values"
    each = block.norm / math.sqrt(block.parameters) if block.parameters else None
    return f"norm {numbers.small(block.norm)}, {numbers.small(each)} a weight (RMS)"
