"""Published matrices -> sums by component, with what is not known left out by name."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from generator.analysis.archive.formats import MatrixArchive
from generator.analysis.archive.zeros import read_zeros
from generator.networks.blocks import REST
from generator.records import Excluded
from generator.records.arrays import Booleans, Counts, Floats
from generator.records.pairwise_sums import Head, PairwiseSums
from generator.records.reasons import (
    NoDistance,
    OnlyZeros,
    PairsAtZero,
    SameComponent,
    UnknownPart,
    UnnamedTensors,
)

# Grows whenever the same archive would give other sums.
VERSION = 3
# What the parts of a published matrix are. SDXL's text encoders have numbers, others' have none.
COMPONENTS = {
    "unet": "denoiser",
    "vae": "vae",
    "te": "text_encoder",
    "te0": "text_encoder",
    "te1": "text_encoder_2",
}


def sums_of_matrices(archive: MatrixArchive) -> PairwiseSums:
    """Squared distances by component. Norms, and how much was compared, are not known."""
    squared: dict[str, Floats] = {}
    known: dict[str, Booleans] = {}
    excluded: list[Excluded] = []
    # A part of zeros says nothing, and so contradicts no other.
    called = Counter(COMPONENTS.get(part) for part, each in archive.parts.items() if each.any())
    for part, matrix in archive.parts.items():
        component = COMPONENTS.get(part)
        if component and called[component] > 1 and matrix.any():
            same = tuple(each for each in archive.parts if COMPONENTS.get(each) == component)
            reason = SameComponent(parts=same)
            excluded.append(Excluded(checkpoint="", tensor=part, reason=reason))
        elif component is None:
            unknown = UnnamedTensors() if part == "other" else UnknownPart(part=part)
            excluded.append(Excluded(checkpoint="", tensor=part, reason=unknown))
        elif not matrix.any():
            excluded.append(Excluded(checkpoint="", tensor=part, reason=OnlyZeros()))
        else:
            zeros = read_zeros(matrix)
            excluded += _left_out(archive, component, matrix, zeros.not_compared)
            compared = (matrix > 0) | zeros.identical
            np.fill_diagonal(compared, compared.any(axis=1))
            squared[component] = np.where(compared, matrix, 0) ** 2
            known[component] = compared
    return imported_sums(
        archive.members,
        {(name, REST, "other"): array for name, array in squared.items()},
        {(name, REST, "other"): array.astype(np.int64) for name, array in known.items()},
        {(name, REST, "other"): (array > 0).astype(np.int64) for name, array in squared.items()},
        excluded,
    )


def _left_out(
    archive: MatrixArchive, component: str, matrix: Floats, never: Booleans
) -> Iterator[Excluded]:
    silent = matrix.max(axis=1) == 0
    for member, alone in zip(archive.members, silent.tolist(), strict=True):
        if alone:
            yield Excluded(checkpoint=member, tensor=component, reason=NoDistance())
    pairs = int(never[~silent][:, ~silent].sum()) // 2
    if pairs:
        yield Excluded(checkpoint="", tensor=component, reason=PairsAtZero(count=pairs))


def imported_sums(
    members: tuple[str, ...],
    squared: dict[tuple[str, str, str], Floats],
    compared: dict[tuple[str, str, str], Counts],
    different: dict[tuple[str, str, str], Counts],
    excluded: list[Excluded],
) -> PairwiseSums:
    """Sums with nothing but distances in them; all by component, block and kind.

    `compared` and `different` count tensors, or are 1 where there are any.
    """
    groups = tuple(sorted(squared))
    shape = (len(groups), len(members), len(members))
    distances = np.array([squared[group] for group in groups]).reshape(shape)
    elements = np.array([compared[group] for group in groups], np.int64).reshape(shape)
    differing = np.array([different[group] for group in groups], np.int64).reshape(shape)
    head = Head(
        members=members,
        identities=("",) * len(members),
        pairwise=False,
        version=VERSION,
        groups=groups,
        held={},
        excluded=tuple(excluded),
        origin="imported",
    )
    floats = {
        "squared": distances,
        "norms": np.where(elements > 0, np.nan, 0.0),
    }
    counts = {"elements": elements, "different": differing}
    return PairwiseSums(head, floats, counts)
