"""Shares of a whole -> bars divided into segments: networks by blocks, components by content.

Written as SVG directly: lengths are per cent of the available width while text keeps its size, so
one drawing fits a card, a phone and a desktop. A specification cannot do that.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from generator.networks.palette import CATEGORY_COLOURS, block_colour, component_colour
from generator.publish.figures import svg
from generator.publish.quantities.block_groups import BlockGroup
from generator.publish.quantities.memory import CardSummary
from generator.records import Checkpoint, Component, Record
from generator.text import numbers
from generator.text.words import begun, component_title, order_components

HEAD, BAR, GAP = 20, 22, 8
ROW = HEAD + BAR + GAP
# Narrower segments would be invisible.
NARROWEST = 0.15


class Bar(Record):
    """One labelled bar, with a segment per group of blocks of a network."""

    label: str
    value: str
    link: str
    block_groups: tuple[BlockGroup, ...]

    @property
    def parameters(self) -> int:
        """Sum of the segments."""
        return sum(group.parameters for group in self.block_groups)


class Segment(Record):
    """A part of a bar, as long as its `size`; `text` is shown on hover, `name` in it, or what is
    `short` where that has no room."""

    size: int
    colour: str
    text: str
    opacity: float
    name: str = ""
    short: str = ""


def parameter_bars(name: str, bars: Sequence[Bar]) -> Markup:
    """One bar per network on one scale, split by groups of blocks; the largest has full width."""
    scale = max((bar.parameters for bar in bars), default=1)
    parts: list[Markup] = []
    for row, bar in enumerate(bars):
        parts.extend(_head(bar.label, bar.value, row, bar.link))
        parts.extend(_segments(_of_block_groups(bar.block_groups), scale, row * ROW + HEAD))
    text = "; ".join(f"{bar.label}: {bar.value}, {in_words(bar.block_groups)}" for bar in bars)
    size = {"width": "100%", "height": len(bars) * ROW}
    return svg.drawing(name, "Parameters by group of blocks", text, parts, role="group", **size)


def composition_bar(name: str, label: str, block_groups: Sequence[BlockGroup]) -> Markup:
    """One network, full width, split by groups of blocks."""
    total = sum(group.parameters for group in block_groups) or 1
    parts = _segments(_of_block_groups(block_groups), total, 0)
    title = f"Parameters of {label} by group of blocks"
    return svg.drawing(name, title, in_words(block_groups), parts, width="100%", height=BAR + 2)


def component_bars(name: str, title: str, bars: Sequence[tuple[Component, str, str]]) -> Markup:
    """A bar for each component on one scale of parameters, the longest of full width, with what is
    said in it or after it, and the page that it leads to."""
    parts: list[Markup] = []
    scale = max((one.parameters for one, _, _ in bars), default=1)
    for row, (one, said, link) in enumerate(bars):
        parts.extend(_head(one.name, "", row, link))
        colour, top = component_colour(one.kind), row * ROW + HEAD
        segment = Segment(size=one.parameters, colour=colour, text=said, opacity=0.45)
        parts.extend(_segments(iter([segment]), scale, top))
        parts.append(_at_end(said, 100 * one.parameters / scale, top))
    text = "; ".join(f"{one.name}: {said}" for one, said, _ in bars)
    size = {"width": "100%", "height": len(bars) * ROW}
    return svg.drawing(name, title, text, parts, role="group", **size)


def sharing_bars(name: str, checkpoints: Sequence[Checkpoint]) -> Markup:
    """A bar per component with a segment for each different content, as wide as the number of
    checkpoints that hold it, the most widely held first. Empty if no two checkpoints hold the
    same."""
    held: dict[str, dict[str, list[str]]] = {}
    for checkpoint in checkpoints:
        for each in checkpoint.components:
            if each.blake3:
                contents = held.setdefault(each.name, {})
                contents.setdefault(each.blake3, []).append(checkpoint.name)
    if not any(len(holders) > 1 for contents in held.values() for holders in contents.values()):
        return Markup()
    parts: list[Markup] = []
    words = []
    for row, component in enumerate(order_components(held)):
        contents = held[component]
        count = sum(map(len, contents.values()))
        title = begun(component_title(component))
        checked = "checkpoint" if count == 1 else "checkpoints"
        said = f"{len(contents)} different in {count} {checked}"
        words.append(f"{title}: {said}")
        parts.extend(_head(title, said, row))
        segments = _of_contents(list(contents.values()), component_colour(component))
        parts.extend(_segments(segments, len(checkpoints), row * ROW + HEAD))
    size = {"width": "100%", "height": len(held) * ROW}
    return svg.drawing(name, "What checkpoints hold alike", "; ".join(words), parts, **size)


def card_bars(cards: Sequence[CardSummary]) -> Markup:
    """A bar per card: networks that fit with everything on the GPU, and with offloading."""
    parts: list[Markup] = []
    words = []
    for row, one in enumerate(cards):
        words.append(f"{one.card} GB: {one.resident} on the GPU, {one.offloaded} with offloading")
        left = f"{one.none} not at all" if one.none else ""
        parts.extend(_head(f"{one.card} GB", left, row, f"what-fits.html?card={one.card}"))
        parts.extend(_segments(_of_card(one), one.networks or 1, row * ROW + HEAD))
    size = {"width": "100%", "height": len(cards) * ROW}
    return svg.drawing(
        "cards", "Networks that fit a card", "; ".join(words), parts, role="group", **size
    )


def _of_card(one: CardSummary) -> Iterator[Segment]:
    shown = (("on the GPU", one.resident, 2, 0.45), ("offloading", one.offloaded, 3, 0.25))
    for name, count, colour, opacity in shown:
        yield Segment(
            size=count,
            colour=CATEGORY_COLOURS[colour],
            text=f"{count} networks, {name}",
            opacity=opacity,
            name=f"{count} {name}",
            short=str(count),
        )


def in_words(block_groups: Sequence[BlockGroup]) -> str:
    """The groups of blocks of a network with their parameters."""
    total = sum(group.parameters for group in block_groups)
    return ", ".join(
        f"{group.name} {numbers.count(group.parameters)} ({numbers.share(group.parameters, total)})"
        for group in block_groups
    )


def _of_block_groups(block_groups: Sequence[BlockGroup]) -> Iterator[Segment]:
    total = sum(group.parameters for group in block_groups)
    for group in block_groups:
        share = numbers.share(group.parameters, total)
        yield Segment(
            size=group.parameters,
            colour=block_colour(group.name),
            text=f"{group.name}: {group.parameters:,} ({share})",
            opacity=0.3,
            name=group.name,
        )


def _of_contents(contents: Sequence[Sequence[str]], colour: str) -> Iterator[Segment]:
    for holders in sorted(contents, key=lambda each: (-len(each), each[0])):
        several = len(holders) > 1
        yield Segment(
            size=len(holders),
            colour=colour,
            text=f"{len(holders)}: {', '.join(holders)}" if several else holders[0],
            opacity=0.45 if several else 0.12,
        )


def _head(label: str, value: str, row: int, link: str = "") -> Iterator[Markup]:
    """The name of a bar, and its value at the right, if it stands there."""
    y = row * ROW + 14
    name = svg.element("text", label, x=0, y=y, font_weight=600)
    yield svg.element("a", [name], href=link) if link else name
    if value:
        yield svg.element("text", value, x="100%", y=y, text_anchor="end")


def _at_end(said: str, width: float, top: int) -> Markup:
    """What is said of a bar so long in per cent: inside of its end, or after it if it is short."""
    inside = width > 50
    place = {"x": svg.percent(width), "dx": -6 if inside else 6, "y": top + BAR / 2 + 4}
    return svg.element("text", said, **place, text_anchor="end" if inside else "start")


def _segments(segments: Iterator[Segment], scale: int, top: int) -> Iterator[Markup]:
    """Segments from the left end; those wide enough on a narrow screen show their name."""
    start = 0.0
    for each in segments:
        width = 100 * each.size / scale
        yield svg.element(
            "rect",
            [svg.element("title", each.text)],
            x=svg.percent(start),
            y=top,
            width=svg.percent(max(width, NARROWEST)),
            height=BAR,
            fill=each.colour,
            fill_opacity=each.opacity,
            stroke=each.colour,
            stroke_width=1.5,
        )
        # A character of this size is 2.4 % of the narrowest drawing.
        fitting = (one for one in (each.name, each.short) if width > 2.4 * len(one) + 3)
        if name := next(fitting, ""):
            middle = {"x": svg.percent(start + width / 2), "y": top + BAR / 2 + 4}
            yield svg.element("text", name, **middle, text_anchor="middle")
        start += width
