"""Published pairs, tensor by tensor -> sums by component, block and kind.

Only names are known, so shapes are made up to find where in the network a tensor stands; no number
comes from them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from generator.archive.formats import PairArchive
from generator.archive.parts import imported_grams
from generator.arrays import Booleans, Floats
from generator.checkpoints.anatomy import Weight, dissect
from generator.checkpoints.index import CheckpointIndex, SourceFile, Tensor
from generator.grams import Grams
from generator.records import Excluded

NO_WEIGHT = "a counter or a table, no weight"
STRANGE = "in no component that is known"
SHAPES = "the shapes differ"
NOTHING_SHARED = "has no tensor in common with {other}: never compared"
PARTLY = "{count} of {total} tensors have no partner in {other}"
# What trainers keep beside the components: the averaging's counters, and the noise schedule.
TRAINERS = ("model_ema.", "alphas", "betas", "log_one_minus", "posterior_", "sqrt_", "num_updates")
# Divisible by what layouts cut tensors into.
SIDE = 12


def grams_of_pairs(pairs: Sequence[PairArchive]) -> Grams:
    """The sums of one group: each of `pairs` compares two of its members.

    Distances of pairs that are not among them are not known.
    """
    members = tuple(dict.fromkeys(name for pair in pairs for name in (pair.a, pair.b)))
    size = (len(members), len(members))
    squared: dict[tuple[str, str, str], Floats] = {}
    known: dict[tuple[str, str, str], Booleans] = {}
    excluded: list[Excluded] = []
    for pair in pairs:
        one, other = members.index(pair.a), members.index(pair.b)
        weights = place_names([*pair.distances, *pair.mismatched])
        for name, distance in pair.distances.items():
            weight = weights[name]
            if not weight.is_weight:
                reason = STRANGE if _is_strange(weight) else NO_WEIGHT
                excluded.append(_excluded("", weight.component, name, reason))
                continue
            group = (weight.component, weight.block, weight.kind)
            squared.setdefault(group, np.zeros(size))
            known.setdefault(group, np.zeros(size, np.bool_))
            squared[group][[one, other], [other, one]] += distance**2
            for place in ((one, other), (other, one), (one, one), (other, other)):
                known[group][place] = True
        excluded += [
            _excluded("", weights[name].component, name, SHAPES) for name in pair.mismatched
        ]
        excluded += _without_partner(pair, weights)
    return imported_grams(members, squared, known, list(dict.fromkeys(excluded)))


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
    index = CheckpointIndex(path=Path("archive"), files=(source,), tensors=tensors)
    return {tensors[weight.tensor].name: weight for weight in dissect(index).weights}


def _without_partner(pair: PairArchive, weights: Mapping[str, Weight]) -> Iterator[Excluded]:
    """Components of which one member holds tensors that the other lacks."""
    shared: dict[str, int] = {}
    for name in pair.distances:
        if weights[name].is_weight:
            shared[weights[name].component] = shared.get(weights[name].component, 0) + 1
    for holder, lacking, names in (
        (pair.a, pair.b, pair.only_a),
        (pair.b, pair.a, pair.only_b),
    ):
        counts: dict[str, int] = {}
        for weight in place_names(names).values():
            if weight.is_weight:
                counts[weight.component] = counts.get(weight.component, 0) + 1
        for component, count in sorted(counts.items()):
            both = shared.get(component, 0)
            reason = PARTLY.format(count=count, total=count + both, other=lacking)
            yield Excluded(
                checkpoint=holder,
                tensor=component,
                reason=reason if both else NOTHING_SHARED.format(other=lacking),
            )


def _is_strange(weight: Weight) -> bool:
    """Whether a name is neither that of a known component's nor one of a trainer's own."""
    return weight.component == "other" and not weight.name.startswith(TRAINERS)


def _excluded(checkpoint: str, component: str, name: str, reason: str) -> Excluded:
    return Excluded(checkpoint=checkpoint, tensor=f"{component}/{name}", reason=reason)
