"""The front matter of a page, which tells MkDocs and the theme about it."""

import html
import json
from collections.abc import Mapping

from generator.text.escaping import quoted

FENCE = "---\n"


def field(page: str, name: str) -> str:
    """The text of a quoted or plain field; empty if the page does not have it."""
    head = page.removeprefix(FENCE).partition(FENCE)[0]
    lines = (line for line in head.splitlines() if line.startswith(f"{name}: "))
    value = next(lines, "").removeprefix(f"{name}: ")
    return html.unescape(json.loads(value) if value.startswith('"') else value)


def with_fields(page: str, fields: Mapping[str, str]) -> str:
    """The page with further fields, as inert text."""
    lines = "".join(f"{name}: {quoted(text)}\n" for name, text in fields.items() if text)
    return page.replace(FENCE, FENCE + lines, 1)
