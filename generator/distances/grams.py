"""What a comparison of N checkpoints leaves: sums by (component, block, kind), from which follows
every distance, inner product and mix of them, without reading a weight again.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from generator.distances.products import Floats
from generator.distances.sums import COUNTS, FLOATS, Counts, Group
from generator.errors import DamagedRecord
from generator.records import Excluded, Record

# The one key of the metadata: safetensors writes several in any order.
HEAD = "diffusion-atlas"


class Held(Record, frozen=True, kw_only=True):
    """What a checkpoint holds of a component: a digest of the names, shapes and dtypes of its
    weights (empty if there are none), and the number of their elements."""

    signature: str
    elements: int


class Head(Record, frozen=True, kw_only=True):
    """What the arrays are about: members and groups, in their order.

    `identities` say what a member's content is, in the caller's words (a hash), empty if it did
    not say. `held` is by component and member; `pairwise` tells whether L1 and L0 were summed.
    """

    members: tuple[str, ...]
    identities: tuple[str, ...]
    pairwise: bool
    version: int
    groups: tuple[Group, ...]
    held: dict[str, dict[str, Held]]
    excluded: tuple[Excluded, ...]


class Totals(NamedTuple):
    """Sums over some of the weights: N x N each, by pair of checkpoints, over what both hold.

    Zero where `elements` is zero, which means "not compared". `norms[i, j]` is the squared norm of
    i over what it shares with j. float64 and int64.
    """

    squared: Floats
    norms: Floats
    l1: Floats
    elements: Counts
    different: Counts
    l0: Counts

    def inner_products(self) -> Floats:
        """The Gram matrix: products of every checkpoint with every other, over what they share."""
        products: Floats = (self.norms + self.norms.T - self.squared) / 2
        return products


class Grams(NamedTuple):
    """Arrays of groups x N x N, by the names of `sums`."""

    head: Head
    floats: dict[str, Floats]
    counts: dict[str, Counts]

    @property
    def components(self) -> list[str]:
        """Components in which something was compared."""
        return list(dict.fromkeys(component for component, _, _ in self.head.groups))

    def blocks(self, component: str) -> list[str]:
        """Blocks of a component, sorted."""
        return sorted({block for each, block, _ in self.head.groups if each == component})

    def kinds(self, component: str) -> list[str]:
        """Kinds of a component, sorted."""
        return sorted({kind for each, _, kind in self.head.groups if each == component})

    def add_up(self, component: str, block: str | None = None, kind: str | None = None) -> Totals:
        """Sums over a component, or those of its weights that are of one block, kind, or both."""
        chosen = [
            place
            for place, group in enumerate(self.head.groups)
            if group[0] == component and block in (None, group[1]) and kind in (None, group[2])
        ]
        # Group after group: the order of a sum over an axis is NumPy's own affair.
        squared, norms, l1 = (_add_in_order(self.floats[name], chosen) for name in FLOATS)
        elements, different, l0 = (self.counts[name][chosen].sum(0) for name in COUNTS)
        return Totals(squared, norms, l1, elements, different, l0)


def _add_in_order(array: Floats, chosen: Sequence[int]) -> Floats:
    total: Floats = np.zeros(array.shape[1:])
    for place in chosen:
        total += array[place]
    return total


def pack_grams(grams: Grams) -> bytes:
    """`grams` as a safetensors file: the same bytes for the same sums."""
    arrays: dict[str, NDArray[Any]] = {**grams.floats, **grams.counts}
    head = msgspec.json.encode(grams.head, order="deterministic").decode()
    return safetensors.numpy.save(arrays, metadata={HEAD: head})


def unpack_grams(content: bytes, subject: str) -> Grams:
    """What `pack_grams` made.

    Raises:
        DamagedRecord: `content`, which came from `subject`, is something else.
    """
    try:
        length = int.from_bytes(content[:8], "little")
        header = msgspec.json.decode(content[8 : 8 + length])
        head = msgspec.json.decode(header["__metadata__"][HEAD], type=Head)
        arrays = safetensors.numpy.load(content)
        shape = (len(head.groups), len(head.members), len(head.members))
        if any(arrays[name].shape != shape for name in FLOATS + COUNTS):
            raise ValueError("arrays of another shape")
        return Grams(
            head, {name: arrays[name] for name in FLOATS}, {name: arrays[name] for name in COUNTS}
        )
    except (ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        raise DamagedRecord(subject, f"holds no distances ({error})") from error
