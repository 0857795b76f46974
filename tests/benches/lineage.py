"""Histories of simulated families: how much is recovered, how often a merge is claimed wrongly."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.stats import beta

sys.path.insert(0, str(Path(__file__).parents[1] / "analysis"))

from simulated import BLOCKS, alone, family, grams_of, score
from simulated_groups import KINDS, groups

from generator.analysis.lineage.descent import LineageResult, descent
from generator.records import Measurement
from generator.records.pairwise_sums import PairwiseSums

SIZES = (3, 5, 8, 12, 20, 30, 40)
FAMILIES_PER_SIZE = 10
# In all kinds together.
UNRELATED_GROUPS = 1000
CONFIDENCE = 0.95
# As many as the largest group that anybody published.
LARGE = 232
DENOISER_BLOCKS = 26


def bench(_: Path) -> Iterator[Measurement]:
    """Families of 3 to 40 members, then groups without a merge, then the time for a large group."""
    yield from _recovered()
    yield from _false_alarms()
    started = time.perf_counter()
    explain(large_group())
    yield Measurement(
        name=f"{LARGE} members, {DENOISER_BLOCKS} blocks: lineage and recipes",
        value=time.perf_counter() - started,
        unit="s",
    )


def _recovered() -> Iterator[Measurement]:
    totals = np.zeros(5, np.int64)
    error = 0.0
    for members in SIZES:
        of_size = np.zeros(5, np.int64)
        for seed in range(FAMILIES_PER_SIZE):
            made = family(1000 * members + seed, members)
            found = score(made, explain(grams_of([each.values for each in made]), 0))
            of_size += found[:5]
            error = max(error, found.weight_error)
        totals += of_size
        title = f"Recovered of {FAMILIES_PER_SIZE} families of {members}"
        yield from _rates(title, of_size.tolist())
    families = len(SIZES) * FAMILIES_PER_SIZE
    title = f"Recovered of all {families} families"
    yield from _rates(title, totals.tolist())
    yield Measurement(
        name=f"{title}: mixes claimed of what is none", value=totals[4].item(), unit=""
    )
    yield Measurement(name=f"{title}: largest error of a block's weight", value=error, unit="")


def _rates(title: str, found: list[int]) -> Iterator[Measurement]:
    edges, edges_found, merges, merges_found, _ = found
    for what, right, count in (("parents", edges_found, edges), ("merges", merges_found, merges)):
        if count:
            name = f"{title}: {what}, {count} in all"
            yield Measurement(name=name, value=100 * right / count, unit="%")


def _false_alarms() -> Iterator[Measurement]:
    """Groups in which a merge is claimed: by kind, then of all."""
    each = UNRELATED_GROUPS // len(KINDS)
    wrong_in_all = 0
    for kind in KINDS:
        wrong = told = 0
        for models in groups(kind, each):
            reference = 0 if kind.declared else -1
            found = explain(grams_of(models, norms=kind.norms), reference)
            verdicts = {recipe.verdict for recipe in found.recipes}
            wrong += "merge" in verdicts
            told += bool(found.lineage.lines or verdicts & {"interpolation", "between"})
        wrong_in_all += wrong
        title = f"{each} groups without a merge, {kind.title}"
        yield Measurement(name=f"{title}: a merge claimed", value=wrong, unit="groups")
        if told:
            name = f"{title}: on the way, between or on a line"
            yield Measurement(name=name, value=told, unit="groups")
    count = each * len(KINDS)
    title = f"All {count} groups without a merge: a merge claimed"
    yield Measurement(name=title, value=100 * wrong_in_all / count, unit="%")
    # Clopper and Pearson's bound.
    bound = float(beta.ppf(CONFIDENCE, wrong_in_all + 1, count - wrong_in_all))
    yield Measurement(name=f"{title}, at most ({CONFIDENCE:.0%} sure)", value=100 * bound, unit="%")


def explain(sums: PairwiseSums, reference: int = -1) -> LineageResult:
    """What is found of the one component."""
    return descent(sums, "denoiser", alone(len(sums.head.members)), reference)


def large_group() -> PairwiseSums:
    """Sums of a family with as many members and blocks as real groups have."""
    made = family(LARGE, LARGE, size=200)
    few = grams_of([each.values for each in made])
    blocks = [number % len(BLOCKS) for number in range(DENOISER_BLOCKS)]
    head = few.head.__class__(
        **{name: getattr(few.head, name) for name in few.head.__struct_fields__}
        | {"groups": tuple(("denoiser", f"IN{n:02}", "ff") for n in range(DENOISER_BLOCKS))}
    )
    return PairwiseSums(
        head,
        {name: array[blocks] for name, array in few.floats.items()},
        {name: array[blocks] for name, array in few.counts.items()},
    )
