"""Plant small faults in the core, one at a time, and list those that no test of their room notices.

    python tests/mutants.py [--faults 300] [--seed 0] [--room distances] [--workers 2]

Each room gets its share of a random sample, in a copy of the repository per worker. A fault is
noticed if a test of its own room fails: of those that run the changed line, the fastest first, and
those that may run it in other processes. It ends with a table by room, and fails below nine of ten.
What is known of the same fault under the same tests is kept in `.mutants/`: a run that was stopped
goes on.

`equivalent_mutants.toml` has the faults that change nothing a test could see, with their reasons.
"""

import argparse
import hashlib
import importlib
import multiprocessing
import os
import shutil
import sys
import tempfile
import tomllib
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache, partial
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from faults import REPOSITORY, Fault, draw
from room_tests import RoomTests, digest, learn
from trials import Trial, try_all

EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
KEPT = REPOSITORY / ".mutants"
# Folder of the package -> folder of its own tests.
ROOMS = {
    "architectures": "architectures",
    "distances": "distances",
    "analysis": "analysis",
    "checkpoints/formats": "checkpoints",
    "checkpoints/identify": "checkpoints",
    "checkpoints/keys": "checkpoints",
    "records": "records",
}
# What no fault is in, loaded once for all.
HEAVY = (
    *("arro3.io", "coverage", "diffusers.loaders.single_file_utils", "gguf", "graphviz"),
    *("hypothesis", "msgspec", "networkx", "numba", "pyarrow.parquet", "pygraphviz"),
    *("scipy.optimize", "sklearn.manifold", "tokenizers", "torchinfo", "torchview"),
    *("transformers", "xdist"),
)
# Of the repository's own folder: what no test reads. Compiled modules are copied, with their times.
LEFT_OUT = {
    *(".git", ".hypothesis", ".mutants", ".mypy_cache", ".ruff_cache", ".venv"),
    *("bench", "demo", "site"),
}
# Faults for which modules are loaded once.
AT_ONCE = 16
VERDICTS = ("noticed", "survived", "equivalent")
LEAST_NOTICED = 0.9


# A room, and what is tried of it.
Item = tuple[str, Trial]


class Planted(NamedTuple):
    """A fault of a room, and what became of it."""

    room: str
    fault: Fault
    verdict: str


def own_tree(root: Path) -> Path:
    """This worker's copy of the repository, made when it is first asked for."""
    tree = root / str(os.getpid()) / "atlas"
    if not tree.exists():
        shutil.copytree(REPOSITORY, tree, ignore=_not_read)
        shared = REPOSITORY.parent / "shared"
        if shared.is_dir():
            (tree.parent / "shared").symlink_to(shared.resolve())
    return tree


def _not_read(folder: str, _: list[str]) -> set[str]:
    return LEFT_OUT if Path(folder) == REPOSITORY else set()


@cache
def learnt(root: Path, tests: str) -> RoomTests:
    """Which tests of a room run which lines, in the worker's own copy."""
    return learn(own_tree(root), tests, KEPT)


def learn_room(root: Path, tests: str) -> None:
    """Learn it before another worker asks."""
    learnt(root, tests)


def plant(root: Path, tests: str, some: list[Item]) -> list[Planted]:
    """What becomes of some faults of one folder of tests, in the worker's own copy."""
    try_all(own_tree(root), [trial for _, trial in some], learnt(root, tests), tests)
    return [Planted(room, trial.fault, trial.place.read_text()) for room, trial in some]


def sample(rooms: list[str], count: int, seed: int) -> list[tuple[str, Fault]]:
    """The room and fault of each of `count`, as many of one room as of another, in turns."""
    least, more = divmod(count, len(rooms))
    faults = [draw(room, least + (number < more), seed) for number, room in enumerate(rooms)]
    turns = zip_longest(*faults)
    return [drawn for turn in turns for drawn in zip(rooms, turn, strict=True) if drawn[1]]


def batches(left: dict[str, list[Item]]) -> list[tuple[str, list[Item]]]:
    """Some faults of one folder of tests at a time, in turns: what is known of a run that was
    stopped is a fair sample too."""
    found = [
        (start / len(some), tests, some[start : start + AT_ONCE])
        for tests, some in left.items()
        for start in range(0, len(some), AT_ONCE)
    ]
    return [(tests, some) for _, tests, some in sorted(found, key=lambda each: each[:2])]


def counts(found: list[Planted]) -> list[int]:
    """How many came to each end."""
    ends = [each.verdict for each in found]
    return [ends.count(verdict) for verdict in VERDICTS]


def share(found: list[Planted]) -> float:
    """What part of the faults that change anything was noticed."""
    noticed, survived, _ = counts(found)
    return noticed / max(noticed + survived, 1)


def table(found: list[Planted]) -> str:
    """How many faults of each room came to which end."""
    rows = {room: [each for each in found if each.room == room] for room in ROOMS}
    lines = [f"{'room':22}" + "".join(f"{verdict:>12}" for verdict in VERDICTS)]
    for name, some in [*rows.items(), ("all", found)]:
        if some:
            cells = "".join(f"{count:12}" for count in counts(some))
            lines.append(f"{name:22}{cells}{share(some):9.1%}")
    return "\n".join(lines)


def kept(digests: dict[str, str], room: str, fault: Fault) -> Path:
    """The file for what becomes of a fault, as long as its module and the room's tests stay."""
    named = f"{digests[ROOMS[room]]} {fault.file} {fault.code}"
    return KEPT / hashlib.sha256(named.encode()).hexdigest()


def known(equivalent: set, place: Path, fault: Fault) -> str | None:
    """What is known to become of a fault without planting it."""
    if (fault.was, fault.now) in equivalent:
        return "equivalent"
    return place.read_text() if place.exists() else None


def tell(number: int, each: Planted) -> None:
    """Print what became of a fault, and itself if nobody noticed."""
    print(f"{number:4} {each.verdict:10} {each.fault.file}:{each.fault.line}", flush=True)
    if each.verdict != "noticed":
        print(f"       - {each.fault.was}\n       + {each.fault.now}", flush=True)


def main() -> None:
    """Plant faults, print what became of each, and the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--room", choices=ROOMS, action="append")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    rooms = options.room or list(ROOMS)
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["fault"]
    equivalent = {(each["was"], each["now"]) for each in listed}
    digests = {tests: digest(tests, REPOSITORY) for tests in {ROOMS[room] for room in rooms}}
    found: list[Planted] = []
    left: dict[str, list[Item]] = defaultdict(list)
    for room, fault in sample(rooms, options.faults, options.seed):
        place = kept(digests, room, fault)
        if verdict := known(equivalent, place, fault):
            found.append(Planted(room, fault, verdict))
            tell(len(found), found[-1])
        else:
            left[ROOMS[room]].append((room, Trial(fault, place)))
    for module in HEAVY:
        importlib.import_module(module)
    with (
        tempfile.TemporaryDirectory() as root,
        ProcessPoolExecutor(options.workers, multiprocessing.get_context("fork")) as pool,
    ):
        list(pool.map(partial(learn_room, Path(root)), left))
        ends = [pool.submit(plant, Path(root), tests, some) for tests, some in batches(left)]
        for end in as_completed(ends):
            for each in end.result():
                found.append(each)
                tell(len(found), each)
    print(f"\nseed {options.seed}\n{table(found)}")
    if share(found) < LEAST_NOTICED:
        sys.exit(f"fewer than {LEAST_NOTICED:.0%} were noticed")


if __name__ == "__main__":
    main()
