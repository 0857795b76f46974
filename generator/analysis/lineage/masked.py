"""Values of a target, a base and others -> whether each value is the base plus some of the changes.

Some merge methods drop changes value by value, so that no sum of models gives the target. Two kinds
are told, if the model that the others were trained from is given, too:

* Dropped (DARE, Yu et al. 2024; a pruned change): each change is left out or added times a factor,
  1 / (1 - p) times its weight in DARE: target - base = sum of f_i m_i d_i with m_i 0 or 1.
* Elected (TIES, Yadav et al. 2023): the changes that remain after trimming and agree in sign are
  averaged: target - base = f sum(m_i d_i) / sum(m_i).

Evidence: of 1,000 values where these options differ by many steps of the target's dtype, 999 are
within one step of an option, and more than one option occurs. Any other value would be so near to
one in at most a third of the cases. With one other model and factor 1, this is the same as swapped
values. DELLA, whose factors differ value by value, is not told, nor are changes that are as small
as the rounding of the dtype.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Literal, NamedTuple

import numpy as np

from generator.records import MaskedBlock, MaskedSum
from generator.records.arrays import Booleans, Counts, Floats
from generator.records.values import ValueChunk

# More models would give more options than can be told apart.
MOST_OTHERS = 4
# Options are told apart if they differ by as many steps.
APART = 8.0
# A value is an option within this many steps: it was rounded once, and maybe computed in the dtype.
WITHIN = 1.0
# Smallest share of values that are explained, fewest values, and the smallest share of the second
# most frequent option.
EXPLAINED, FEWEST, SECOND = 0.999, 1000, 0.01
# Factors within these bounds are read from the largest tenth of all changes of as many steps, in
# bins of at least this width.
LARGE, FACTORS, LARGEST, NARROWEST = 32.0, (0.05, 20.0), 0.9, 1e-6


class Masked(NamedTuple):
    """How a target may have been made: numbers of the base and the others, and their factors."""

    kind: Literal["dropped values", "elected values"]
    base: int
    others: tuple[int, ...]
    factors: tuple[float, ...]

    @property
    def masks(self) -> Counts:
        """Which changes each option adds: options x others."""
        return np.array([*product((0, 1), repeat=len(self.others))], np.int64)

    @property
    def options(self) -> Floats:
        """The factor of each change in each option."""
        found: Floats = self.masks * np.array(self.factors)
        if self.kind == "elected values":
            found = found / np.maximum(self.masks.sum(1, keepdims=True), 1)
        return found


def likely_masked(sample: Sequence[ValueChunk]) -> Masked | None:
    """The explanation of sampled values, of which the first row is the target; None if none is."""
    if not sample or not 2 < len(sample[0].values) <= MOST_OTHERS + 2:
        return None
    values = np.concatenate([each.values for each in sample], 1)
    step = np.concatenate([each.step for each in sample])
    rows = range(1, len(values))
    for base in rows:
        others = tuple(each for each in rows if each != base)
        factors = [_factor(values, step, base, each) for each in others]
        known = [each for each in factors if each is not None]
        if len(known) < len(others):
            continue
        options = [Masked("dropped values", base, others, tuple(known))]
        if len(others) > 1:
            same = (float(np.mean(known)),) * len(others)
            options.append(Masked("elected values", base, others, same))
        for option in options:
            told, chosen = _explained(values, step, option)
            if _is_sure(told, chosen):
                return option
    return None


def masked_sum(
    chunks: Iterable[ValueChunk], names: Sequence[str], found: Masked
) -> MaskedSum | None:
    """What is explained of all values, by block; None if it is too little. `names` are those of the
    rows."""
    told: dict[str, Counts] = defaultdict(lambda: np.zeros(2 ** len(found.others) + 1, np.int64))
    for chunk in chunks:
        own, chosen = _explained(chunk.values, chunk.step, found)
        counts = np.bincount(chosen[own] + 1, minlength=2 ** len(found.others) + 1)
        told[chunk.block] += counts
    if not told:
        return None
    total = np.sum([*told.values()], axis=0)
    if total[0] > (1 - EXPLAINED) * total.sum() or total.sum() < FEWEST:
        return None
    others = [names[each] for each in found.others]

    def kept(counts: Counts) -> dict[str, float]:
        shares = counts[1:] @ found.masks / max(int(counts[1:].sum()), 1)
        return dict(zip(others, shares.tolist(), strict=True))

    return MaskedSum(
        base=names[found.base],
        factors=dict(zip(others, found.factors, strict=True)),
        kept=kept(total),
        explained=float(total[1:].sum() / total.sum()),
        blocks=tuple(
            MaskedBlock(name=name, kept=kept(counts))
            for name, counts in sorted(told.items())
            if counts[1:].sum()
        ),
    )


def _explained(values: Floats, step: Floats, found: Masked) -> tuple[Booleans, Counts]:
    """Which of n values have options that are told apart; and the option of each, -1 if none."""
    base = values[found.base]
    changes = values[list(found.others)] - base
    options = found.options @ changes
    told = np.diff(np.sort(options, 0), axis=0).min(0) > APART * step
    off = np.abs(values[0] - base - options)
    nearest = off.argmin(0)
    return told, np.where(off.min(0) <= WITHIN * step, nearest, -1)


def _is_sure(told: Booleans, chosen: Counts) -> bool:
    counts = np.bincount(chosen[told] + 1, minlength=3)
    if counts.sum() < FEWEST or counts[0] > (1 - EXPLAINED) * counts.sum():
        return False
    return bool(np.sort(counts[1:])[-2] >= SECOND * counts.sum())


def _factor(values: Floats, step: Floats, base: int, other: int) -> float | None:
    """The factor by which most changes of `other` were added, where nothing else was; None if too
    few changes are large."""
    change, added = values[other] - values[base], values[0] - values[base]
    # A target of 0 has no step, and was pruned: it tells no factor.
    large = (step > 0) & (np.abs(change) > LARGE * step) & (np.abs(added) > step)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(large, added / change, 0.0)
    chosen = (ratio > FACTORS[0]) & (ratio < FACTORS[1])
    if chosen.sum() < FEWEST:
        return None
    told = np.where(chosen, np.abs(change) / np.where(chosen, step, 1.0), 0.0)
    # The largest changes are the least blurred by rounding.
    chosen &= told >= np.quantile(told[chosen], LARGEST)
    change, added, logs = change[chosen], added[chosen], np.log(ratio[chosen])
    width = max(2 / float(np.median(told[chosen])), NARROWEST)
    low, high = np.log(FACTORS)
    counts, edges = np.histogram(logs, int((high - low) / width), (low, high))
    # The factor may be at the edge of two bins.
    place = int((counts[:-1] + counts[1:]).argmax())
    inside = (logs >= edges[place]) & (logs <= edges[place + 2])
    middle = float(np.median(logs[inside]))
    inside = np.abs(logs - middle) <= width / 2
    if not inside.any():
        return None
    return float(added[inside] @ change[inside] / (change[inside] @ change[inside]))
