"""Title, subject and drawing of a page -> the picture shown where somebody links to it (PNG)."""

from textwrap import wrap

import vl_convert
from markupsafe import Markup

from generator.publish.figures import svg
from generator.publish.figures.few_colours import with_few_colours

# What networks show beside a link (The Open Graph protocol, ogp.me; 1.91 : 1).
WIDTH, HEIGHT = 1200, 630
MARGIN = 60
PAPER, INK, FAINT_INK, BAND = "#fdfcf8", "#1c2a35", "#55636e", "#12324a"
# The drawing is enlarged to stay readable in a preview of half the size.
SCALE = 1.7
TOP = 255
# Three bars of `stacked_bars`.
DRAWN = 150
# Flat colours, and the steps between them at the edges of letters.
COLOURS = 64
# Characters of 56 and 28 px that fit into a line.
TITLE_LINE, TEXT_LINE = 36, 74


def card(title: str, description: str, drawing: Markup) -> bytes:
    """A PNG of 1200 x 630 pixels: what the page is about, and its `drawing` (one `<svg>`)."""
    titles = wrap(title, TITLE_LINE, max_lines=1, placeholder=" …") or [""]
    lines = wrap(description, TEXT_LINE, max_lines=2, placeholder=" …")
    inside = svg.element(
        "svg",
        [svg.element("g", [_shown(drawing)], color=INK, fill=INK)],
        x=MARGIN / SCALE,
        y=TOP / SCALE,
        width=(WIDTH - 2 * MARGIN) / SCALE,
        height=DRAWN,
    )
    parts = [
        svg.element("rect", width=WIDTH, height=HEIGHT, fill=PAPER),
        svg.element("rect", y=HEIGHT - 64, width=WIDTH, height=64, fill=BAND),
        svg.element("text", "Diffusion Atlas", x=MARGIN, y=HEIGHT - 23, font_size=28, fill=PAPER),
        svg.element("text", titles[0], x=MARGIN, y=110, font_size=56, fill=INK, font_weight=600),
        *(
            svg.element("text", line, x=MARGIN, y=165 + 38 * n, font_size=28, fill=FAINT_INK)
            for n, line in enumerate(lines)
        ),
        svg.element("g", [inside], transform=f"scale({SCALE})"),
    ]
    whole = svg.element(
        "svg",
        parts,
        xmlns="http://www.w3.org/2000/svg",
        width=WIDTH,
        height=HEIGHT,
        font_family="system-ui, sans-serif",
    )
    return with_few_colours(vl_convert.svg_to_png(str(whole)), COLOURS)


def _shown(drawing: Markup) -> Markup:
    """The first of the drawings, the wide one, in the ink of the card."""
    start = '<svg class="atlas'
    first = str(drawing).split(start)[1]
    return Markup(f"{start}{first}".replace("currentColor", INK))
