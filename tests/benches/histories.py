"""Random histories of families -> how many claims about them are right, partly right and wrong.

Needs the judge that lies beside the shared cases.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "analysis"))

from families import claims, load
from histories import history
from test_histories import said_of

from generator.records import Measurement

HISTORIES = 1000
# Not those of the tests.
FIRST = 1_000_000
CLAIMS = {
    "root": "root of its family",
    "parent": "descends from another",
    "merge": "a merge, with weights",
    "involves": "a mix in which others take part",
    "between": "lies between others",
    "same": "the same model",
    "unrelated": "unrelated",
}


def bench(_: Path) -> Iterator[Measurement]:
    """Half of the families have their base declared, where it is among the files."""
    count: Counter[tuple[str, str]] = Counter()
    silent = members = 0
    judge = load("judge").judge
    for seed in range(FIRST, FIRST + HISTORIES):
        family = history(seed)
        found = said_of(family, "m00" if seed % 2 else "")
        judged, unspoken = judge(family.truth, claims(found))
        count.update((each["claim"], each["verdict"]) for each in judged)
        members += len(family.here)
        silent += len(unspoken)
    title = f"{HISTORIES} random histories"
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
