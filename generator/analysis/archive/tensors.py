"""Published pairs, tensor by tensor -> sums by component, block and kind.

Only names are known, so shapes are made up to find where in the network a tensor stands; no number
comes from them.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from generator.analysis.archive.formats import PairArchive
from generator.analysis.archive.parts import imported_sums
from generator.checkpoints.formats.index import SourceFile, Tensor, TensorIndex
from generator.checkpoints.identify.components import Weight
from generator.checkpoints.identify.contents import identify
from generator.records import Excluded, Reason
from generator.records.arrays import Counts, Floats
from generator.records.pairwise_sums import Group, PairwiseSums
from generator.records.reasons import (
    CounterOrTable,
    NonFinite,
    NothingShared,
    PartlyShared,
    ShapesDiffer,
    TooLittleShared,
    UnknownComponent,
)

# As of checkpoints that are compared here: of a component, this part may be missing.
LARGEST_MISSING = 0.01
# What trainers keep beside the components: the averaging's counters, and the noise schedule.
TRAINERS = ("model_ema.", "alphas", "betas", "log_one_minus", "posterior_", "sqrt_", "num_updates")
# Divisible by what layouts cut tensors into.
SIDE = 12


def sums_of_pairs(pairs: Sequence[PairArchive]) -> PairwiseSums:
    """The sums of one group: each of `pairs` compares two of its members.

    Distances of pairs that are not among them are not known, nor those of components of which more
    than `LARGEST_MISSING` has no partner. Elements are not known; what is counted are tensors.
    """
    members = tuple(dict.fromkeys(name for pair in pairs for name in (pair.a, pair.b)))
    size = (len(members), len(members))
    squared: dict[Group, Floats] = {}
    compared: dict[Group, Counts] = {}
    different: dict[Group, Counts] = {}
    excluded: list[Excluded] = []
    for pair in pairs:
        one, other = members.index(pair.a), members.index(pair.b)
        placed = _place(pair)
        excluded += placed.excluded
        sums: dict[Group, list[float]] = {}
        for name, weight in placed.weights.items():
            group = (weight.component, weight.block, weight.kind)
            sums.setdefault(group, []).append(pair.distances[name])
        for group, distances in sums.items():
            for arrays, value in (
                (squared, math.fsum(each**2 for each in distances)),
                (compared, len(distances)),
                (different, sum(each > 0 for each in distances)),
            ):
                kind = np.float64 if arrays is squared else np.int64
                array = arrays.setdefault(group, np.zeros(size, kind))
                array[[one, other], [other, one]] = value
            # What a member holds is what was compared of it with anybody.
            for each in (one, other):
                own = compared[group][each]
                own[each] = max(own[each], len(distances))
    return imported_sums(members, squared, compared, different, list(dict.fromkeys(excluded)))


class _Placed(NamedTuple):
    """The weights of a pair by name, of components that were compared as a whole; and the rest."""

    weights: dict[str, Weight]
    excluded: list[Excluded]


def _place(pair: PairArchive) -> _Placed:
    weights = place_names([*pair.distances, *pair.mismatched, *pair.not_finite])
    excluded = []
    for name in pair.distances:
        if not weights[name].is_weight:
            unknown = _is_unknown(weights[name])
            reason = UnknownComponent() if unknown else CounterOrTable()
            excluded.append(_excluded("", weights[name].component, name, reason))
    missing: dict[str, Reason] = dict.fromkeys(pair.mismatched, ShapesDiffer())
    missing |= dict.fromkeys(pair.not_finite, NonFinite())
    excluded += [
        _excluded("", weights[name].component, name, reason) for name, reason in missing.items()
    ]
    shared = _count(weights[name] for name in pair.distances)
    mismatched = _count(weights[name] for name in missing)
    incomplete = set()
    for holder, lacking, names in (
        (pair.a, pair.b, pair.only_a),
        (pair.b, pair.a, pair.only_b),
    ):
        alone = _count(place_names(names).values())
        for component in sorted(alone.keys() | mismatched.keys()):
            count, both = alone[component] + mismatched[component], shared[component]
            total = count + both
            kind = PartlyShared if count <= LARGEST_MISSING * total else TooLittleShared
            if kind is TooLittleShared:
                incomplete.add(component)
            shared_with: Reason = NothingShared(other=lacking)
            if both:
                shared_with = kind(count=count, total=total, other=lacking)
            excluded.append(Excluded(checkpoint=holder, tensor=component, reason=shared_with))
    whole = {
        name: weights[name]
        for name in pair.distances
        if weights[name].is_weight and weights[name].component not in incomplete
    }
    return _Placed(whole, excluded)


def place_names(names: Iterable[str]) -> dict[str, Weight]:
    """Component, block and kind of every tensor, by its name in the file."""
    tensors = tuple(
        Tensor(
            name=name,
            dtype="float32",
            shape=(SIDE, SIDE),
            file=0,
            offset=0,
            nbytes=4 * SIDE * SIDE,
        )
        for name in dict.fromkeys(names)
    )
    source = SourceFile(path=Path("archive"), size=0, modified=0, format="safetensors")
    index = TensorIndex(path=Path("archive"), files=(source,), tensors=tensors)
    return {tensors[weight.tensor].name: weight for weight in identify(index).weights}


def _count(weights: Iterable[Weight]) -> Counter[str]:
    """Number of weights by component."""
    return Counter(weight.component for weight in weights if weight.is_weight)


def _is_unknown(weight: Weight) -> bool:
    """Whether a name is neither that of a known component's nor one of a trainer's own."""
    return weight.component == "other" and not weight.name.startswith(TRAINERS)


def _excluded(checkpoint: str, component: str, name: str, reason: Reason) -> Excluded:
    return Excluded(checkpoint=checkpoint, tensor=f"{component}/{name}", reason=reason)
