"""Shares of blocks in distances from one member -> bars, and a strip for each member.

The bars are the median of all members that differ, or those of the highlighted member, compared
with the shares of the parameters. On a wide screen blocks stand side by side, on a narrow one below
each other.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from generator.networks.palette import block_colour
from generator.publish.figures.figure import HIGHLIGHT, IS_MARKED, WIDE, Specification
from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.rows import (
    LABELS_WIDTH,
    member_labels,
    member_rows,
    row_height,
)
from generator.publish.figures.pixels import MARKED, grid, image, marks, paper, text, texts
from generator.publish.figures.png import data_address, palette_png
from generator.publish.figures.text_width import cut
from generator.records.arrays import Floats
from generator.text import numbers

LEGEND_WIDTH, LEGEND_HEIGHT = 300, 56
TITLE_HEIGHT, NAMES_HEIGHT, BARS_HEIGHT, GAP = 20, 74, 120, 6
WIDEST = 64
NARROW_NAMES, NARROW_BARS, NARROW_ROW = 70, 116, 18
# The colours of four times and of a quarter of an even share; an even share is transparent, so it
# has the background of either scheme.
MORE, LESS = "#d55e00", "#0072b2"
DOUBLINGS = 2.0
STEPS = 127
# Up to this deviation from its even share, a block is not a place to look for a change.
MOST_UNEVEN = 0.1
TIMES = {-2: "¼", -1: "½", 0: "1", 1: "2", 2: "4 times"}
LEGEND = "Share of the squared distance, over the share of the parameters"
NARROW_LEGEND = "Share of squared distance / parameters"
MEDIAN = "Median of all that differ; highlight one to see its own"
BAR_TIPS = {"name": "Block", "share": "Squared distance"}
# The one highlighted member; 0 if there is none, or more than one.
ONLY: Specification = {
    "name": "only",
    "expr": "length(highlight) === 1 ? highlight[0] : 0",
}
IS_ONLY = "datum.number === only"
TICK_TIPS = {"name": "Block", "share": "Parameters"}


class _Frame(NamedTuple):
    """The places of a figure's bars and strips, in pixels. Blocks are `pitch` apart, to the right
    or, if `is_turned`, down; their bars grow upwards from `floor`, or to the right, by at most
    `bars`; members are `step` apart, starting at `strips`."""

    is_turned: bool
    start: float
    pitch: float
    floor: float
    bars: float
    strips: float
    step: float

    def across(self, low: float, high: float, grows: bool = True) -> list[dict[str, str]]:
        """Transforms: a row's block and share -> a bar over a part of its pitch, or, if it does not
        grow, a line at its end."""
        sides = [f"{self.start} + (datum.block + {part}) * {self.pitch}" for part in (low, high)]
        sign = "+" if self.is_turned else "-"
        end = f"{self.floor} {sign} {self.bars} * datum.share / ends[only]"
        ends = [f"{self.floor}" if grows else end, end]
        x, y = (ends, sides) if self.is_turned else (sides, ends)
        return [
            {"calculate": place, "as": name}
            for name, place in zip(("x", "x2", "y", "y2"), (*x, *y), strict=True)
        ]

    def box(self, block: float, member: float) -> tuple[float, float]:
        """The upper left corner of the cell of a block and a member."""
        along, across = self.start + block * self.pitch, self.strips + member * self.step
        return (across, along) if self.is_turned else (along, across)


def is_even(drawn: Drawn) -> bool:
    """Whether all changes are even: the change in each block matches its share of the
    parameters."""
    shares, parameters = drawn.blocks.shares[drawn.profiled], drawn.blocks.parameters
    return bool((np.abs(shares - parameters) <= MOST_UNEVEN * parameters).all())


def block_strips(drawn: Drawn, width: int) -> Specification:
    """Above, the blocks' shares in the squared distance from the base, as bars, and in all
    parameters, as lines; below, a row per member with the ratio of the two."""
    blocks, order = drawn.blocks, drawn.profiled
    frame = _frame(len(blocks.names), len(order), width)
    left, top = frame.box(0, 0)
    right, bottom = frame.box(len(blocks.names), len(order))
    with np.errstate(divide="ignore", invalid="ignore"):
        doublings = np.log2(blocks.shares[order] / blocks.parameters)
    strips = _strips_png(doublings.T if frame.is_turned else doublings)
    shares = _shares(drawn)
    most = float(blocks.parameters.max())
    ends = [most] * (1 + max(label.number for label in (*drawn.labels, *drawn.missing)))
    for number, share in shares.items():
        ends[number] = max(most, float(share.max()))
    bars = [row for number, some in shares.items() for row in _rows(number, blocks.names, some)]
    parameters = [
        {key: value for key, value in row.items() if key != "colour"}
        for row in _rows(0, blocks.names, blocks.parameters)
    ]
    labels = member_rows(drawn.labels[member] for member in order)
    middle = f"{frame.strips} + (datum.row + 0.5) * {frame.step}"
    members = list(_members(drawn, order, frame))
    return paper(
        width,
        bottom + 8,
        [
            _legend(left if not frame.is_turned else GAP + GAP, width),
            texts(_titles(drawn, list(shares), width), only=IS_ONLY),
            texts(_ends(ends, frame), only=IS_ONLY),
            texts(_names(blocks.names, frame), angle=0 if frame.is_turned else -90),
            marks("rect", bars, BAR_TIPS, only=IS_ONLY, then=frame.across(0.14, 0.86)),
            marks(
                "rule",
                parameters,
                TICK_TIPS,
                then=frame.across(0.05, 0.95, grows=False),
                strokeWidth=2.5,
            ),
            image(data_address(strips), left, top, right, bottom),
            grid(_lines(frame, len(blocks.names), len(order))),
            *(() if frame.is_turned else member_labels(labels, middle, width)),
            marks("rect", members, filled=True, fill="transparent", cursor="pointer"),
            marks("rect", members, only=IS_MARKED, filled=False, stroke=MARKED, strokeWidth=2),
        ],
        params=[HIGHLIGHT, ONLY, {"name": "ends", "value": ends}],
    )


def _frame(blocks: int, members: int, width: int) -> _Frame:
    if width == WIDE:
        pitch = min(WIDEST, (width - LABELS_WIDTH - 8) / blocks)
        floor = LEGEND_HEIGHT + TITLE_HEIGHT + BARS_HEIGHT
        strips = floor + NAMES_HEIGHT + GAP
        return _Frame(False, LABELS_WIDTH, pitch, floor, BARS_HEIGHT, strips, row_height(members))
    strips = NARROW_NAMES + NARROW_BARS + 2 * GAP
    start = LEGEND_HEIGHT + 2 * TITLE_HEIGHT
    step = (width - strips - 4) / members
    return _Frame(True, start, NARROW_ROW, NARROW_NAMES, NARROW_BARS, strips, step)


def _shares(drawn: Drawn) -> dict[int, Floats]:
    """The shares of the blocks by member number; 0 is the median of all that differ."""
    order, shares = drawn.profiled, drawn.blocks.shares
    found = {0: np.median(shares[order], axis=0)}
    return found | {drawn.labels[member].number: shares[member] for member in order}


def _rows(number: int, names: list[str], shares: Floats) -> Iterator[dict[str, Any]]:
    for block, (name, share) in enumerate(zip(names, shares.tolist(), strict=True)):
        yield {
            "number": number,
            "block": block,
            "name": name,
            "share": float(f"{share:.4g}"),
            "colour": block_colour(name),
        }


def _titles(drawn: Drawn, known: list[int], width: int) -> Iterator[dict[str, Any]]:
    """The title of the bars, by the number of the highlighted member."""
    for label in (None, *drawn.labels):
        number, words = (label.number, label.text) if label else (0, MEDIAN)
        if label and number not in known:
            is_base = label is drawn.labels[drawn.base]
            words += " is where distances begin" if is_base else " does not differ"
        x = LABELS_WIDTH if width == WIDE else 4
        yield text(x, LEGEND_HEIGHT + 10, cut(words, width - x - 4), number=number)


def _ends(ends: list[float], frame: _Frame) -> Iterator[dict[str, Any]]:
    """The end of the scale of the bars, by the number of the highlighted member."""
    for number, end in enumerate(ends):
        told = numbers.share(end, 1)
        if frame.is_turned:
            yield text(frame.floor + frame.bars, frame.start - 10, told, "right", number=number)
        else:
            yield text(frame.start - 8, frame.floor - frame.bars, told, "right", number=number)


def _names(blocks: list[str], frame: _Frame) -> Iterator[dict[str, Any]]:
    for place, block in enumerate(blocks):
        along = frame.start + (place + 0.5) * frame.pitch
        if frame.is_turned:
            yield text(frame.floor - 6, along, block, "right")
        else:
            yield text(along, frame.floor + 6, block, "right")


def _members(drawn: Drawn, order: list[int], frame: _Frame) -> Iterator[dict[str, Any]]:
    """The strip of each member, with hover texts, and on a wide screen its name."""
    for row, member in enumerate(order):
        label = drawn.labels[member]
        (x, y), (x2, y2) = frame.box(0, row), frame.box(len(drawn.blocks.names), row + 1)
        place = {"x": x if frame.is_turned else 0, "y": y, "x2": x2, "y2": y2}
        yield place | {"number": label.number, "whole": f"{label.whole}, number {label.number}"}


def _lines(frame: _Frame, blocks: int, members: int) -> Iterator[tuple[float, float, float, float]]:
    """Lines between blocks, between members if there is room, and at the ends of the bars'
    scale."""
    for block in range(blocks + 1):
        yield (*frame.box(block, 0), *frame.box(block, members))
    for member in range(members + 1) if frame.step > GAP else (0, members):
        yield (*frame.box(0, member), *frame.box(blocks, member))
    end = frame.start + blocks * frame.pitch
    for part in (0, 1):
        if frame.is_turned:
            x = frame.floor + part * frame.bars
            yield x, frame.start - 2, x, end
        else:
            y = frame.floor - part * frame.bars
            yield frame.start, y, end, y


def _strips_png(doublings: Floats) -> bytes:
    """Colours from `LESS` through transparent to `MORE`; missing values are transparent too."""
    strength = np.clip(np.nan_to_num(doublings, posinf=9, neginf=-9) / DOUBLINGS, -1, 1)
    less, more = (list(bytes.fromhex(colour[1:])) for colour in (LESS, MORE))
    palette = [
        (*(more if level > 0 else less), round(255 * abs(level) / STEPS))
        for level in range(-STEPS, STEPS + 1)
    ]
    levels = (np.round(STEPS * strength) + STEPS).astype(np.uint8)
    return palette_png(levels, np.array(palette, np.uint8))


def _legend(left: float, width: int) -> list[Specification]:
    bar = _strips_png(np.linspace(-DOUBLINGS, DOUBLINGS, 129)[None])
    words = [text(left, 10, LEGEND if width == WIDE else NARROW_LEGEND)]
    for doubling, told in TIMES.items():
        words.append(text(left + LEGEND_WIDTH * (doubling / DOUBLINGS + 1) / 2, 42, told, "center"))
    return image(data_address(bar), left, 22, left + LEGEND_WIDTH, 32) + texts(words)
