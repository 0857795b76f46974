"""The long tables of a page -> the script that holds all of their rows.

It is a script, not a JSON file, because pages opened from disk cannot fetch files; and its rows are
compressed, because most pages of a large site are tables.
"""

import gzip
import math
from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from generator.publish.tables.markup import UNSEEN, cell_content
from generator.publish.tables.table import Cell, Column, Table, Value
from generator.text.escaping import script_json

FOLDER = "runtime"


def rows_script(page: str, tables: Iterable[Table]) -> dict[str, bytes]:
    """Address -> content of the script of the page at `page` (`checkpoints/demo.tensors.md`), which
    sets `atlasRows`, a text by the key of each long table: base64 of gzip of the JSON of its
    columns (see `_packed`). Empty without long tables."""
    packed = {one.key: _compressed(script_json(_columns(one))) for one in tables if one.is_long}
    if not packed:
        return {}
    address = f"{FOLDER}/{page.removesuffix('.md')}.rows.js"
    return {address: f"window.atlasRows={script_json(packed)};\n".encode()}


def _columns(table: Table) -> list[list[Any]]:
    return [
        _packed(column, [row[place] for row in table.rows], heads=place == 0)
        for place, column in enumerate(table.columns)
    ]


def _packed(column: Column[Any, Any], cells: list[Cell], heads: bool) -> list[Any]:
    """`[values, contents, places]`: the raw values that occur and the markup of each, and for every
    row its place among them."""
    found: dict[tuple[Value, str], int] = {}
    for_each = ((_known(one.raw), cell_content(column, one, heads, UNSEEN)) for one in cells)
    places = [found.setdefault((raw, str(content)), len(found)) for raw, content in for_each]
    return [[value for value, _ in found], [content for _, content in found], places]


def _known(raw: Value) -> Value:
    """A value that JSON can hold; infinite ones are sorted as if they were missing."""
    return None if isinstance(raw, float) and not math.isfinite(raw) else raw


def _compressed(text: str) -> str:
    return b64encode(gzip.compress(text.encode(), mtime=0)).decode()
