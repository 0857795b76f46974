"""A page -> the same page, with a tooltip on the first use of each glossary term.

Only prose is searched: paragraphs, definitions and captions, without their code, links and figures.
A term that the page already defines gets no tooltip.
"""

import re
from collections.abc import Iterator

from generator.text.escaping import inert
from generator.text.glossary import GLOSSARY, Term

_PROSE = re.compile(r"<(p|dd|figcaption)\b[^>]*>.*?</\1>", re.DOTALL)
_TAG = re.compile(r"(<[^>]*>)")
_NOT_PROSE = frozenset({"a", "abbr", "button", "code", "script", "style", "svg", "var"})
# Beside an underscore, which inert text has as an entity, is a part of a name and no word.
_UNDERSCORE = re.escape(inert("_"))
_USES = re.compile(
    f"(?<!{_UNDERSCORE})(?:"
    + "|".join(f"(?P<t{n}>{term.pattern})" for n, term in enumerate(GLOSSARY))
    + f")(?!{_UNDERSCORE})"
)


def with_tooltips(page: str) -> str:
    """`page` (Markdown with HTML) with one `<abbr title>` per term that its prose uses."""
    waiting = {f"t{n}": term for n, term in enumerate(GLOSSARY) if inert(term.meaning) not in page}
    return _PROSE.sub(lambda match: "".join(_explain(match[0], waiting)), page)


def _explain(prose: str, waiting: dict[str, Term]) -> Iterator[str]:
    def tooltip(use: re.Match[str]) -> str:
        term = waiting.pop(str(use.lastgroup), None)
        # `tabindex` makes it reachable by keyboard and touch.
        return (
            f'<abbr title="{inert(term.meaning)}" tabindex="0">{use[0]}</abbr>' if term else use[0]
        )

    depth = 0
    for piece in _TAG.split(prose):
        if piece.startswith("<"):
            name = re.sub(r"\W.*", "", piece.lstrip("</"), flags=re.DOTALL)
            if name in _NOT_PROSE:
                depth += -1 if piece.startswith("</") else 1
            yield piece
        else:
            yield piece if depth or not waiting else _USES.sub(tooltip, piece)
