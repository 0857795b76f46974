"""Pairwise sums of N checkpoints by (component, block, kind). Every distance, inner product and mix
follows from them without reading the weights again."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from generator.errors import DamagedRecord
from generator.records import Excluded, Record
from generator.records.array_files import DAMAGED, pack_arrays, unpack_arrays
from generator.records.arrays import Counts, Floats
from generator.records.reasons import Away

# Component, block, kind.
Group = tuple[str, str, str]
# N x N each, by pair of checkpoints, over the weights that both hold. Row i of `norms` belongs to
# i.
FLOATS = ("squared", "norms", "l1")
COUNTS = ("elements", "different", "l0")
# Present only if L1 and L0 were requested.
PAIRWISE = ("l1", "l0")


def names_of(pairwise: bool) -> tuple[list[str], list[str]]:
    """The names of the float arrays, or of the count arrays."""
    left_out = () if pairwise else PAIRWISE
    floats = [name for name in FLOATS if name not in left_out]
    return floats, [name for name in COUNTS if name not in left_out]


class ComponentSignature(Record):
    """One component of a checkpoint: a digest of the names, shapes and dtypes of its weights (empty
    without weights), and their number of elements."""

    signature: str
    elements: int


class Head(Record):
    """The axes of the arrays: members and groups, in order.

    `identities` are hashes of the members' content, given by the caller, or empty. `held` is by
    component and member; `pairwise`: L1 and L0 were summed.

    An `imported` archive has no norms (NaN) and an empty `held`; its `elements` and `different`
    count tensors, or are 1 for any and 0 for none.
    """

    members: tuple[str, ...]
    identities: tuple[str, ...]
    pairwise: bool
    version: int
    groups: tuple[Group, ...]
    held: dict[str, dict[str, ComponentSignature]]
    excluded: tuple[Excluded, ...]
    origin: Literal["measured", "imported"] = "measured"


class Totals(NamedTuple):
    """Sums over part of the weights: N x N each, by pair of checkpoints, over shared weights.

    If `elements` is zero, the pair was not compared and all sums are zero. `norms[i, j]` is the
    squared norm of i over the weights shared with j, so the Gram matrix is (`norms` + `norms.T` -
    `squared`) / 2. float64 and int64.
    """

    squared: Floats
    norms: Floats
    l1: Floats
    elements: Counts
    different: Counts
    l0: Counts


class PairwiseSums(NamedTuple):
    """Arrays of groups x N x N, by the names in `FLOATS` and `COUNTS`."""

    head: Head
    floats: dict[str, Floats]
    counts: dict[str, Counts]

    @property
    def components(self) -> list[str]:
        """Components with weights to compare."""
        return list(dict.fromkeys(component for component, _, _ in self.head.groups))

    def blocks(self, component: str) -> list[str]:
        """Blocks of a component, sorted."""
        return sorted({block for each, block, _ in self.head.groups if each == component})

    def kinds(self, component: str) -> list[str]:
        """Kinds of a component, sorted."""
        return sorted({kind for each, _, kind in self.head.groups if each == component})

    def add_up(self, component: str, block: str | None = None, kind: str | None = None) -> Totals:
        """Sums over a component, or over its weights of one block, one kind, or both."""
        chosen = [
            place
            for place, group in enumerate(self.head.groups)
            if group[0] == component and block in (None, group[1]) and kind in (None, group[2])
        ]
        # Group by group: NumPy does not specify the order of a sum over an axis.
        floats = {name: _add_in_order(each, chosen) for name, each in self.floats.items()}
        counts = {name: each[chosen].sum(0) for name, each in self.counts.items()}
        nothing = {"l1": np.zeros_like(floats["squared"]), "l0": np.zeros_like(counts["elements"])}
        return Totals(**nothing | floats | counts)


class AdaptedSums(NamedTuple):
    """Sums of the target, the `checkpoints` and the `adapters`, in this order; the row of an
    adapter is the first checkpoint with its whole change. `dtypes` are numbers of weights of the
    target by dtype or format, by component."""

    sums: PairwiseSums
    checkpoints: tuple[str, ...]
    adapters: tuple[str, ...]
    dtypes: Mapping[str, Mapping[str, int]]


def _add_in_order(array: Floats, chosen: Sequence[int]) -> Floats:
    total: Floats = np.zeros(array.shape[1:])
    for place in chosen:
        total += array[place]
    return total


def reorder(sums: PairwiseSums, members: Sequence[str]) -> PairwiseSums:
    """`sums` of the given members, in the given order."""
    head = sums.head
    if tuple(members) == head.members:
        return sums
    numbers = [head.members.index(name) for name in members]
    places = np.ix_(range(len(head.groups)), numbers, numbers)
    return PairwiseSums(
        msgspec.structs.replace(
            head,
            members=tuple(members),
            identities=tuple(head.identities[number] for number in numbers),
            excluded=in_order(
                [entry for entry in head.excluded if entry.checkpoint in members], members
            ),
        ),
        {name: array[places] for name, array in sums.floats.items()},
        {name: array[places] for name, array in sums.counts.items()},
    )


def in_order(excluded: Collection[Excluded], members: Sequence[str]) -> tuple[Excluded, ...]:
    """Omissions without duplicates, sorted by member, component and tensor."""

    def place(entry: Excluded) -> tuple[int, list[str], bytes]:
        reason = msgspec.json.encode(entry.reason)
        return members.index(entry.checkpoint), entry.tensor.split("/", 1), reason

    return tuple(sorted(set(excluded), key=place))


def have_gaps(head: Head) -> set[str]:
    """Members whose files were missing when others joined: they can be compared once the files
    return."""
    return {entry.checkpoint for entry in head.excluded if isinstance(entry.reason, Away)}


def pack_sums(sums: PairwiseSums) -> bytes:
    """`sums` as a safetensors file; same sums, same bytes.

    Symmetric arrays are stored as upper triangles, G x N(N+1)/2, row by row, counts in the
    narrowest dtype. Two are G x N in the usual case: `norms` if those of each checkpoint are equal
    for all partners (else G x N x N), `elements` if each pair shares the fewer of its two.
    """
    arrays: dict[str, NDArray[Any]] = {}
    above = np.triu_indices(len(sums.head.members))
    for name, array in {**sums.floats, **sums.counts}.items():
        if name != "norms":
            arrays[name] = _narrowest(array[:, above[0], above[1]])
    elements = sums.counts["elements"]
    sizes = _diagonal(elements)
    if np.array_equal(_fewer(sizes), elements):
        arrays["elements"] = _narrowest(sizes)
    norms = sums.floats["norms"]
    own = _diagonal(norms)
    spread = _spread(own, elements)
    arrays["norms"] = own if np.array_equal(spread, norms, equal_nan=True) else norms
    return pack_arrays(sums.head, arrays)


def unpack_sums(content: bytes, subject: str) -> PairwiseSums:
    """The inverse of `pack_sums`; `subject` names `content` in errors.

    Raises:
        DamagedRecord: `content` is not such a file.
    """
    try:
        head, arrays = unpack_arrays(content, Head)
        shape = (len(head.groups), len(head.members), len(head.members))
        float_names, count_names = names_of(head.pairwise)
        if arrays["elements"].shape == shape[:2]:
            arrays["elements"] = _fewer(arrays["elements"])[:, *np.triu_indices(shape[1])]
        counts = {name: _square(arrays[name], shape, np.int64) for name in count_names}
        floats = {
            name: _square(arrays[name], shape, np.float64)
            for name in float_names
            if name != "norms"
        }
        norms = arrays["norms"]
        norms = norms if norms.ndim == 3 else _spread(norms, counts["elements"])
        if norms.shape != shape:
            raise ValueError("norms of another shape")
        return PairwiseSums(head, floats | {"norms": norms}, counts)
    except DAMAGED as error:
        raise DamagedRecord(subject, f"holds no distances ({error})") from error


def _diagonal(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(np.diagonal(array, axis1=1, axis2=2))


def _fewer(sizes: NDArray[Any]) -> NDArray[Any]:
    """The smaller of two checkpoints' counts, by pair."""
    fewer: NDArray[Any] = np.minimum(sizes[:, :, None], sizes[:, None, :])
    return fewer


def _narrowest(triangle: NDArray[Any]) -> NDArray[Any]:
    if triangle.dtype == np.float64:
        return np.ascontiguousarray(triangle)
    return np.ascontiguousarray(triangle.astype(np.min_scalar_type(triangle.max(initial=0))))


def _square(
    triangles: NDArray[Any], shape: tuple[int, ...], dtype: type[np.generic]
) -> NDArray[Any]:
    """G x N x N from G upper triangles."""
    square = np.zeros(shape, dtype)
    rows, columns = np.triu_indices(shape[1])
    square[:, rows, columns] = triangles
    square[:, columns, rows] = triangles
    return square


def _spread(own: Floats, elements: Counts) -> Floats:
    """Norms by pair, from the norms of each checkpoint."""
    if own.shape != elements.shape[:2]:
        raise ValueError("norms of another shape")
    return np.where(elements > 0, own[:, :, None], 0.0)
