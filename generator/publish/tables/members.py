"""Members of a group -> the columns of their table: origin, and distance by component."""

from markupsafe import Markup

from generator.publish.figures.groups.drawn import Drawn
from generator.publish.figures.groups.prepared import Prepared, naming
from generator.publish.tables.builders import number, text, titled
from generator.publish.tables.table import Column
from generator.text import columns, numbers
from generator.text.escaping import inert
from generator.text.filling import plain
from generator.text.origins import origin_sentence
from generator.text.reasons import no_distance
from generator.text.words import order_components


def member_columns(prepared: Prepared) -> tuple[Column[int, Prepared], ...]:
    """Columns of rows that are positions in the list of members, drawn or not."""
    labels = prepared.labels
    bases = {one.name: one.labels[one.base].text for one in prepared.drawn}
    lineages = [one.name for one in prepared.group.components if one.lineage]
    first = order_components(lineages)[:1]
    return titled(
        columns.of_members(bases, *first),
        text(
            "member",
            lambda place, _: labels[place].whole,
            shown=lambda place, _: labels[place].text,
            link=lambda place, _: "" if labels[place].link.startswith("#") else labels[place].link,
            note=lambda place, _: labels[place].prefix.rstrip("-_ "),
        ),
        number("number", lambda place, _: labels[place].number),
        *(_origin(prepared, name) for name in first),
        *map(_distance, prepared.drawn),
    )


def _origin(prepared: Prepared, component: str) -> Column[int, Prepared]:
    """Where a component of each member comes from."""
    group = prepared.group
    name = inert if prepared.is_large else naming(prepared)
    (part,) = (one for one in group.components if one.name == component)

    def told(place: int, _: Prepared) -> str | None:
        sentence = origin_sentence(part, group.members[place], inert)
        return plain(sentence) if sentence else None

    def said(place: int, _: Prepared) -> str:
        return origin_sentence(part, group.members[place], name) or Markup()

    return text("origin", told, shown=said, wraps=True, missing=columns.NOT_COMPARABLE)


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
