"""Plant small faults in the core, one at a time, and list those that no test of their room notices.

    python tests/mutants.py [--faults 300] [--seed 0] [--room distances] [--part 1/4]

Of all places in the rooms, a random sample gets one fault each, in a copy of the repository. It is
noticed if a test of its own room fails: first the tests that run the changed line (the fastest
first), then all others. Heavy libraries are imported once, and each fault gets a forked process.

`equivalent_mutants.toml` has the faults that change nothing a test could see, with their reasons.
"""

import argparse
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import tomllib
import traceback
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest
from faults import REPOSITORY, Fault, draw

EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
# Folder of the package -> folder of its own tests.
ROOMS = {
    "records": "records",
    "distances": "distances",
    "analysis": "analysis",
    "checkpoints/formats": "checkpoints",
    "checkpoints/keys": "checkpoints",
    "architectures": "architectures",
}
HEAVY = ("diffusers", "numba", "arro3.io", "scipy.optimize", "sklearn.manifold", "transformers")
# Of the repository's own folder: what no test reads.
LEFT_OUT = {".git", ".venv", ".mypy_cache", ".ruff_cache", ".hypothesis", "bench", "demo", "site"}
OPTIONS = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist")
# What was imported before pytest came cannot have its asserts rewritten.
IMPORTED = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
PATIENCE = 900


class _Recorder:
    """A plugin of pytest: which tests run which lines, and how long each takes."""

    def __init__(self, target: Path) -> None:
        self.target, self.seconds = target, {}
        self.coverage = coverage.Coverage(None, source=["generator"], config_file=False)

    def pytest_sessionstart(self) -> None:
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        start = time.monotonic()
        result = yield
        self.seconds[item.nodeid] = time.monotonic() - start
        return result

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        data = self.coverage.get_data()
        ran = {
            Path(file).relative_to(Path.cwd()).as_posix(): data.contexts_by_lineno(file)
            for file in data.measured_files()
        }
        self.target.write_text(json.dumps([self.seconds, ran]))


def run(tree: Path, arguments: list[str], plugins: list[object] = []) -> int:  # noqa: B006
    """The exit status of pytest on `arguments` in `tree`, in its own process; 1 if it hangs."""
    child = os.fork()
    if not child:
        try:
            os.setsid()
            os.chdir(tree)
            sys.path.insert(0, str(tree))
            os.environ["PYTHONPATH"] = str(tree)
            log = os.open(tree.parent / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(log, stream)
            made = f"--basetemp={tree.parent / 'made'}"
            os._exit(pytest.main([*OPTIONS, *IMPORTED, made, *arguments], plugins))
        finally:
            traceback.print_exc()
            os._exit(3)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 1


def _not_read(folder: str, _: list[str]) -> set[str]:
    return LEFT_OUT if Path(folder) == REPOSITORY else {"__pycache__"}


def is_noticed(tree: Path, fault: Fault, tests: str, seconds: dict, ran: dict) -> bool:
    """Whether a test in the folder `tests` fails with `fault`."""
    path = tree / fault.file
    sound, before = path.read_bytes(), path.stat()
    near = {test for test in ran.get(fault.file, {}).get(str(fault.line), []) if test}
    first = sorted(near, key=seconds.__getitem__)
    try:
        _change(path, fault.code.encode())
        return bool(first and run(tree, first)) or bool(run(tree, [f"tests/{tests}"]))
    finally:
        _change(path, sound)
        # What Numba compiled of it is still good.
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _change(path: Path, content: bytes) -> None:
    """Write a module and forget what Python compiled of it, which it knows by second and size."""
    path.write_bytes(content)
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.cpython-*.pyc"):
        compiled.unlink()


def main() -> None:
    """Plant faults, and print each with what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--room", choices=ROOMS, action="append")
    parser.add_argument("--part", default="1/1", help="1/4: the first of four parts of the sample")
    options = parser.parse_args()
    part, parts = map(int, options.part.split("/"))
    rooms = options.room or list(ROOMS)
    faults = draw(rooms, options.faults, options.seed)[part - 1 :: parts]
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["fault"]
    equivalent = {(each["was"], each["now"]) for each in listed}
    for module in HEAVY:
        importlib.import_module(module)
    counts = {"noticed": 0, "equivalent": 0, "survived": 0}
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "atlas"
        shutil.copytree(REPOSITORY, tree, ignore=_not_read)
        if (REPOSITORY.parent / "shared").is_dir():
            (tree.parent / "shared").symlink_to((REPOSITORY.parent / "shared").resolve())
        maps = {}
        for number, fault in enumerate(faults, start=1):
            room = next(room for room in ROOMS if fault.file.startswith(f"generator/{room}/"))
            tests = ROOMS[room]
            if tests not in maps:
                target = Path(temporary) / tests
                if run(tree, [f"tests/{tests}"], [_Recorder(target)]):
                    log = (tree.parent / "log").read_text()
                    sys.exit(f"{log}\ntests/{tests} fail without any fault")
                maps[tests] = json.loads(target.read_text())
            verdict = "survived"
            if (fault.was, fault.now) in equivalent:
                verdict = "equivalent"
            elif is_noticed(tree, fault, tests, *maps[tests]):
                verdict = "noticed"
            counts[verdict] += 1
            print(f"{number:4} {verdict} {fault.file}:{fault.line}", flush=True)
            if verdict != "noticed":
                print(f"       - {fault.was}\n       + {fault.now}", flush=True)
    told = counts["noticed"] + counts["survived"]
    print(f"{counts}: {counts['noticed'] / max(told, 1):.1%} of {told} noticed")


if __name__ == "__main__":
    main()
