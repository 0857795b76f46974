"""A laid-out drawing -> an SVG document with text as text, `currentColor` and no background.

The same file works alone, in the reader's colour scheme, and inside a page, in the page's colour.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from generator.architectures.diagrams.drawing import (
    FONT_SIZE,
    LINE_HEIGHT,
    PADDING,
    Badge,
    Box,
    Drawing,
    Link,
    badge_width,
    text_width,
)

FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace"

# `svg:root` is this document when it stands alone, and nothing when it is part of a page.
STANDALONE_STYLE = (
    "svg:root{color:#1f2328;background:#fff}"
    "@media (prefers-color-scheme:dark){svg:root{color:#e6e6e6;background:#1e2129}}"
)


def to_svg(drawing: Drawing) -> bytes:
    """The drawing as SVG; all texts are escaped here."""
    name = escape(drawing.id, {'"': "&quot;"})
    width, height = _number(drawing.width), _number(drawing.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="atlas-diagram" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{name}-title {name}-description" fill="none" stroke="currentColor" '
        f'font-family="{FONTS}" font-size="{_number(FONT_SIZE)}">',
        f'<title id="{name}-title">{escape(drawing.title)}</title>',
        f'<desc id="{name}-description">{escape(drawing.description)}</desc>',
        f"<style>{STANDALONE_STYLE}</style>",
        *(_link(link) for link in drawing.links),
        *(_box(box) for box in drawing.boxes),
        "</svg>",
    ]
    return ("\n".join(parts) + "\n").encode()


def _box(box: Box) -> str:
    left, top = box.x - box.width / 2, box.y - box.height / 2
    return "".join(
        (
            f'<g class="node" data-node={quoteattr(box.id)}>',
            f"<title>{escape(box.hint)}</title>" if box.hint else "",
            *_outline(box, left, top),
            *_texts(box, left, top),
            *_badges(box, left, top),
            "</g>",
        )
    )


def _outline(box: Box, left: float, top: float) -> Iterator[str]:
    if box.form == "stack":
        # Two sheets behind the box: it stands for several.
        for offset in (6, 3):
            yield _rectangle(left + offset, top + offset, box, 6, _paint(box.colour, 0.10))
    if box.form == "tensor":
        yield _rectangle(left, top, box, box.height / 2, ' stroke-opacity="0.7"')
    elif box.form == "function":
        yield _rectangle(left, top, box, 4, ' stroke-opacity="0.6" stroke-dasharray="4 3"')
    else:
        yield _rectangle(left, top, box, 6, _paint(box.colour, 0.18))
        yield (
            f'<rect x="{_number(left)}" y="{_number(top)}" width="5" '
            f'height="{_number(box.height)}" rx="2" fill="{box.colour}" stroke="none"/>'
        )


def _rectangle(left: float, top: float, box: Box, radius: float, paint: str) -> str:
    return (
        f'<rect x="{_number(left)}" y="{_number(top)}" width="{_number(box.width)}" '
        f'height="{_number(box.height)}" rx="{_number(radius)}"{paint}/>'
    )


def _paint(colour: str, opacity: float) -> str:
    return f' fill="{colour}" fill-opacity="{opacity:.2f}" stroke="{colour}"'


def _texts(box: Box, left: float, top: float) -> Iterator[str]:
    for number, line in enumerate(box.lines):
        baseline = _number(top + PADDING + FONT_SIZE - 2.5 + number * LINE_HEIGHT)
        start = left + PADDING
        if number == 0 and box.mark:
            yield _text(start, baseline, box.mark, ' font-weight="700"')
            start += text_width(f"{box.mark} ")
        if line:
            yield _text(start, baseline, line, "")


def _text(x: float, y: str, text: str, style: str) -> str:
    return (
        f'<text x="{_number(x)}" y="{y}" fill="currentColor" stroke="none"{style}>'
        f"{escape(text)}</text>"
    )


def _badges(box: Box, left: float, top: float) -> Iterator[str]:
    right = left + box.width - PADDING + 4
    for badge in reversed(box.badges):
        width = badge_width(badge)
        right -= width
        yield _badge(badge, right, top + PADDING - 4, width)
        right -= 4


def _badge(badge: Badge, left: float, top: float, width: float) -> str:
    return (
        f'<rect class="badge" x="{_number(left)}" y="{_number(top)}" width="{_number(width)}" '
        f'height="17" rx="8.5" fill="{badge.colour}" fill-opacity="0.35" stroke="{badge.colour}"/>'
        f'<text x="{_number(left + width / 2)}" y="{_number(top + 12.5)}" font-size="11" '
        f'text-anchor="middle" fill="currentColor" stroke="none">{escape(badge.text)}</text>'
    )


def _link(link: Link) -> str:
    dash = ' stroke-dasharray="5 4"' if link.form == "skip" else ""
    parts = [
        f'<g class="edge"><path d="{_path(link.points)}" stroke-opacity="0.55"{dash}/>',
        f'<path d="{_arrow(link.points)}" fill="currentColor" fill-opacity="0.7" stroke="none"/>',
    ]
    if link.label:
        x, y = link.points[len(link.points) // 2]
        parts.append(_text(x + 5, _number(y + 4), link.label, ' font-size="11"'))
    return "".join((*parts, "</g>"))


def _path(points: tuple[tuple[float, float], ...]) -> str:
    start, *rest = [f"{_number(x)} {_number(y)}" for x, y in points]
    return f"M{start}C{' '.join(rest)}"


def _arrow(points: tuple[tuple[float, float], ...]) -> str:
    """A triangle with its tip at the last point, in the direction of the curve."""
    (x, y) = points[-1]
    before = next((point for point in reversed(points) if point != (x, y)), (x, y - 1))
    length = ((x - before[0]) ** 2 + (y - before[1]) ** 2) ** 0.5
    along = ((x - before[0]) / length, (y - before[1]) / length)
    across = (-along[1], along[0])
    corners = [
        (x - 8 * along[0] + side * 3.5 * across[0], y - 8 * along[1] + side * 3.5 * across[1])
        for side in (1, -1)
    ]
    return "M" + "L".join(f"{_number(cx)} {_number(cy)}" for cx, cy in ((x, y), *corners)) + "Z"


def _number(value: float) -> str:
    """At most two decimals, without trailing zeros and negative zero."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.005 else "0"
