"""Members of a group -> the columns of their table: number, and distance by component."""

from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.prepared import Prepared
from generator.publish.tables.builders import number, text, titled
from generator.publish.tables.table import Column
from generator.text import columns, numbers
from generator.text.reasons import no_distance


def member_columns(prepared: Prepared) -> tuple[Column[int, Prepared], ...]:
    """Columns of rows that are positions in the list of members, drawn or not."""
    labels = prepared.labels
    return titled(
        columns.of_members({one.name: one.labels[one.base].text for one in prepared.drawn}),
        text(
            "member",
            lambda place, _: labels[place].whole,
            shown=lambda place, _: labels[place].text,
            link=lambda place, _: "" if labels[place].link.startswith("#") else labels[place].link,
            note=lambda place, _: labels[place].prefix.rstrip("-_ "),
        ),
        number("number", lambda place, _: labels[place].number),
        *map(_distance, prepared.drawn),
    )


def _distance(drawn: Drawn) -> Column[int, Prepared]:
    """The distance from the base; it leads to the page of the pair, if there is one."""
    base = drawn.labels[drawn.base]

    def value(place: int, prepared: Prepared) -> float | None:
        square = prepared.matrix.components[drawn.name].l2
        return square[base.number - 1][place] if square else None

    def missing(place: int, prepared: Prepared) -> str:
        group, matrix = prepared.group, prepared.matrix
        return no_distance(group, matrix, place, drawn.name, base.whole, base.text)

    def pair(place: int, _: Prepared) -> str:
        return drawn.pairs.get(frozenset((base.number, place + 1)), "")

    return number(
        f"{drawn.name}_l2", value, numbers.measured, unit="L2", missing=missing, link=pair
    )
