"""Distances of a pair -> the numbers that follow from them, and the order to show them in."""

import math
from collections import Counter
from collections.abc import Iterable

from generator.networks.blocks import KINDS
from generator.publish.quantities.block_groups import in_order
from generator.records import ComponentComparison, DistanceSum, DTypePair, Record, TensorDistance
from generator.text.words import order_components

# What the published histograms are split by.
ATTENTION = ("attn1", "attn2", "other")
# Of long lists of names the first few are shown; the download has them all.
MOST_NAMES = 200


class ComparedPart(Record, frozen=True, kw_only=True):
    """A part of a component that both checkpoints hold: a block, a kind, or a kind in a block.

    `distance_share` and `size_share` are its fractions, 0 to 1, of the component's squared L2 and
    of the weights compared: where the first is larger, the part differs more than the average.
    """

    block: str
    kind: str
    total: DistanceSum
    distance_share: float | None
    size_share: float

    @property
    def name(self) -> str:
        """`IN04`, `attn2`, or `attn2 of IN04`."""
        return (
            f"{self.kind} of {self.block}"
            if self.block and self.kind
            else (self.block or self.kind)
        )


class Names(Record, frozen=True, kw_only=True):
    """The first few of the names of one component, and how many there are."""

    component: str
    count: int
    first: tuple[str, ...]


def rms_of(l2: float | None, elements: int) -> float | None:
    """Root mean square of differences, from L2; None for what has no weights or could not be
    compared.

    Unlike L2 it does not grow with size, so that a small block can be set beside a large one.
    """
    return None if l2 is None or not elements else l2 / math.sqrt(elements)


def elements(row: TensorDistance) -> int:
    """Number of weights of a tensor."""
    return math.prod(row.shape)


def cells_of(component: ComponentComparison) -> tuple[ComparedPart, ...]:
    """Every kind in every block."""
    return tuple(
        _part(component, block, kind, kinds[kind])
        for block, kinds in ((name, component.blocks_kinds[name]) for name in blocks_of(component))
        for kind in order_kinds(kinds)
    )


def block_parts(component: ComponentComparison) -> tuple[ComparedPart, ...]:
    """The blocks of a component."""
    return tuple(
        _part(component, name, "", component.blocks[name]) for name in blocks_of(component)
    )


def kind_parts(component: ComponentComparison) -> tuple[ComparedPart, ...]:
    """The kinds of a component."""
    return tuple(
        _part(component, "", name, component.kinds[name]) for name in order_kinds(component.kinds)
    )


def blocks_of(component: ComponentComparison) -> list[str]:
    """Names of the blocks in the order of the network."""
    return in_order(component.blocks)


def order_kinds(kinds: Iterable[str]) -> list[str]:
    """Kinds in the order in which they are explained."""
    return sorted(
        kinds, key=lambda kind: (KINDS.index(kind) if kind in KINDS else len(KINDS), kind)
    )


def by_attention(rows: Iterable[TensorDistance]) -> dict[str, tuple[TensorDistance, ...]]:
    """Tensors of a denoiser in self-attention, cross-attention, and the rest."""
    groups: dict[str, list[TensorDistance]] = {name: [] for name in ATTENTION}
    for row in rows:
        groups[row.kind if row.kind in ATTENTION else "other"].append(row)
    return {name: tuple(found) for name, found in groups.items() if found}


def root_sum_squares(rows: Iterable[TensorDistance]) -> float | None:
    """L2 of tensors taken as one vector; None where none of them could be compared."""
    found = [row.l2 for row in rows if row.l2 is not None]
    return math.sqrt(math.fsum(value * value for value in found)) if found else None


def most_first(tensors: Iterable[TensorDistance]) -> list[TensorDistance]:
    """By L2, the largest first; what was not compared is last."""
    return sorted(tensors, key=lambda tensor: (tensor.l2 is None, -(tensor.l2 or 0.0)))


def names_by_component(names: Iterable[str]) -> tuple[Names, ...]:
    """The names (`COMPONENT/NAME`) that only one checkpoint has."""
    found: dict[str, list[str]] = {}
    for name in names:
        component, _, rest = name.partition("/")
        found.setdefault(component, []).append(rest)
    return tuple(
        Names(component=one, count=len(found[one]), first=tuple(found[one][:MOST_NAMES]))
        for one in order_components(found)
    )


def dtypes_by_component(
    differences: Iterable[DTypePair],
) -> tuple[tuple[str, str, str, int], ...]:
    """Component, dtype in A, dtype in B, and how many tensors differ so."""
    counts = Counter((one.name.partition("/")[0], one.a, one.b) for one in differences)
    return tuple(
        (component, a, b, count)
        for name in order_components({key[0] for key in counts})
        for (component, a, b), count in sorted(counts.items())
        if component == name
    )


def _part(
    component: ComponentComparison, block: str, kind: str, total: DistanceSum
) -> ComparedPart:
    whole = component.total
    return ComparedPart(
        block=block,
        kind=kind,
        total=total,
        distance_share=(total.l2 / whole.l2) ** 2 if whole.l2 and total.l2 is not None else None,
        size_share=total.elements / whole.elements if whole.elements else 0.0,
    )
