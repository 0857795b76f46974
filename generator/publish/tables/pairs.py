"""Pairs -> the columns of their table."""

from collections.abc import Callable

from generator.publish.reading.pairs import LoadedPair
from generator.publish.tables import builders as make
from generator.publish.tables.table import Column, Value
from generator.records import DistanceSum
from generator.text import numbers, words
from generator.text.pairs import headline

LONGEST_NAME = 40
# Fields of the two checkpoints that the table shows beside the pair.
LONGEST_SIDE = 24
NOT_IN_BOTH = "not in both, or not comparable"


def _side(name: str) -> str:
    start, end, _ = numbers.name_parts(name)
    return numbers.shortened(start + end, LONGEST_SIDE)


def _total(
    component: str, measure: Callable[[DistanceSum], Value]
) -> Callable[[LoadedPair, None], Value]:
    """A column for a component that both checkpoints have."""

    def value(pair: LoadedPair, _: None) -> Value:
        found = pair.record.comparison.summary.components.get(component)
        return measure(found.total) if found else None

    return value


def _counted(field: str) -> Callable[[LoadedPair, None], int]:
    return lambda pair, _: len(getattr(pair.record.comparison, field))


PAIR_COLUMNS: tuple[Column[LoadedPair, None], ...] = (
    make.text(
        "name",
        "Pair",
        "Its name in the catalogue; links to its page",
        "record.name",
        lambda name: numbers.shortened(name, LONGEST_NAME),
        link=lambda p, _: f"{p.record.id}.html",
    ),
    make.text("a", "A", "The first checkpoint", "record.comparison.a", _side),
    make.text("b", "B", "The second checkpoint", "record.comparison.b", _side),
    make.text(
        "differs",
        "What differs",
        "Components whose weights differ by more than rounding; else what sets the two apart",
        lambda p, _: headline(p.record.verdicts),
        make.each(words.component_title),
    ),
    *(
        column
        for component, title in (
            ("denoiser", "Denoiser"),
            ("text_encoder", "Text encoder"),
            ("vae", "VAE"),
        )
        for column in (
            make.number(
                f"{component}_l2",
                f"{title}, L2",
                "Square root of the sum of squared differences, over the weights in both",
                _total(component, lambda total: total.l2),
                numbers.measured,
                missing=NOT_IN_BOTH,
            ),
            make.number(
                f"{component}_rms",
                f"{title}, RMS",
                "L2 over the square root of the number of weights",
                _total(component, lambda total: total.rms),
                numbers.measured,
                missing=NOT_IN_BOTH,
                hidden=True,
            ),
            make.number(
                f"{component}_cosine",
                f"{title}, cosine",
                "Cosine of the angle between the two, as vectors",
                _total(component, lambda total: total.cosine),
                numbers.cosine,
                missing=f"{NOT_IN_BOTH}, or one of the two is zero",
                hidden=True,
            ),
        )
    ),
    make.number(
        "shared",
        "Tensors in both",
        "Names that both checkpoints have",
        "record.comparison.shared",
        hidden=True,
    ),
    make.number(
        "differing",
        "Differing",
        "Tensors in both that differ in at least one element",
        lambda p, _: sum(bool(row.l0) for row in p.beside),
        hidden=True,
    ),
    *(
        make.number(key, title, help_, _counted(key), hidden=True)
        for key, title, help_ in (
            ("only_a", "Only in A", "Names that only the first has"),
            ("only_b", "Only in B", "Names that only the second has"),
            ("shape_mismatch", "Different shapes", "Names in both whose shapes differ"),
            ("dtype_difference", "Different dtypes", "Names in both whose dtypes differ"),
        )
    ),
    make.identity("record.id"),
)
