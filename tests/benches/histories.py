"""Random histories of families -> how many claims about them are right, partly right and wrong.

Needs the judge that lies beside the shared cases.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "analysis"))

from families import claims, load
from histories import history
from test_histories import said_of
from threadpoolctl import threadpool_limits

from generator.records import Measurement

HISTORIES = 10_000
# Not those of the tests, nor any by which rules were chosen.
FIRST = 30_000_000
CLAIMS = {
    "root": "root of its family",
    "parent": "descends from another",
    "merge": "a merge, with weights",
    "involves": "a mix in which others take part",
    "between": "lies between others",
    "same": "the same model",
    "unrelated": "unrelated",
}


class Judged(NamedTuple):
    """One history: claims and verdicts, how many members, of how many nothing whole is said."""

    claims: list[tuple[str, str]]
    members: int
    silent: int


def judged(seed: int) -> Judged:
    """Half of the families have their base declared, where it is among the files."""
    # A process per core: threads of products of small matrices would wait for one another.
    with threadpool_limits(1):
        family = history(seed)
        found = said_of(family, "m00" if seed % 2 else "")
        verdicts, silent = load("judge").judge(family.truth, claims(found))
    each = [(one["claim"], one["verdict"]) for one in verdicts]
    return Judged(claims=each, members=len(family.here), silent=len(silent))


def bench(_: Path) -> Iterator[Measurement]:
    """The claims about all histories, counted."""
    count: Counter[tuple[str, str]] = Counter()
    silent = members = 0
    with ProcessPoolExecutor() as pool:
        for one in pool.map(judged, range(FIRST, FIRST + HISTORIES), chunksize=10):
            count.update(one.claims)
            members += one.members
            silent += one.silent
    title = f"{HISTORIES:,} random histories"
    yield Measurement(name=f"{title}: members", value=members, unit="")
    yield Measurement(name=f"{title}: members without a whole claim", value=silent, unit="")
    for claim, words in CLAIMS.items():
        for verdict, told in (("right", "right"), ("partly", "true in part"), ("wrong", "wrong")):
            name = f"{title}: claims “{words}”, {told}"
            yield Measurement(name=name, value=count[claim, verdict], unit="")
    wrong = sum(found for (_, verdict), found in count.items() if verdict == "wrong")
    yield Measurement(
        name=f"Wrong of all {count.total():,} claims about {title}",
        value=100 * wrong / count.total(),
        unit="%",
    )
