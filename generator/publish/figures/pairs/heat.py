"""Distances of the blocks and kinds of a component -> a strip of coloured cells, block by block.

The colour tells the RMS of the differences, so that small blocks can be set beside large ones; the
bars below it set each block's share of the squared L2 beside its share of the weights. Exactly 0 is
hatched, what could not be compared has a dash, and where there are no weights is nothing.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from generator.networks.palette import DISTANCE_COLOURS, block_colour, distance_colour
from generator.publish.figures import svg
from generator.publish.figures.scales import LinearScale
from generator.publish.pages.pairs.figures import Part, block_parts, cells_of, order_kinds, rms
from generator.records import ComponentComparison, DistanceSum
from generator.text import numbers

CELL = 24
WIDEST = 64
KINDS_WIDTH = 62
LEGEND_HEIGHT = 34
LEGEND_LINE = 22
BARS_HEIGHT = 84
LABELS_HEIGHT = 84
GAP = 34


# Of the drawing for narrow screens.
NARROW_ROW, NARROW_CELL, TURNED_HEIGHT = 18, 25, 44


def heat_strip(name: str, title: str, component: ComponentComparison) -> Markup:
    """Kinds down, blocks across; below, the shares of each block. On a narrow screen, blocks down
    and kinds across, and the shares at the right."""
    return svg.both(_wide(name, title, component), _narrow(f"{name}-narrow", title, component))


def _wide(name: str, title: str, component: ComponentComparison) -> Markup:
    cells, blocks = cells_of(component), block_parts(component)
    kinds = order_kinds({cell.kind for cell in cells})
    pitch = min((svg.WIDTH - KINDS_WIDTH) / max(len(blocks), 1), WIDEST)
    columns = {part.block: KINDS_WIDTH + n * pitch for n, part in enumerate(blocks)}
    lines = {kind: LEGEND_HEIGHT + n * CELL for n, kind in enumerate(kinds)}
    scale = LinearScale(high=max((rms(cell.total) or 0.0 for cell in cells), default=0.0))
    bottom = LEGEND_HEIGHT + len(kinds) * CELL
    floor = bottom + GAP + BARS_HEIGHT
    ends = ("0", numbers.small(scale.high))
    parts = [*key_of_marks(KINDS_WIDTH + 480)]
    if scale.high:
        parts.extend(colour_bar(KINDS_WIDTH, 180, 2, ends, "RMS of the differences:"))
    for kind, top in lines.items():
        parts.append(svg.label(kind, KINDS_WIDTH - 8, top + CELL / 2 + 4, "end"))
    for cell in cells:
        shade = scale.fraction(rms(cell.total) or 0.0)
        box = (columns[cell.block], lines[cell.kind], pitch, CELL)
        parts.append(heat_cell(in_words(cell), cell.total, shade, *box))
    parts.extend(_shares(blocks, columns, pitch, floor))
    for part in blocks:
        x = columns[part.block] + pitch / 2
        turned = f"translate({svg.length(x + 4)} {floor + 8}) rotate(-90)"
        label = svg.element("text", part.block, transform=turned, text_anchor="end")
        parts.append(label)
    words = "; ".join(in_words(part) for part in blocks)
    size = svg.sized(svg.WIDTH, floor + LABELS_HEIGHT)
    return svg.drawing(name, title, words, parts, screen="wide", **size)


def _narrow(name: str, title: str, component: ComponentComparison) -> Markup:
    cells, blocks = cells_of(component), block_parts(component)
    kinds = order_kinds({cell.kind for cell in cells})
    scale = LinearScale(high=max((rms(cell.total) or 0.0 for cell in cells), default=0.0))
    left = max((round(7.2 * len(part.block)) for part in blocks), default=0) + 10
    top = 2 * LEGEND_LINE + TURNED_HEIGHT
    columns = {kind: left + n * NARROW_CELL for n, kind in enumerate(kinds)}
    lines = {part.block: top + n * NARROW_ROW for n, part in enumerate(blocks)}
    parts: list[str] = [*key_of_marks(0, LEGEND_LINE, explain=False)]
    if scale.high:
        parts.extend(colour_bar(0, 110, 2, ("0", numbers.small(scale.high)), "RMS:"))
    for kind, x in columns.items():
        turned = f"translate({svg.length(x + NARROW_CELL / 2 + 4)} {top - 6}) rotate(-90)"
        parts.append(svg.element("text", kind, transform=turned))
    for cell in cells:
        shade = scale.fraction(rms(cell.total) or 0.0)
        box = (columns[cell.kind], lines[cell.block])
        parts.append(heat_cell(in_words(cell), cell.total, shade, *box, NARROW_CELL, NARROW_ROW))
    start = left + len(kinds) * NARROW_CELL + 10
    parts.extend(_share_rows(blocks, lines, start, svg.NARROW_WIDTH - 4 - start, top))
    words = "; ".join(in_words(part) for part in blocks)
    size = svg.sized(svg.NARROW_WIDTH, top + len(blocks) * NARROW_ROW + 6)
    return svg.drawing(name, title, words, parts, screen="narrow", **size)


def _share_rows(
    blocks: Sequence[Part], lines: dict[str, int], left: float, width: float, top: float
) -> Iterator[str]:
    """The name of each block, and two bars: its share of the squared L2, and of the weights."""
    highest = max((share for part in blocks for share in _pair(part)), default=0.0) or 1.0
    yield svg.label(f"to {100 * highest:.2g} %", left, top - 6, "start")
    for part in blocks:
        y, colour = lines[part.block], block_colour(part.block)
        bars: list[str] = [svg.element("title", in_words(part))]
        bars.append(svg.label(part.block, 0, y + NARROW_ROW / 2 + 4, "start"))
        for place, share in enumerate(_pair(part)):
            bars.append(
                svg.element(
                    "rect",
                    x=svg.length(left),
                    y=svg.length(y + 2 + 7 * place),
                    width=svg.length(width * share / highest),
                    height=6,
                    fill="none" if place else colour,
                    stroke=colour,
                )
            )
        yield svg.element("g", bars)


def _pair(part: Part) -> tuple[float, float]:
    """The shares of a block in the squared L2 and in the weights."""
    return part.distance_share or 0.0, part.size_share


def heat_cell(
    words: str, total: DistanceSum, shade: float, x: float, y: float, width: float, height: float
) -> Markup:
    """One cell with its figures on hover; `shade` is the place of its colour, 0 to 1."""
    box = {
        "x": svg.length(x + 1),
        "y": svg.length(y + 1),
        "width": svg.length(width - 2),
        "height": svg.length(height - 2),
    }
    missing, zero = total.l2 is None, not total.l2
    fill = "none" if zero else distance_colour(shade)
    cell = svg.element("rect", **box, fill=fill, class_="atlas-chart__cell")
    marks: list[str] = [svg.element("title", words), cell]
    if missing:
        marks.append(svg.label(numbers.MISSING, x + width / 2, y + height / 2 + 4, "middle"))
    elif zero:
        marks.append(hatching(x + 1, y + 1, width - 2, height - 2))
    return svg.element("g", marks, pointer_events="all")


def hatching(x: float, y: float, width: float, height: float) -> Markup:
    """Slanted lines over a box: a distance of exactly 0."""
    step, path = 6.0, []
    start = step
    while start < width + height:
        # From the left or lower edge up to the upper or right one.
        left, lower = max(0.0, start - height), min(start, height)
        right, upper = min(start, width), max(0.0, start - width)
        path.append(
            f"M{svg.length(x + left)} {svg.length(y + lower)}"
            f"L{svg.length(x + right)} {svg.length(y + upper)}"
        )
        start += step
    return svg.element("path", d="".join(path), class_="atlas-chart__hatch")


def in_words(part: Part) -> str:
    """The figures of a part, as its cell says them on hover."""
    total = part.total
    if total.l2 is None:
        return f"{part.name}: not comparable"
    if not total.l2:
        return f"{part.name}: exactly 0"
    return (
        f"{part.name}: RMS {numbers.small(rms(total))}, L2 {numbers.small(total.l2)},"
        f" {numbers.share(part.distance_share or 0.0, 1)} of the squared L2 in"
        f" {numbers.share(part.size_share, 1)} of the weights"
    )


def colour_bar(
    x: float, width: float, y: float, ends: tuple[str, str], label: str
) -> Iterator[str]:
    """The colours of distances from their least to their greatest, with what they mean."""
    step = width / len(DISTANCE_COLOURS)
    yield svg.label(label, x, y + 11, "start")
    left = x + 6.4 * len(label) + 8
    yield svg.label(ends[0], left, y + 11, "start")
    left += 6.6 * len(ends[0]) + 6
    for number, colour in enumerate(DISTANCE_COLOURS):
        at = svg.length(left + number * step)
        yield svg.element("rect", x=at, y=y, width=svg.length(step + 0.2), height=14, fill=colour)
    yield svg.label(ends[1], left + width + 6, y + 11, "start")


def key_of_marks(left: float, top: float = 0, explain: bool = True) -> Iterator[str]:
    """What the cells without a colour mean; with room for it, the empty ones as well."""
    for zero, text in ((True, "exactly 0"), (False, "not comparable")):
        box = {"x": svg.length(left), "y": svg.length(top + 2), "width": "22", "height": "14"}
        yield svg.element("rect", **box, fill="none", class_="atlas-chart__cell")
        if zero:
            yield hatching(left, top + 2, 22, 14)
        else:
            yield svg.label(numbers.MISSING, left + 11, top + 13, "middle")
        yield svg.label(text, left + 30, top + 13, "start")
        left += 130
    if explain:
        yield svg.label("empty: no such weights", left + 20, top + 13, "start")


def _shares(
    blocks: Sequence[Part], columns: dict[str, float], pitch: float, floor: float
) -> Iterator[str]:
    """Two bars a block: its share of the squared L2, filled, and of the weights, outlined."""
    highest = max((share for part in blocks for share in _pair(part)), default=0.0) or 1.0
    yield svg.label(f"{100 * highest:.2g} %", KINDS_WIDTH - 8, floor - BARS_HEIGHT + 10, "end")
    yield svg.label("0", KINDS_WIDTH - 8, floor, "end")
    words = "Share of the squared L2 (filled) and of the weights (outlined)"
    yield svg.label(words, KINDS_WIDTH, floor - BARS_HEIGHT - 8, "start")
    right = max(columns.values(), default=KINDS_WIDTH) + pitch
    yield svg.line(KINDS_WIDTH, right, floor, floor)
    for part in blocks:
        left, wide = columns[part.block] + 0.14 * pitch, 0.36 * pitch
        bars = [svg.element("title", in_words(part))]
        for place, share in enumerate(_pair(part)):
            height = BARS_HEIGHT * share / highest
            colour = block_colour(part.block)
            bars.append(
                svg.element(
                    "rect",
                    x=svg.length(left + place * wide),
                    y=svg.length(floor - height),
                    width=svg.length(wide),
                    height=svg.length(height),
                    fill="none" if place else colour,
                    stroke=colour,
                )
            )
        yield svg.element("g", bars)
