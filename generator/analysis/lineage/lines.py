"""Near mixes of two -> lines of four or more members.

Three members on a line are a mix and its parents, or a step between two. Four or more come from one
shared direction: strengths of one LoRA, a style, or a few large weights that dominate all
distances. On such a line every member is a mix of any two around it, and distances do not show the
real parents.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from generator.analysis.lineage.search import PRECISION
from generator.records.arrays import Floats

FEWEST = 4
# A member is on a line if its distance to it is at most this many times that of the target,
FARTHEST = 3.0
# and at most this part of the distance to the next member on it (else it is a variant of that one).
STEEPEST = 0.5
# A line that shares this many members with a longer one is the same line.
SAME = 3


class MemberLine(NamedTuple):
    """Members by number, from one end to the other; and the largest distance of a member from the
    line through the ends, divided by the length of the line."""

    members: tuple[int, ...]
    deviation: float


def find_lines(
    total: Floats, members: Iterable[int], near: Iterable[tuple[int, int, int]]
) -> list[MemberLine]:
    """All lines with at least `FEWEST` of `members`, the longest first.

    `total` is N x N, squared; `near` are near mixes of two as (target, one, other).
    """
    chosen = list(members)
    found = {_extend(total, chosen, [one, target, other]) for target, one, other in near}
    long = [line for line in found if len(line.members) >= FEWEST]
    return sorted(long, key=lambda line: (-len(line.members), line.deviation, line.members))


def different_lines(lines: Iterable[MemberLine]) -> list[MemberLine]:
    """`lines`, in order, without repetitions of an earlier one."""
    kept: list[MemberLine] = []
    for line in lines:
        if all(len(set(line.members) & set(other.members)) < SAME for other in kept):
            kept.append(line)
    return kept


def _extend(total: Floats, members: Iterable[int], line: list[int]) -> MemberLine:
    """The line with all members on it."""
    one, target, other = line
    apart = total[one, other]
    place = {each: (total[each, one] + apart - total[each, other]) / 2 / apart for each in members}
    off = {each: abs(total[each, one] - at * at * apart) for each, at in place.items()}
    near = FARTHEST**2 * max(off[target], PRECISION * apart)
    for member in sorted(set(members) - set(line), key=lambda each: (off[each], each)):
        length = max(1.0, place[member]) - min(0.0, place[member])
        if off[member] <= min(near * length**2, STEEPEST**2 * total[member, line].min()):
            line.append(member)
    line.sort(key=lambda each: (place[each], each))
    if line[0] > line[-1]:
        line.reverse()
    farthest = max(off[each] for each in line)
    return MemberLine(tuple(line), float(np.sqrt(farthest / total[line[0], line[-1]])))
