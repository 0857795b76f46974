"""Plant small faults in the core, one at a time, and list those that no test of their room notices.

    python tests/mutants.py [--faults 300] [--seed 0] [--room distances] [--workers 2]

Each room gets its share of a random sample, in a copy of the repository per worker. A fault is
noticed if a test of its own room fails: first the tests that run the changed line (the fastest
first), then all others. It ends with a table by room, and fails below nine of ten.

`equivalent_mutants.toml` has the faults that change nothing a test could see, with their reasons.
"""

import argparse
import importlib
import multiprocessing
import os
import shutil
import sys
import tempfile
import tomllib
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from faults import REPOSITORY, Fault, draw
from room_tests import RoomTests, learn, run

EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
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
HEAVY = ("diffusers", "numba", "arro3.io", "scipy.optimize", "sklearn.manifold", "transformers")
# Of the repository's own folder: what no test reads. Compiled modules are copied, with their times.
LEFT_OUT = {".git", ".venv", ".mypy_cache", ".ruff_cache", ".hypothesis", "bench", "demo", "site"}
VERDICTS = ("noticed", "survived", "equivalent")
LEAST_NOTICED = 0.9


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


def learn_room(root: Path, tests: str) -> RoomTests:
    """Which tests of a room run which lines, in the worker's own copy."""
    return learn(own_tree(root), tests)


def plant(root: Path, learnt: dict[str, RoomTests], equivalent: set, drawn: tuple) -> Planted:
    """What becomes of one fault, in the worker's own copy."""
    room, fault = drawn
    if (fault.was, fault.now) in equivalent:
        return Planted(room, fault, "equivalent")
    noticed = is_noticed(own_tree(root), fault, learnt[ROOMS[room]])
    return Planted(room, fault, "noticed" if noticed else "survived")


def is_noticed(tree: Path, fault: Fault, tests: RoomTests) -> bool:
    """Whether one of `tests` fails with `fault`."""
    path = tree / fault.file
    sound, before = path.read_bytes(), path.stat()
    try:
        _change(path, fault.code.encode())
        return any(run(tree, chosen, tests) for chosen in tests.in_order(fault.file, fault.line))
    finally:
        _change(path, sound)
        # What Numba compiled of it is still good.
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _change(path: Path, content: bytes) -> None:
    """Write a module and forget what Python compiled of it, which it knows by second and size."""
    path.write_bytes(content)
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.cpython-*.pyc"):
        compiled.unlink()


def sample(rooms: list[str], count: int, seed: int) -> list[tuple[str, Fault]]:
    """The room and fault of each of `count`, as many of one room as of another."""
    least, more = divmod(count, len(rooms))
    return [
        (room, fault)
        for number, room in enumerate(rooms)
        for fault in draw(room, least + (number < more), seed)
    ]


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


def main() -> None:
    """Plant faults, print what became of each, and the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--room", choices=ROOMS, action="append")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    rooms = options.room or list(ROOMS)
    drawn = sample(rooms, options.faults, options.seed)
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["fault"]
    equivalent = {(each["was"], each["now"]) for each in listed}
    for module in HEAVY:
        importlib.import_module(module)
    found = []
    with (
        tempfile.TemporaryDirectory() as root,
        ProcessPoolExecutor(options.workers, multiprocessing.get_context("fork")) as pool,
    ):
        folders = list(dict.fromkeys(ROOMS[room] for room in rooms))
        learnt = dict(zip(folders, pool.map(partial(learn_room, Path(root)), folders), strict=True))
        for each in pool.map(partial(plant, Path(root), learnt, equivalent), drawn):
            found.append(each)
            print(f"{len(found):4} {each.verdict:10} {each.fault.file}:{each.fault.line}")
            if each.verdict != "noticed":
                print(f"       - {each.fault.was}\n       + {each.fault.now}", flush=True)
    print(f"\nseed {options.seed}\n{table(found)}")
    if share(found) < LEAST_NOTICED:
        sys.exit(f"fewer than {LEAST_NOTICED:.0%} were noticed")


if __name__ == "__main__":
    main()
