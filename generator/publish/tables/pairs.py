"""Pairs -> the columns of their table."""

from collections.abc import Callable

from generator.publish.reading.pairs import LoadedPair
from generator.publish.tables.builders import each, number, text, titled
from generator.publish.tables.table import Column, Value
from generator.text import columns, numbers, words
from generator.text.columns import NO_COSINE, NOT_IN_BOTH
from generator.text.pairs import headline

# Lengths of names: of a pair, and of one of its two checkpoints, which stand beside it.
LONGEST_NAME = 40
LONGEST_SIDE = 24
# The components whose distances have columns.
COMPONENTS = ("denoiser", "text_encoder", "vae")


def _side(name: str) -> str:
    start, end, _ = numbers.name_parts(name)
    return numbers.shortened(start + end, LONGEST_SIDE)


def _total(component: str, measure: str) -> Callable[[LoadedPair, None], Value]:
    """A distance of a component that both checkpoints have."""

    def value(pair: LoadedPair, _: None) -> Value:
        found = pair.record.comparison.summary.components.get(component)
        return getattr(found.total, measure) if found else None

    return value


def _counted(field: str) -> Callable[[LoadedPair, None], int]:
    return lambda pair, _: len(getattr(pair.record.comparison, field))


PAIR_COLUMNS: tuple[Column[LoadedPair, None], ...] = titled(
    columns.of_pairs(COMPONENTS),
    text(
        "name",
        "record.name",
        lambda name: numbers.shortened(name, LONGEST_NAME),
        link=lambda p, _: f"{p.id}.html",
    ),
    text("a", "record.comparison.a", _side),
    text("b", "record.comparison.b", _side),
    text("differs", lambda p, _: headline(p.record.verdicts), each(words.component_title)),
    *(
        number(
            f"{component}_{measure}",
            _total(component, measure),
            shown_as,
            missing=missing,
            hidden=measure != "l2",
        )
        for component in COMPONENTS
        for measure, shown_as, missing in (
            ("l2", numbers.measured, NOT_IN_BOTH),
            ("rms", numbers.measured, NOT_IN_BOTH),
            ("cosine", numbers.cosine, f"{NOT_IN_BOTH}, or {NO_COSINE}"),
        )
    ),
    number("shared", "record.comparison.shared", hidden=True),
    number("differing", lambda p, _: sum(bool(row.l0) for row in p.beside), hidden=True),
    *(
        number(key, _counted(key), hidden=True)
        for key in ("only_a", "only_b", "shape_mismatch", "dtype_difference")
    ),
    text("id", hidden=True),
)
