"""The columns of the table of pairs, and of the table of a pair's tensors."""

from collections.abc import Callable, Mapping

from generator.publish.quantities.pairs import elements, rms, rms_of
from generator.publish.reading.pairs import HeldPair
from generator.publish.tables import builders as make
from generator.publish.tables.table import Column, Value
from generator.records import DistanceSum, TensorDistance
from generator.text import numbers, words
from generator.text.coded import reason_text
from generator.text.pairs import headline

LONGEST_NAME = 40
# Of the two checkpoints, which the table names beside the pair.
LONGEST_SIDE = 24
NOT_IN_BOTH = "not in both, or not comparable"

# Why tensors and whole components were not compared.
Reasons = Mapping[str, str]


def excluded(held: HeldPair) -> Reasons:
    """The reasons of a pair, by tensor and by component: the context of `DISTANCE_COLUMNS`."""
    return {each.tensor: reason_text(each.reason) for each in held.pair.comparison.summary.excluded}


def shortened(name: str) -> str:
    """Text of a long name, cut in the middle."""
    return numbers.shortened(name, LONGEST_NAME)


def _side(name: str) -> str:
    start, end, _ = numbers.name_parts(name)
    return numbers.shortened(start + end, LONGEST_SIDE)


def _total(
    component: str, measure: Callable[[DistanceSum], Value]
) -> Callable[[HeldPair, None], Value]:
    """Of a component that both have."""

    def value(pair: HeldPair, _: None) -> Value:
        found = pair.pair.comparison.summary.components.get(component)
        return measure(found.total) if found else None

    return value


def _counted(field: str) -> Callable[[HeldPair, None], int]:
    return lambda pair, _: len(getattr(pair.pair.comparison, field))


def _missing(otherwise: str) -> Callable[[TensorDistance, Reasons], str]:
    """Why the tensor was not compared; `otherwise` if it was."""

    def reason(row: TensorDistance, reasons: Reasons) -> str:
        named = reasons.get(f"{row.component}/{row.name}") or reasons.get(row.component)
        return named or otherwise

    return reason


def _changed_share(row: TensorDistance, _: Reasons) -> float | None:
    size = elements(row)
    return None if row.l0 is None or not size else row.l0 / size


PAIR_COLUMNS: tuple[Column[HeldPair, None], ...] = (
    make.text(
        "name",
        "Pair",
        "Its name in the catalogue; links to its page",
        "pair.name",
        shortened,
        link=lambda p, _: f"{p.pair.id}.html",
    ),
    make.text("a", "A", "The first checkpoint", "pair.comparison.a", _side),
    make.text("b", "B", "The second checkpoint", "pair.comparison.b", _side),
    make.text(
        "differs",
        "What differs",
        "Components whose weights differ by more than rounding; else what sets the two apart",
        lambda p, _: headline(p.pair.verdicts),
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
                numbers.small,
                missing=NOT_IN_BOTH,
            ),
            make.number(
                f"{component}_rms",
                f"{title}, RMS",
                "L2 over the square root of the number of weights",
                _total(component, rms),
                numbers.small,
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
        "pair.comparison.shared",
        hidden=True,
    ),
    make.number(
        "differing",
        "Differing",
        "Tensors in both that differ in at least one element",
        lambda p, _: sum(bool(row.l0) for row in p.rows),
        hidden=True,
    ),
    *(
        make.number(key, title, help_, _counted(key), hidden=True)
        for key, title, help_ in (
            ("only_a", "Only in A", "Names that only the first has"),
            ("only_b", "Only in B", "Names that only the second has"),
            ("shape_mismatch", "Other shapes", "Names in both whose shapes differ"),
            ("dtype_difference", "Other dtypes", "Names in both whose dtypes differ"),
        )
    ),
    make.identity("pair.id"),
)

NO_ELEMENTS = _missing("it has no elements")
DISTANCE_COLUMNS: tuple[Column[TensorDistance, Reasons], ...] = (
    make.tensor(),
    make.component(choices=True),
    make.block(),
    make.kind(),
    make.shape(hidden=True),
    make.number(
        "elements", "Elements", "Numbers in the tensor", lambda t, _: elements(t), hidden=True
    ),
    make.number(
        "l2",
        "L2",
        "Square root of the sum of squared differences",
        shown_as=numbers.small,
        missing=NO_ELEMENTS,
    ),
    make.number(
        "rms",
        "RMS",
        "L2 over the square root of the number of elements",
        lambda t, _: rms_of(t.l2, elements(t)),
        numbers.small,
        missing=NO_ELEMENTS,
    ),
    make.number(
        "l1",
        "L1",
        "Sum of absolute differences",
        shown_as=numbers.small,
        missing=NO_ELEMENTS,
        hidden=True,
    ),
    make.number("l0", "L0", "Number of elements that differ", missing=NO_ELEMENTS, hidden=True),
    make.share(
        "differing",
        "Differing",
        "Elements that differ, of all",
        _changed_share,
        missing=NO_ELEMENTS,
    ),
    make.number(
        "cosine",
        "Cosine",
        "Cosine of the angle between the two, as vectors",
        shown_as=numbers.cosine,
        missing=_missing("one of the two is zero"),
        hidden=True,
    ),
    make.text(
        "identical",
        "Identical",
        "The same dtype and bytes",
        lambda t, _: "yes" if t.identical else "no",
        choices=True,
        hidden=True,
    ),
)
