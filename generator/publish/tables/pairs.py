"""The columns of the table of pairs, and of the table of a pair's tensors, declared as data."""

from collections.abc import Callable

from generator.publish.pages.pairs.figures import elements, rms, rms_of
from generator.publish.pages.pairs.sentences import headline
from generator.publish.pages.pairs.verdicts import Verdict
from generator.publish.reading.pairs import HeldPair
from generator.publish.tables.table import Column, Value, grouped, in_words
from generator.records import DistanceSum, Record, TensorDistance
from generator.records.shapes import shape_text
from generator.text import numbers, words

LONGEST_NAME = 40
# Of the two checkpoints, which the table names beside the pair.
LONGEST_SIDE = 24
NOT_IN_BOTH = "not in both, or not comparable"


class JudgedPair(Record, frozen=True, kw_only=True):
    """A pair with the verdicts on its components."""

    held: HeldPair
    verdicts: tuple[Verdict, ...]

    def total(self, component: str) -> DistanceSum | None:
        """The distances of a component that both have."""
        part = self.held.pair.comparison.summary.components.get(component)
        return part.total if part else None


class ListedTensor(Record, frozen=True, kw_only=True):
    """A tensor of a pair, and why it was not compared, if it was not."""

    row: TensorDistance
    reason: str


def shortened(value: Value) -> str:
    """Text of a long name, cut in the middle."""
    return numbers.shortened(str(value), LONGEST_NAME)


def _side(value: Value) -> str:
    start, end, _ = numbers.name_parts(str(value))
    return numbers.shortened(start + end, LONGEST_SIDE)


def _small(value: Value) -> str:
    return numbers.small(float(value)) if value is not None else ""


def _cosine(value: Value) -> str:
    return numbers.cosine(float(value)) if value is not None else ""


def _figure(
    component: str, figure: Callable[[DistanceSum], Value]
) -> Callable[[JudgedPair], Value]:
    def value(pair: JudgedPair) -> Value:
        total = pair.total(component)
        return figure(total) if total else None

    return value


def _changed_share(tensor: ListedTensor) -> float | None:
    size = elements(tensor.row)
    return None if tensor.row.l0 is None or not size else tensor.row.l0 / size


def _reason(tensor: ListedTensor) -> str:
    return tensor.reason or "it has no elements"


PAIR_COLUMNS = (
    Column(
        key="name",
        title="Pair",
        kind="text",
        help="Its name in the catalogue; links to its page",
        value=lambda p: p.held.pair.name,
        format=shortened,
    ),
    Column(
        key="a",
        title="A",
        kind="text",
        help="The first checkpoint",
        value=lambda p: p.held.pair.comparison.a,
        format=_side,
    ),
    Column(
        key="b",
        title="B",
        kind="text",
        help="The second checkpoint",
        value=lambda p: p.held.pair.comparison.b,
        format=_side,
    ),
    Column(
        key="differs",
        title="What differs",
        kind="text",
        help="Components whose weights differ by more than rounding; else what sets the two apart",
        value=lambda p: headline(p.verdicts),
        format=in_words(words.component_title),
    ),
    *(
        column
        for component, title in (
            ("denoiser", "Denoiser"),
            ("text_encoder", "Text encoder"),
            ("vae", "VAE"),
        )
        for column in (
            Column(
                key=f"{component}_l2",
                title=f"{title}, L2",
                help="Square root of the sum of squared differences, over the weights in both",
                value=_figure(component, lambda total: total.l2),
                format=_small,
                missing=NOT_IN_BOTH,
            ),
            Column(
                key=f"{component}_rms",
                title=f"{title}, RMS",
                help="L2 over the square root of the number of weights",
                value=_figure(component, rms),
                format=_small,
                missing=NOT_IN_BOTH,
                hidden=True,
            ),
            Column(
                key=f"{component}_cosine",
                title=f"{title}, cosine",
                help="Cosine of the angle between the two, as vectors",
                value=_figure(component, lambda total: total.cosine),
                format=_cosine,
                missing=f"{NOT_IN_BOTH}, or one of the two is zero",
                hidden=True,
            ),
        )
    ),
    Column(
        key="shared",
        title="Tensors in both",
        help="Names that both checkpoints have",
        value=lambda p: p.held.pair.comparison.shared,
        format=grouped,
        hidden=True,
    ),
    Column(
        key="differing",
        title="Differing",
        help="Tensors in both that differ in at least one element",
        value=lambda p: sum(bool(row.l0) for row in p.held.rows),
        format=grouped,
        hidden=True,
    ),
    Column(
        key="only_a",
        title="Only in A",
        help="Names that only the first has",
        value=lambda p: len(p.held.pair.comparison.only_a),
        format=grouped,
        hidden=True,
    ),
    Column(
        key="only_b",
        title="Only in B",
        help="Names that only the second has",
        value=lambda p: len(p.held.pair.comparison.only_b),
        format=grouped,
        hidden=True,
    ),
    Column(
        key="shape_mismatch",
        title="Other shapes",
        help="Names in both whose shapes differ",
        value=lambda p: len(p.held.pair.comparison.shape_mismatch),
        format=grouped,
        hidden=True,
    ),
    Column(
        key="dtype_difference",
        title="Other dtypes",
        help="Names in both whose dtypes differ",
        value=lambda p: len(p.held.pair.comparison.dtype_difference),
        format=grouped,
        hidden=True,
    ),
    Column(
        key="id",
        title="id",
        kind="text",
        help="Part of the file names in data/",
        value=lambda p: p.held.pair.id,
        hidden=True,
    ),
)

DISTANCE_COLUMNS = (
    Column(
        key="name",
        title="Tensor",
        kind="code",
        help="Its canonical name, the one diffusers uses",
        value=lambda t: t.row.name,
    ),
    Column(
        key="component",
        title="Component",
        kind="text",
        help="Part of the model",
        value=lambda t: t.row.component,
        format=lambda name: words.component_title(str(name)),
        choices=True,
    ),
    Column(
        key="block",
        title="Block",
        kind="text",
        help="MBW block; BASE is what lies outside all",
        value=lambda t: t.row.block,
        choices=True,
    ),
    Column(
        key="kind",
        title="Kind",
        kind="text",
        help="What the parameter does",
        value=lambda t: t.row.kind,
        choices=True,
    ),
    Column(
        key="shape",
        title="Shape",
        kind="text",
        help="Sizes; a scalar has none",
        value=lambda t: shape_text(t.row.shape),
        format=lambda value: str(value).replace("x", "×"),
        hidden=True,
    ),
    Column(
        key="elements",
        title="Elements",
        help="Numbers in the tensor",
        value=lambda t: elements(t.row),
        format=grouped,
        hidden=True,
    ),
    Column(
        key="l2",
        title="L2",
        help="Square root of the sum of squared differences",
        value=lambda t: t.row.l2,
        format=_small,
        missing=_reason,
    ),
    Column(
        key="rms",
        title="RMS",
        help="L2 over the square root of the number of elements",
        value=lambda t: rms_of(t.row.l2, elements(t.row)),
        format=_small,
        missing=_reason,
    ),
    Column(
        key="l1",
        title="L1",
        help="Sum of absolute differences",
        value=lambda t: t.row.l1,
        format=_small,
        missing=_reason,
        hidden=True,
    ),
    Column(
        key="l0",
        title="L0",
        help="Number of elements that differ",
        value=lambda t: t.row.l0,
        format=grouped,
        missing=_reason,
        hidden=True,
    ),
    Column(
        key="differing",
        title="Differing",
        unit="%",
        raw_unit="fraction",
        help="Elements that differ, of all",
        value=_changed_share,
        format=lambda value: numbers.fixed(100 * float(value or 0), 1),
        missing=_reason,
    ),
    Column(
        key="cosine",
        title="Cosine",
        help="Cosine of the angle between the two, as vectors",
        value=lambda t: t.row.cosine,
        format=_cosine,
        missing=lambda t: t.reason or "one of the two is zero",
        hidden=True,
    ),
    Column(
        key="identical",
        title="Identical",
        kind="text",
        help="The same dtype and bytes",
        value=lambda t: "yes" if t.row.identical else "no",
        choices=True,
        hidden=True,
    ),
)
