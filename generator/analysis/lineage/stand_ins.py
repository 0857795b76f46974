"""A mix, and members on the line between two others -> the mix of fewest parents.

A member on a line stands for its ends, and with another member of the line for one of them: several
sums are as exact. The one of fewest parents is told, unless others may be as true.
"""

from collections.abc import Container, Mapping
from typing import Literal, NamedTuple

from generator.analysis.lineage.sums_of_steps import SMALLEST, Steps, fit


class Mix(NamedTuple):
    """A mix by number: parents and weights with sum 1, the root among them if it takes part.

    `by_block`: only separate weights per block give the target; `weights` are then those of the
    whole.
    """

    parents: tuple[int, ...]
    weights: tuple[float, ...]
    verdict: Literal["merge", "interpolation", "between"]
    by_block: bool = False


def simplest_mix(mix: Mix, between: Mapping[int, Mix], adapted: Container[int]) -> Mix | None:
    """The mix of fewest parents, if members that lie `between` two others can stand for these. If
    several are as simple, it is not claimed which: it lies between, as far as is known. A whole
    model and a part of a step that was added to it are told all the same, whoever holds the step.
    None if nothing shows what was mixed.

    What is mixed from such a member is mixed from its ends as well. Not so if the member is
    `adapted`: then the ends may be strengths of one adapter, which know nothing of one another.
    """
    shares = dict(zip(mix.parents, mix.weights, strict=True))
    others = [
        found
        for member, ends in between.items()
        if member not in shares
        for end in ends.parents
        if shares.get(end) and (found := _in_place_of(shares, end, member, ends))
    ]
    fewest = min(map(len, [shares, *others]))
    # A member takes the place of either end of its line: that is one explanation.
    simplest = {frozenset(found): found for found in (shares, *others) if len(found) == fewest}
    chosen, *more = simplest.values()
    if any(each in adapted for found in simplest.values() for each in found.keys() - shares.keys()):
        return None
    if more:
        return mix if min(mix.weights) < 0 else mix._replace(verdict="between")
    return mix._replace(parents=tuple(chosen), weights=tuple(chosen.values()))


def _in_place_of(
    shares: Mapping[int, float], end: int, member: int, ends: Mix
) -> dict[int, float] | None:
    """The mix with `member`, which lies between `ends`, for one of these; None if a parent is then
    subtracted that was not."""
    own = dict(zip(ends.parents, ends.weights, strict=True))
    (other,) = own.keys() - {end}
    factor = shares[end] / own[end]
    found = {each: share for each, share in shares.items() if each != end}
    found[member] = factor
    found[other] = found.get(other, 0.0) - factor * own[other]
    found = {each: share for each, share in found.items() if abs(share) >= SMALLEST / 2}
    if any(share < 0 <= shares.get(each, 0.0) for each, share in found.items()):
        return None
    return found


def is_nearer(steps: Steps, target: int, mix: Mix, simplest: Mix) -> bool:
    """Whether a mix is nearer to the target than the `simplest` one that can stand for it. What was
    mixed from a member on a line holds the rounding of that member: if the mix of the ends is
    nearer, the target was made from these."""
    left, left_of_simplest = (
        fit(steps, target, [each for each in told.parents if each != steps.root]).left
        for told in (mix, simplest)
    )
    return left + steps.accuracy(target) < left_of_simplest


def may_hold_root(mix: Mix, root: int) -> bool:
    """Whether a share of the root may be that of a parent: one that was mixed from the root and a
    missing model, which then has its share in the target. Not so if all shares of others are equal,
    as in a mean."""
    shares = [share for each, share in zip(mix.parents, mix.weights, strict=True) if each != root]
    has_root = len(shares) < len(mix.parents) and min(mix.weights) > 0
    return has_root and max(shares) - min(shares) >= SMALLEST
