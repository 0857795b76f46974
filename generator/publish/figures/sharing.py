"""Checkpoints -> a bar for each component, divided by what they hold: how many there really are.

Bars take per cent of the place where they stand, and their text keeps its size at any width.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from generator.networks.palette import component_colour
from generator.publish.figures import svg
from generator.records import Checkpoint
from generator.text.words import begun, component_title, order_components

ROW, BAR = 46, 20


def sharing_bars(name: str, checkpoints: Sequence[Checkpoint]) -> Markup:
    """A segment for each different content, as wide as the number of checkpoints that hold it, the
    most widely held first. Empty if no two hold the same."""
    held: dict[str, dict[str, list[str]]] = {}
    for checkpoint in checkpoints:
        for each in checkpoint.components:
            if each.blake3:
                contents = held.setdefault(each.name, {})
                contents.setdefault(each.blake3, []).append(checkpoint.name)
    if not any(len(holders) > 1 for contents in held.values() for holders in contents.values()):
        return Markup()
    parts: list[str] = []
    words = []
    for row, component in enumerate(order_components(held)):
        contents = held[component]
        title = begun(component_title(component))
        count = sum(map(len, contents.values()))
        said = (
            f"{len(contents)} different in {count} {'checkpoint' if count == 1 else 'checkpoints'}"
        )
        words.append(f"{title}: {said}")
        top = row * ROW
        parts.append(svg.element("text", title, x=0, y=top + 14, font_weight=600))
        parts.append(svg.element("text", said, x="100%", y=top + 14, text_anchor="end"))
        parts.extend(_segments(list(contents.values()), component, top + 20, len(checkpoints)))
    size = {"width": "100%", "height": len(held) * ROW}
    heading = "What checkpoints hold alike"
    return svg.drawing(name, heading, "; ".join(words), parts, **size)


def _segments(
    contents: Sequence[Sequence[str]], component: str, top: int, count: int
) -> Iterator[Markup]:
    start = 0.0
    colour = component_colour(component)
    for holders in sorted(contents, key=lambda each: (-len(each), each[0])):
        width = 100 * len(holders) / count
        title = f"{len(holders)}: {', '.join(holders)}" if len(holders) > 1 else holders[0]
        yield svg.element(
            "rect",
            [svg.element("title", title)],
            x=svg.percent(start),
            y=top,
            width=svg.percent(width),
            height=BAR,
            fill=colour,
            fill_opacity=0.45 if len(holders) > 1 else 0.12,
            stroke=colour,
            stroke_width=1.5,
        )
        start += width
