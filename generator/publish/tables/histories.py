"""A known history -> the columns of its table: how each member was made, and what was found."""

from collections.abc import Mapping

from generator.publish.tables import builders as make
from generator.publish.tables.table import Column
from generator.records import HistoryRow
from generator.text.histories import found_text, truth_text
from generator.text.words import component_title

ByMember = Mapping[str, HistoryRow]


def history_columns(component: str) -> tuple[Column[HistoryRow, ByMember], ...]:
    """Columns of what was found from one component alone."""
    return (
        make.text("member", "Checkpoint", "Member of the group"),
        make.text("truth", "Truth", "How it was made", lambda row, _: truth_text(row), wraps=True),
        make.text(
            "found",
            f"Found from the {component_title(component)} alone",
            "What the program found, given only the weights",
            found_text,
            wraps=True,
        ),
        make.text(
            "right",
            "Right",
            "Whether the true origin was found",
            lambda row, _: "yes" if row.right else "no",
        ),
    )
