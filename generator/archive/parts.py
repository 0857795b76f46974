"""Published matrices -> sums by component, with what is not known left out by name."""

from collections.abc import Iterator

import numpy as np

from generator.archive.formats import MatrixArchive
from generator.archive.zeros import read_zeros
from generator.arrays import Booleans, Floats
from generator.blocks import BASE
from generator.grams import Grams, Head
from generator.records import Excluded

# Grows whenever the same archive would give other sums.
VERSION = 1
# What the parts of a published matrix are. SDXL's text encoders have numbers, others' have none.
COMPONENTS = {
    "unet": "denoiser",
    "vae": "vae",
    "te": "text_encoder",
    "te0": "text_encoder",
    "te1": "text_encoder_2",
}
ALL_ZERO = (
    "every distance is zero: all are identical, or none was compared; the archive does not say"
)
ALONE = "has no distance from anybody: its tensors are missing, or have other names"
UNNAMED = (
    "the part 'other' adds counters of training steps and tables to weights, and does not name them"
)
NEVER = (
    "{count} pairs are at zero and not equally far from the rest: nothing, or not all, was compared"
)


def grams_of_matrices(archive: MatrixArchive) -> Grams:
    """Squared distances by component. Norms, and how much was compared, are not known."""
    members = len(archive.members)
    squared: dict[str, Floats] = {}
    known: dict[str, Booleans] = {}
    excluded: list[Excluded] = []
    for part, matrix in archive.parts.items():
        component = COMPONENTS.get(part)
        if component is None:
            reason = UNNAMED if part == "other" else f"the part {part!r} is not known"
            excluded.append(Excluded(checkpoint="", tensor=part, reason=reason))
        elif not matrix.any():
            excluded.append(Excluded(checkpoint="", tensor=part, reason=ALL_ZERO))
        else:
            zeros = read_zeros(matrix)
            excluded += _left_out(archive, component, matrix, zeros.not_compared)
            compared = (matrix > 0) | zeros.identical
            np.fill_diagonal(compared, compared.any(axis=1))
            squared.setdefault(component, np.zeros((members, members)))
            known.setdefault(component, np.zeros((members, members), np.bool_))
            squared[component] += np.where(compared, matrix, 0) ** 2
            known[component] |= compared
    return imported_grams(
        archive.members,
        {(name, BASE, "other"): array for name, array in squared.items()},
        {(name, BASE, "other"): array for name, array in known.items()},
        excluded,
    )


def _left_out(
    archive: MatrixArchive, component: str, matrix: Floats, never: Booleans
) -> Iterator[Excluded]:
    silent = matrix.max(axis=1) == 0
    for member, alone in zip(archive.members, silent.tolist(), strict=True):
        if alone:
            yield Excluded(checkpoint=member, tensor=component, reason=ALONE)
    pairs = int(never[~silent][:, ~silent].sum()) // 2
    if pairs:
        yield Excluded(checkpoint="", tensor=component, reason=NEVER.format(count=pairs))


def imported_grams(
    members: tuple[str, ...],
    squared: dict[tuple[str, str, str], Floats],
    known: dict[tuple[str, str, str], Booleans],
    excluded: list[Excluded],
) -> Grams:
    """Sums with nothing but distances in them; both by component, block and kind."""
    groups = tuple(sorted(squared))
    shape = (len(groups), len(members), len(members))
    distances = np.array([squared[group] for group in groups]).reshape(shape)
    compared = np.array([known[group] for group in groups]).reshape(shape).astype(np.int64)
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
        "norms": np.where(compared > 0, np.nan, 0.0),
        "l1": np.zeros(shape),
    }
    different = ((distances > 0) & (compared > 0)).astype(np.int64)
    counts = {"elements": compared, "different": different, "l0": np.zeros(shape, np.int64)}
    return Grams(head, floats, counts)
