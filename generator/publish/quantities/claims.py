"""Claims of a number of parameters, and our counts -> how far the two are apart.

A claim without a source is not shown.
"""

import math
import re
from fractions import Fraction
from typing import Literal

from generator.records import Claim, Record

Verdict = Literal["agrees", "rounded_down", "explained", "differs"]

# The number that a claim begins with: `0.6B` has one decimal in units of 10^9.
_PRINTED = re.compile(r"(\d+)(?:\.(\d+))?\s*([BM])", re.ASCII)
_UNITS = {"B": 10**9, "M": 10**6}


class ClaimedCount(Record):
    """A claim about the network or component with this `id`, beside our count.

    `deviation` is (counted - claimed) / claimed; `address` is the page of the network.
    """

    id: str
    name: str
    kind: str
    address: str
    claim: Claim
    parameters: int
    verdict: Verdict

    @property
    def deviation(self) -> float:
        """A fraction of the claim, positive if there are more parameters than claimed."""
        return float(Fraction(self.parameters, self.claim.parameters) - 1)


def verdict_of(claim: Claim, parameters: int, is_explained: bool) -> Verdict:
    """Compare at the digits of the claim: `14B` is any count that rounds to 14 x 10^9.

    A claim that is the count with its last digits cut off is `rounded_down`.
    """
    step = _step(claim)
    exact = Fraction(parameters, step)
    if abs(exact - Fraction(claim.parameters, step)) <= Fraction(1, 2):
        return "agrees"
    if is_explained:
        return "explained"
    return "rounded_down" if math.floor(exact) * step == claim.parameters else "differs"


def _step(claim: Claim) -> int:
    """The unit of the last printed digit; 1 if the claim does not print the number itself."""
    found = _PRINTED.match(claim.text)
    if not found:
        return 1
    unit: int = _UNITS[found[3]] // 10 ** len(found[2] or "")
    return unit
