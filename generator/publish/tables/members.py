"""Members of a group -> the columns of their table: number, and distance by component."""

from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.prepared import Prepared
from generator.publish.tables import builders as make
from generator.publish.tables.table import Column
from generator.text import numbers
from generator.text.reasons import no_distance
from generator.text.words import begun, component_title


def member_columns(prepared: Prepared) -> tuple[Column[int, Prepared], ...]:
    """Columns of rows that are positions in the list of members, drawn or not."""
    labels = prepared.labels
    name: Column[int, Prepared] = make.text(
        "member",
        "Checkpoint",
        "Name of the file or folder",
        lambda place, _: labels[place].whole,
        shown=lambda place, _: labels[place].text,
        link=lambda place, _: labels[place].link,
    )
    number: Column[int, Prepared] = make.number(
        "number",
        "No.",
        "Number of the checkpoint in the figures",
        lambda place, _: labels[place].number,
    )
    return (name, number, *map(_distance, prepared.drawn))


def _distance(drawn: Drawn) -> Column[int, Prepared]:
    base = drawn.labels[drawn.base]

    def value(place: int, prepared: Prepared) -> float | None:
        square = prepared.matrix.components[drawn.name].l2
        return square[base.number - 1][place] if square else None

    def missing(place: int, prepared: Prepared) -> str:
        group, matrix = prepared.group, prepared.matrix
        return no_distance(group, matrix, place, drawn.name, base.whole, base.text)

    return make.number(
        f"{drawn.name}_l2",
        begun(component_title(drawn.name)),
        f"L2 distance from {base.text}",
        value,
        numbers.measured,
        unit="L2",
        missing=missing,
    )
