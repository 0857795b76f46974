"""Rows of a table -> their HTML, much faster than by Jinja."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from markupsafe import Markup

from generator.networks.palette import block_colour
from generator.publish.tables.table import Cell, Column, Table
from generator.text import escaping, numbers

# Shorter file names fit on a narrow screen.
SHORTEST_CUT = 16
QUIET, UNSEEN = "atlas-quiet", "atlas-unseen"
# Cached: many cells have the same text.
inert = lru_cache(maxsize=10_000, typed=True)(escaping.inert)


def body_rows(
    table: Table, explain: bool = False, members: bool = False, stacked: bool = False
) -> Markup:
    """One `<tr>` per row in the page.

    `explain` displays the reason beside a missing value. Rows of group `members` carry the member's
    number, taken from the second column, and its anchor. Cells of rows that are `stacked` on narrow
    screens carry the head of their column.
    """
    kinds = [UNSEEN, QUIET]
    written: list[str] = []
    for row, name in zip_longest(table.first, table.ids[: len(table.first)]):
        member = inert(row[1].raw)
        number = f' id="member-{member}" data-member="{member}"' if members else ""
        anchor = f' id="row-{inert(name)}" data-id="{inert(name)}"' if name else ""
        written.append(f"<tr{number}{anchor}>")
        heads = True
        for column, cell in zip(table.columns, row, strict=True):
            head = f"{column.title} {column.unit}".strip() if stacked and not heads else ""
            written.extend(_cell(column, cell, heads, kinds[explain], head))
            heads = False
        written.append("</tr>\n")
    return Markup("".join(written))


def cut(text: str) -> Markup:
    """A file name that narrow screens shorten in the middle: it has no spaces to break at."""
    if isinstance(text, Markup) or " " in text or len(text) < SHORTEST_CUT:
        return inert(text)
    # A name without ending has two parts.
    parts = "".join(f"<span>{inert(part)}</span>" for part in numbers.name_parts(text) if part)
    return Markup(f'<span class="atlas-cut">{parts}</span>')


def marked(block: str) -> Markup:
    """The name of a block, marked with its colour."""
    mark = Markup('<span class="atlas-mark" style="--swatch:{}">{}</span>')
    return mark.format(block_colour(block), inert(block))


def _cell(
    column: Column[Any, Any], cell: Cell, heads: bool, missing: str, head: str
) -> Iterator[str]:
    tag = "th" if heads else "td"
    yield f"<{tag}"
    if head:
        yield f' data-head="{inert(head)}"'
    if heads:
        yield ' scope="row"'
    elif column.kind == "number":
        yield ' class="is-number"'
    elif column.wraps:
        yield ' class="atlas-grid__prose"'
    if cell.raw is None:
        yield f' title="{inert(cell.missing)}"'
    elif column.kind == "number" or str(cell.raw) != _plain(cell.text):
        yield f' data-value="{inert(cell.raw)}"'
    yield " data-hidden>" if column.hidden else ">"
    yield from _inside(column, cell, heads, missing)
    yield f"</{tag}>"


def cell_content(
    column: Column[Any, Any], cell: Cell, heads: bool = False, missing: str = QUIET
) -> Markup:
    """What stands in one cell, which `heads` its row or not; if its value is missing, the reason
    beside it, in the class `missing`."""
    return Markup("".join(_inside(column, cell, heads, missing)))


def _inside(column: Column[Any, Any], cell: Cell, heads: bool, missing: str) -> Iterator[str]:
    if cell.raw is None:
        yield f'{inert(cell.text)}<span class="{missing}"> {inert(cell.missing)}</span>'
    else:
        yield _content(column, cell, heads)
    if cell.note:
        yield f' <span class="{QUIET}">{inert(cell.note)}</span>'


def _content(column: Column[Any, Any], cell: Cell, heads: bool) -> str:
    text, is_markup = cell.text, isinstance(cell.text, Markup)
    differs = cell.raw != text
    title = f' title="{inert(cell.raw)}"'
    if cell.link:
        is_cut = differs and not is_markup and column.kind != "number"
        label = f' aria-label="{inert(cell.raw)}"' if is_cut else ""
        shown = f"<code>{inert(text)}</code>" if column.kind == "code" else cut(text)
        return f'<a href="{inert(cell.link)}"{title}{label}>{shown}</a>'
    if column.kind == "code":
        long = heads and len(text) >= SHORTEST_CUT
        shown = cut(text) if heads else inert(text)
        return f"<code{title if differs or long else ''}>{shown}</code>"
    if "…" in text and not is_markup:
        return f"<span{title}>{inert(text)}</span>"
    if heads and not is_markup and len(text) >= SHORTEST_CUT:
        return f"<span{title}>{cut(text)}</span>"
    return inert(text)


def _plain(text: str) -> str:
    return text.striptags() if isinstance(text, Markup) else text
