"""The components, blocks and kinds of a compared pair -> the columns of their tables."""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from generator.networks.palette import component_colour
from generator.publish.quantities.pairs import AttentionRow, ComparedPart
from generator.publish.tables.builders import code, number, share, text, titled
from generator.publish.tables.markup import marked
from generator.publish.tables.table import Column, Value
from generator.records import Comparison, ComponentVerdict, DistanceSum
from generator.text import columns, numbers
from generator.text.escaping import inert
from generator.text.pairs import verdict_text, verdict_words
from generator.text.words import begun, component_title

# How a distance is written, by field of `DistanceSum`.
MEASURES: dict[str, Callable[[Any], str]] = {
    "l2": numbers.measured,
    "rms": numbers.measured,
    "l1": numbers.measured,
    "l0": numbers.grouped,
    "cosine": numbers.cosine,
}


def _swatched(verdict: ComponentVerdict, _: Comparison) -> Markup:
    swatch = Markup('<span class="atlas-swatch" style="--swatch:{}"></span>{}')
    title = begun(component_title(verdict.component))
    return swatch.format(component_colour(verdict.component), inert(title))


def _of_total(field: str) -> Callable[[ComponentVerdict, Comparison], Value]:
    """A sum over the weights of a component; None if it was not compared."""

    def value(verdict: ComponentVerdict, comparison: Comparison) -> Value:
        found = comparison.summary.components.get(verdict.component)
        return getattr(found.total, field) if found else None

    return value


def _why(verdict: ComponentVerdict, _: Comparison) -> str:
    return verdict_text(verdict)


def _differing(verdict: ComponentVerdict, comparison: Comparison) -> int | None:
    return verdict.differing if verdict.component in comparison.summary.components else None


VERDICT_COLUMNS: tuple[Column[ComponentVerdict, Comparison], ...] = titled(
    columns.of("places", "distances", "verdicts"),
    text("component", shown=_swatched),
    text("verdict", lambda verdict, _: verdict_words(verdict), wraps=True),
    number("tensors", lambda verdict, _: verdict.tensors or None, missing=_why),
    number("differing", _differing, missing=_why),
    number("elements", _of_total("elements"), missing=_why),
    *(
        number(field, _of_total(field), shown_as, missing=_why)
        for field, shown_as in MEASURES.items()
    ),
)


def part_columns(by: str) -> tuple[Column[ComparedPart, DistanceSum], ...]:
    """The columns of the blocks or kinds of a component, whose total is the context."""
    first: Column[ComparedPart, DistanceSum] = (
        text("block", shown=lambda part, _: marked(part.block))
        if by == "block"
        else code("kind", link=lambda part, _: f"../methods.html#kind-{part.kind}")
    )
    return titled(
        columns.of("places", "distances", "parts"),
        first,
        number("tensors", "total.tensors"),
        number("elements", "total.elements"),
        share("size_share", decimals=2),
        share("distance_share", decimals=2, missing=columns.NO_SHARE),
        *(
            number(field, f"total.{field}", MEASURES[field], missing=missing)
            for field, missing in (
                ("l2", columns.NOT_COMPARABLE),
                ("rms", columns.NOT_COMPARABLE),
                ("cosine", f"{columns.NOT_COMPARABLE}, or {columns.NO_COSINE}"),
            )
        ),
    )


ATTENTION_COLUMNS: tuple[Column[AttentionRow, None], ...] = titled(
    columns.of("distances", "attention"),
    code("attention"),
    number("tensors"),
    number("zeros"),
    number("l2", shown_as=numbers.measured),
)
