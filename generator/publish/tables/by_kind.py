"""An archive of pairs -> a table of denoiser distances by kind, beside the published ones."""

from collections.abc import Iterator, Sequence

import numpy as np
from markupsafe import Markup

from generator.publish.figures.groups.prepared import Prepared, naming
from generator.publish.reading.published import (
    PrintedDistances,
    PrintedPair,
    Verdict,
    judge_distance,
)
from generator.records import Record

COMPONENT = "denoiser"
# The kinds with their own column, and the rest.
KINDS = ("attn1", "attn2")
REST = "other"


class KindCell(Record):
    """L2 of one kind, and what was published.

    `printed` is empty if nothing was published; `why` is the known reason for a difference.
    """

    l2: float
    printed: str
    verdict: Verdict
    why: str


class KindRow(Record):
    """One pair of the archive, with the number of tensors that differ."""

    a: Markup
    b: Markup
    cells: tuple[KindCell, ...]
    different: int
    tensors: int


class KindTable(Record):
    """All pairs; `origin` is the source of the published figures, empty if there are none."""

    kinds: tuple[str, ...]
    rows: tuple[KindRow, ...]
    origin: str

    @property
    def heads(self) -> tuple[str | tuple[str, str], ...]:
        """Column titles; those of numbers with their unit."""
        return ("Pair", *((kind, "L2") for kind in self.kinds), ("Tensors that differ", ""))


def kind_table(prepared: Prepared, printed: Sequence[PrintedDistances]) -> KindTable | None:
    """The table; None if the archive has no kinds or the group was measured here."""
    sums = prepared.loaded.beside
    found = prepared.group.origin == "imported" and COMPONENT in sums.components
    if not found or not set(KINDS) <= set(sums.kinds(COMPONENT)):
        return None
    tables = [each for each in printed if each.group == prepared.group.name]
    lines = {frozenset((row.a, row.b)): row for table in tables for row in table.row}
    rows = tuple(_rows(prepared, lines))
    named = {frozenset(prepared.group.members[n] for n in place) for place in _pairs(prepared)}
    return KindTable(
        kinds=(*KINDS, REST),
        rows=rows,
        origin=tables[0].origin if named & lines.keys() else "",
    )


def _pairs(prepared: Prepared) -> list[tuple[int, int]]:
    elements = prepared.loaded.beside.add_up(COMPONENT).elements
    return [(int(a), int(b)) for a, b in np.argwhere(np.triu(elements, 1) > 0)]


def _rows(prepared: Prepared, lines: dict[frozenset[str], PrintedPair]) -> Iterator[KindRow]:
    sums, members, name = prepared.loaded.beside, prepared.group.members, naming(prepared)
    total = sums.add_up(COMPONENT)
    own = [sums.add_up(COMPONENT, kind=kind).squared for kind in KINDS]
    rest = np.maximum(total.squared - sum(own), 0)
    for a, b in _pairs(prepared):
        line = lines.get(frozenset((members[a], members[b])))
        l2 = [float(np.sqrt(each[a, b])) for each in (*own, rest)]
        yield KindRow(
            a=name(members[a]),
            b=name(members[b]),
            cells=tuple(
                _cell(line, kind, value) for kind, value in zip((*KINDS, REST), l2, strict=True)
            ),
            different=int(total.different[a, b]),
            tensors=int(total.elements[a, b]),
        )


def _cell(line: PrintedPair | None, kind: str, l2: float) -> KindCell:
    if line is None:
        return KindCell(l2=l2, printed="", verdict="agrees", why="")
    printed = getattr(line, kind)
    verdict = judge_distance(printed, l2)
    return KindCell(l2=l2, printed=printed.printed, verdict=verdict, why=printed.misprint)
