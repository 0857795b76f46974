"""Histories of simulated families: how much is recovered, how often a merge is claimed wrongly."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "lineage"))

from simulated import BLOCKS, alone, family, grams_of, score, unrelated

from generator.grams import Grams
from generator.lineage.descent import descent
from generator.records import Figure

SIZES = (3, 5, 8, 12, 20, 30, 40)
FAMILIES_PER_SIZE = 10
UNRELATED_GROUPS = 1000
# As many as the largest group that anybody published.
LARGE = 232
DENOISER_BLOCKS = 26


def bench(_: Path) -> Iterator[Figure]:
    """Families of 3 to 40 members, then unrelated ones, then the time for a large group."""
    totals = np.zeros(5, np.int64)
    error = 0.0
    for members in SIZES:
        for seed in range(FAMILIES_PER_SIZE):
            made = family(1000 * members + seed, members)
            found = score(made, explain(grams_of([each.values for each in made])))
            totals += found[:5]
            error = max(error, found.weight_error)
    edges, edges_found, merges, merges_found, false_merges = totals.tolist()
    families = len(SIZES) * FAMILIES_PER_SIZE
    title = f"{families} simulated families of {SIZES[0]} to {SIZES[-1]} members"
    yield Figure(name=f"{title}: parents found", value=100 * edges_found / edges, unit="%")
    yield Figure(name=f"{title}: merges found", value=100 * merges_found / merges, unit="%")
    yield Figure(name=f"{title}: merges claimed of what is none", value=false_merges, unit="")
    yield Figure(name=f"{title}: largest error of a block's weight", value=error, unit="")
    wrong = sum(
        any(each.verdict != "none" for each in explain(grams_of(unrelated(seed, 20))).recipes)
        for seed in range(UNRELATED_GROUPS)
    )
    yield Figure(
        name=f"{UNRELATED_GROUPS} groups of unrelated fine-tunes: with a merge claimed",
        value=wrong,
        unit="",
    )
    started = time.perf_counter()
    explain(large_group())
    yield Figure(
        name=f"{LARGE} members, {DENOISER_BLOCKS} blocks: lineage and recipes",
        value=time.perf_counter() - started,
        unit="s",
    )


def explain(grams: Grams):
    """What is found of the one component."""
    return descent(grams, "denoiser", alone(len(grams.head.members)))


def large_group() -> Grams:
    """Sums of a family with as many members and blocks as real groups have."""
    made = family(LARGE, LARGE, size=200)
    few = grams_of([each.values for each in made])
    blocks = [number % len(BLOCKS) for number in range(DENOISER_BLOCKS)]
    head = few.head.__class__(
        **{name: getattr(few.head, name) for name in few.head.__struct_fields__}
        | {"groups": tuple(("denoiser", f"IN{n:02}", "ff") for n in range(DENOISER_BLOCKS))}
    )
    return Grams(
        head,
        {name: array[blocks] for name, array in few.floats.items()},
        {name: array[blocks] for name, array in few.counts.items()},
    )
