"""The columns of the tables of tensors, of a checkpoint and of a network, declared as data."""

from collections.abc import Callable

from generator.publish.reading.checkpoints import Held
from generator.publish.tables.table import Column, Value, grouped, in_words
from generator.records import Checkpoint, Record, TensorRow
from generator.records.shapes import shape_text
from generator.text import numbers, reasons, words


class HeldTensor(Record, frozen=True, kw_only=True):
    """A tensor of a checkpoint."""

    checkpoint: Checkpoint
    row: TensorRow


def tensors_of(held: Held) -> tuple[HeldTensor, ...]:
    """The tensors of a checkpoint, as the subjects of `TENSOR_COLUMNS`."""
    return tuple(HeldTensor(checkpoint=held.checkpoint, row=row) for row in held.rows)


def _attribute(name: str) -> Callable[[HeldTensor], Value]:
    def value(tensor: HeldTensor) -> Value:
        found: Value = getattr(tensor.row, name)
        return found

    return value


def _figure(name: str) -> Callable[[HeldTensor], Value]:
    def value(tensor: HeldTensor) -> Value:
        found: Value = getattr(tensor.row.figures, name) if tensor.row.figures else None
        return found

    return value


TENSOR_COLUMNS = (
    Column(
        key="name",
        title="Tensor",
        kind="code",
        help="Its canonical name, the one diffusers uses",
        value=lambda t: t.row.name,
    ),
    *(
        Column(
            key=key,
            title=title,
            kind="text",
            help=help_,
            value=_attribute(key),
            format=in_words(words.component_title) if key == "component" else str,
            choices=True,
        )
        for key, title, help_ in (
            ("component", "Component", "Part of the model"),
            ("block", "Block", "MBW block; BASE is what lies outside all"),
            ("kind", "Kind", "What the parameter does"),
            ("dtype", "dtype", "How the file holds its values"),
        )
    ),
    Column(
        key="shape",
        title="Shape",
        kind="text",
        help="Sizes; a scalar has none",
        value=lambda t: shape_text(t.row.shape),
        format=lambda value: str(value).replace("x", "×"),
    ),
    *(
        Column(
            key=key,
            title=title,
            help=help_,
            value=_figure(key),
            format=lambda value: numbers.precise(float(value or 0)),
            missing=lambda t: reasons.no_figure(t.checkpoint, t.row),
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
    Column(
        key="fraction_bits",
        title="Fraction bits",
        help="Stored bits of the significand that any value uses",
        value=_figure("fraction_bits"),
        format=grouped,
        missing=lambda t: reasons.no_fraction_bits(t.checkpoint, t.row),
        hidden=True,
    ),
)

PARAMETER_COLUMNS = (
    Column(
        key="name",
        title="Tensor",
        kind="code",
        help="Path of the parameter in the network",
        value=lambda row: row.name,
    ),
    Column(
        key="block",
        title="Block",
        kind="text",
        help="MBW block; BASE is what lies outside all",
        value=lambda row: row.block,
        choices=True,
    ),
    Column(
        key="kind",
        title="Kind",
        kind="text",
        help="What the parameter does",
        value=lambda row: row.kind,
        choices=True,
    ),
    Column(
        key="shape",
        title="Shape",
        kind="text",
        help="Sizes; a scalar has none",
        value=lambda row: row.shape or "scalar",
        format=lambda value: str(value).replace("x", numbers.TIMES),
    ),
    Column(
        key="parameters",
        title="Parameters",
        help="Elements of the tensor",
        value=lambda row: row.parameters,
        format=grouped,
    ),
)
