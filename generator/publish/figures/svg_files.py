"""Figures that a page links to -> SVG files beside the page."""

from collections.abc import Iterable

from generator.publish.figures.figure import Figure, wide_svg
from generator.text.escaping import inert

# Ink and paper in both colour schemes, paper around letters, which lines may lie behind, and the
# namespace that a file of its own needs.
_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" '
_STYLE = (
    "<style>svg{font-family:system-ui,sans-serif;color:#1c2a35;background:#fff}"
    "text{paint-order:stroke;stroke:#fff;stroke-width:5px;stroke-linejoin:round}"
    "@media(prefers-color-scheme:dark){svg{color:#e6e9ec;background:#14181c}text{stroke:#14181c}}"
    "</style>"
)


def svg_files(page: str, figures: Iterable[Figure]) -> dict[str, bytes]:
    """Address -> content of the drawing of each figure of the page at `page` (`groups/demo.md`).

    They lie beside the page, so that their links hold; those to anchors lead to the page.
    """
    stem = page.removesuffix(".md")
    own = inert(stem.rpartition("/")[2] + ".html#")
    return {f"{stem}.{one.name}.svg": _alone(str(wide_svg(one)), own).encode() for one in figures}


def _alone(drawing: str, own: str) -> str:
    head, inside = drawing.replace(f'href="{inert("#")}', f'href="{own}').split(">", 1)
    return f"{head.replace('<svg ', _HEAD, 1)}>{_STYLE}{inside}\n"
