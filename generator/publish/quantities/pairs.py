"""Distances of a pair -> derived numbers, and the order in which to show them."""

import math
from collections import Counter
from collections.abc import Iterable

from generator.networks.kinds import KINDS
from generator.publish.quantities.block_groups import in_order
from generator.records import ComponentComparison, DistanceSum, DTypePair, Record, TensorDistance
from generator.text.words import order_components

# The kinds by which the published histograms are split.
ATTENTION = ("attn1", "attn2", "other")
# Number of names to show from a long list; the download has all.
MOST_NAMES = 200


class ComparedPart(Record):
    """A part of a component that both checkpoints have: a block, a kind, or a kind in a block.

    `distance_share` and `size_share` are its fractions, 0 to 1, of the component's squared L2 and
    of its compared weights. If the first is larger, the part differs more than the average.
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


class AttentionRow(Record):
    """The tensors of one kind of attention: how many, how many are exactly equal, and the joint L2,
    None if none was compared."""

    attention: str
    tensors: int
    zeros: int
    l2: float | None


class Names(Record):
    """The first names of one component, and their total number."""

    component: str
    count: int
    first: tuple[str, ...]


def rms_of(l2: float | None, elements: int) -> float | None:
    """Root mean square of the differences, from L2; None without weights or if not compared.

    Unlike L2, it does not grow with size, so small and large blocks can be compared.
    """
    return None if l2 is None or not elements else l2 / math.sqrt(elements)


def elements(row: TensorDistance) -> int:
    """Number of weights in a tensor."""
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
    """Block names in network order."""
    return in_order(component.blocks)


def order_kinds(kinds: Iterable[str]) -> list[str]:
    """Kinds in the order of their explanations."""
    return sorted(
        kinds, key=lambda kind: (KINDS.index(kind) if kind in KINDS else len(KINDS), kind)
    )


def by_attention(rows: Iterable[TensorDistance]) -> dict[str, tuple[TensorDistance, ...]]:
    """Tensors of a denoiser, split into self-attention, cross-attention and the rest."""
    groups: dict[str, list[TensorDistance]] = {name: [] for name in ATTENTION}
    for row in rows:
        groups[row.kind if row.kind in ATTENTION else "other"].append(row)
    return {name: tuple(found) for name, found in groups.items() if found}


def root_sum_squares(rows: Iterable[TensorDistance]) -> float | None:
    """Joint L2 of tensors; None if none of them was compared."""
    found = [row.l2 for row in rows if row.l2 is not None]
    return math.sqrt(math.fsum(value * value for value in found)) if found else None


def most_first(tensors: Iterable[TensorDistance]) -> list[TensorDistance]:
    """Sorted by L2, the largest first; tensors that were not compared come last."""
    return sorted(tensors, key=lambda tensor: (tensor.l2 is None, -(tensor.l2 or 0.0)))


def names_by_component(names: Iterable[str]) -> tuple[Names, ...]:
    """Names (`COMPONENT/NAME`) of tensors in only one checkpoint."""
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
    """(component, dtype in A, dtype in B, number of tensors) where the dtypes differ."""
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
