"""Tensors of a network, a checkpoint or a pair -> the columns of their tables."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from generator.publish.quantities.pairs import elements, rms_of
from generator.publish.reading.pairs import LoadedPair
from generator.publish.tables.builders import (
    block,
    code,
    component,
    kind,
    number,
    shape,
    share,
    text,
    titled,
)
from generator.publish.tables.table import Column, written_csv
from generator.records import Checkpoint, Figures, ParameterRow, TensorDistance, TensorRow
from generator.text import columns, numbers, reasons
from generator.text.coded import reason_text

# Why tensors and whole components were not compared.
Reasons = Mapping[str, str]


def excluded(held: LoadedPair) -> Reasons:
    """The reasons of a pair, by tensor and by component: the context of `DISTANCE_COLUMNS`."""
    return {
        each.tensor: reason_text(each.reason) for each in held.record.comparison.summary.excluded
    }


PARAMETER_COLUMNS: tuple[Column[ParameterRow, None], ...] = titled(
    columns.of("places", "parameters"), code("name"), block(), kind(), shape(), number("parameters")
)


def _no_figure(row: TensorRow, checkpoint: Checkpoint) -> str:
    return reasons.no_figure(checkpoint, row)


TENSOR_COLUMNS: tuple[Column[TensorRow, Checkpoint], ...] = titled(
    columns.of("places", "tensors"),
    code("name"),
    component(choices=True),
    block(),
    kind(),
    text("dtype", choices=True),
    shape(),
    *(
        number(key, f"figures.{key}", numbers.precise, missing=_no_figure, hidden=hidden)
        for key, hidden in (
            *(("norm", False), ("mean", False), ("std", False)),
            *(("minimum", True), ("maximum", True)),
        )
    ),
    number(
        "fraction_bits",
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


NO_ELEMENTS = _missing(columns.NO_ELEMENTS)
DISTANCE_COLUMNS: tuple[Column[TensorDistance, Reasons], ...] = titled(
    columns.of("places", "distances"),
    code("name"),
    component(choices=True),
    block(),
    kind(),
    shape(hidden=True),
    number("elements", lambda t, _: elements(t), hidden=True),
    number("l2", shown_as=numbers.measured, missing=NO_ELEMENTS),
    number("rms", lambda t, _: rms_of(t.l2, elements(t)), numbers.measured, missing=NO_ELEMENTS),
    number("l1", shown_as=numbers.measured, missing=NO_ELEMENTS, hidden=True),
    number("l0", missing=NO_ELEMENTS, hidden=True),
    share("differing", _changed_share, missing=NO_ELEMENTS),
    number("cosine", shown_as=numbers.cosine, missing=_missing(columns.NO_COSINE), hidden=True),
    text("identical", lambda t, _: "yes" if t.identical else "no", choices=True, hidden=True),
)
