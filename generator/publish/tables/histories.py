"""A known history -> the columns of its table: how each member was made, and what was found."""

from collections.abc import Mapping

from generator.publish.tables.builders import text, titled
from generator.publish.tables.table import Column
from generator.records import HistoryRow
from generator.text import columns
from generator.text.histories import found_text, truth_text

ByMember = Mapping[str, HistoryRow]


def history_columns(component: str) -> tuple[Column[HistoryRow, ByMember], ...]:
    """Columns of what was found from one component alone."""
    return titled(
        columns.of_history(component),
        text("member"),
        text("truth", lambda row, _: truth_text(row), wraps=True),
        text("found", found_text, wraps=True),
        text("right", lambda row, _: "yes" if row.right else "no"),
    )
