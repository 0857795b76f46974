"""Tensors of a network, a checkpoint or a pair -> the columns of their tables."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from generator.publish.quantities.pairs import elements, rms_of
from generator.publish.reading.pairs import LoadedPair
from generator.publish.tables import builders as make
from generator.publish.tables.table import Column, written_csv
from generator.records import Checkpoint, Figures, ParameterRow, TensorDistance, TensorRow
from generator.text import numbers, reasons
from generator.text.coded import reason_text

# Why tensors and whole components were not compared.
Reasons = Mapping[str, str]


def excluded(held: LoadedPair) -> Reasons:
    """The reasons of a pair, by tensor and by component: the context of `DISTANCE_COLUMNS`."""
    return {
        each.tensor: reason_text(each.reason) for each in held.record.comparison.summary.excluded
    }


PARAMETER_COLUMNS: tuple[Column[ParameterRow, None], ...] = (
    make.tensor("Path of the parameter in the network"),
    make.block(),
    make.kind(),
    make.shape(),
    make.number("parameters", "Parameters", "Elements of the tensor"),
)


def _no_figure(row: TensorRow, checkpoint: Checkpoint) -> str:
    return reasons.no_figure(checkpoint, row)


TENSOR_COLUMNS: tuple[Column[TensorRow, Checkpoint], ...] = (
    make.tensor(),
    make.component(choices=True),
    make.block(),
    make.kind(),
    make.text("dtype", "dtype", "How the file holds its values", choices=True),
    make.shape(),
    *(
        make.number(
            key,
            title,
            help_,
            f"figures.{key}",
            numbers.precise,
            missing=_no_figure,
            hidden=hidden,
        )
        for key, title, help_, hidden in (
            ("norm", "Norm", "Euclidean norm", False),
            ("mean", "Mean", "Arithmetic mean", False),
            ("std", "Std", "Population standard deviation", False),
            ("minimum", "Minimum", "The least value", True),
            ("maximum", "Maximum", "The greatest value", True),
        )
    ),
    make.number(
        "fraction_bits",
        "Fraction bits",
        "Stored bits of the significand that any value uses",
        "figures.fraction_bits",
        missing=lambda row, checkpoint: reasons.no_fraction_bits(checkpoint, row),
        hidden=True,
    ),
)


def tensors_csv(rows: Sequence[TensorRow]) -> bytes:
    """The download of all tensors: every field of a row, statistics last."""
    names = tuple(name for name in TensorRow.__struct_fields__ if name != "figures")
    figures = Figures.__struct_fields__

    def values(row: TensorRow) -> list[object]:
        own = msgspec.structs.asdict(row) | {"shape": "x".join(map(str, row.shape))}
        found = msgspec.structs.asdict(row.figures) if row.figures else {}
        return [own[name] for name in names] + [found.get(name) for name in figures]

    return written_csv((*names, *figures), map(values, rows))


def _missing(otherwise: str) -> Callable[[TensorDistance, Reasons], str]:
    """Why the tensor was not compared; `otherwise` if it was compared."""

    def reason(row: TensorDistance, reasons: Reasons) -> str:
        named = reasons.get(f"{row.component}/{row.name}") or reasons.get(row.component)
        return named or otherwise

    return reason


def _changed_share(row: TensorDistance, _: Reasons) -> float | None:
    size = elements(row)
    return None if row.l0 is None or not size else row.l0 / size


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
        shown_as=numbers.measured,
        missing=NO_ELEMENTS,
    ),
    make.number(
        "rms",
        "RMS",
        "L2 over the square root of the number of elements",
        lambda t, _: rms_of(t.l2, elements(t)),
        numbers.measured,
        missing=NO_ELEMENTS,
    ),
    make.number(
        "l1",
        "L1",
        "Sum of absolute differences",
        shown_as=numbers.measured,
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
