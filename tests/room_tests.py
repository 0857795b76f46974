"""The tests of one room: which of them run a line, and a run of some of them in its own process."""

import contextlib
import hashlib
import json
import os
import signal
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from typing import NamedTuple

import coverage
import pytest

OPTIONS = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist")
# What was imported before pytest came cannot have its asserts rewritten.
IMPORTED = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
# What plants faults, and is no part of any test.
TOOL = [f"tests/{name}.py" for name in ("faults", "mutants", "room_tests", "swapping", "trials")]
# The exit status of a process that could not do its work.
BROKEN = 70
# What Python tells its audit hooks when another process begins, whose lines nobody records.
BEGINS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn"}


# Stands for a test where a line runs while modules are loaded and tests collected.
LOADING = "loading"


class RoomTests(NamedTuple):
    """Tests with the seconds that each takes alone, with its fixtures; `ran[file][line]`: those
    that run it, or a fixture that does; `begin`: those that begin processes."""

    seconds: dict[str, float]
    ran: dict[str, dict[str, list[str]]]
    begin: list[str]

    def in_order(self, file: str, line: int) -> Iterator[list[str]]:
        """The tests that run the line, the fastest first, then those of its module that begin other
        processes, which may run it; where no test runs the line, all of the module, then of the
        room, which may use what was made of it while it was loaded.
        """
        lines = self.ran.get(file, {})
        near = self.seconds.keys() & lines.get(str(line), [])
        yield self._fastest(near)
        module = self.seconds.keys() & {test for tests in lines.values() for test in tests}
        yield self._fastest((module & set(self.begin) if near else module) - near)
        yield self._fastest(set() if near else self.seconds.keys() - module)

    def _fastest(self, tests: Set[str]) -> list[str]:
        return sorted(tests, key=self.seconds.__getitem__)

    def runs_while_loaded(self, file: str, line: int) -> bool:
        """Whether a line runs before any test does."""
        return LOADING in self.ran.get(file, {}).get(str(line), [])


class _Recorder:
    """A plugin of pytest: what `RoomTests` holds, written to a file."""

    def __init__(self, target: Path) -> None:
        self.target, self.context = target, ""
        # Without fixtures, whose time is that of the test that was first to ask.
        self.own: dict[str, float] = {}
        self.fixtures: dict[str, float] = defaultdict(float)
        self.in_fixtures = 0.0
        # Name of a fixture -> the tests that use it.
        self.users: dict[str, set[str]] = defaultdict(set)
        self.begin: set[str] = set()
        self.coverage = coverage.Coverage(None, source=["generator"], config_file=False)

    def pytest_sessionstart(self) -> None:
        sys.addaudithook(self._watch)
        self.coverage.start()

    def _watch(self, event: str, _: tuple) -> None:
        if event in BEGINS:
            self.begin.add(self.context)

    def _switch(self, context: str) -> str:
        self.context, before = context, self.context
        self.coverage.switch_context(context)
        return before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        for name in item.fixturenames:
            self.users[name].add(item.nodeid)
        self._switch(item.nodeid)
        self.in_fixtures, start = 0.0, time.monotonic()
        result = yield
        self.own[item.nodeid] = time.monotonic() - start - self.in_fixtures
        self._switch("")
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef) -> Iterator[None]:
        before = self._switch(fixturedef.argname)
        outer, self.in_fixtures, start = self.in_fixtures, 0.0, time.monotonic()
        try:
            return (yield)
        finally:
            took = time.monotonic() - start
            name = fixturedef.argname
            self.fixtures[name] = max(self.fixtures[name], took - self.in_fixtures)
            self.in_fixtures = outer + took
            self._switch(before)

    def _tests(self, contexts: set[str]) -> list[str]:
        users = (self.users.get(each, {each or LOADING}) for each in contexts)
        return sorted(set().union(*users))

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        data = self.coverage.get_data()
        ran = {
            Path(file).relative_to(Path.cwd()).as_posix(): {
                line: self._tests(set(contexts))
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        seconds = self.own.copy()
        for name, tests in self.users.items():
            for test in tests:
                seconds[test] += self.fixtures[name]
        learnt = RoomTests(seconds, ran, self._tests(self.begin))
        self.target.write_text(json.dumps(learnt))


def digest(tests: str, repository: Path) -> str:
    """SHA-256 of the package and of what a room's tests are made of."""
    found = hashlib.sha256()
    shared = sorted(set((repository / "tests").glob("*.py")) - {repository / path for path in TOOL})
    own = sorted((repository / "tests" / tests).rglob("*.py"))
    for path in [*sorted((repository / "generator").rglob("*.py")), *shared, *own]:
        content = path.read_bytes()
        found.update(f"{path.relative_to(repository).as_posix()} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()


def learn(tree: Path, tests: str, kept: Path) -> RoomTests:
    """Run the tests of a room, in the folder `tests`, which must all pass; or read what the same
    run wrote to `kept`."""
    target = kept / f"{tests}-{digest(tests, tree)}.json"
    if not target.exists():
        made = tree.parent / f"{tests}.json"
        if run_pytest(tree, [f"tests/{tests}"], _Recorder(made)):
            log = (tree.parent / "log").read_text()
            sys.exit(f"{log}\ntests/{tests} fail without any fault")
        kept.mkdir(exist_ok=True)
        made.replace(target)
    return RoomTests(*json.loads(target.read_text()))


def run_pytest(tree: Path, arguments: list[str], plugin: object) -> int:
    """The exit status of pytest in `tree`, in a forked process; below 0 if a signal ended it."""

    def work() -> int:
        os.chdir(tree)
        sys.path.insert(0, str(tree))
        os.environ["PYTHONPATH"] = str(tree)
        log = os.open(tree.parent / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(log, stream)
        made = f"--basetemp={tree.parent / 'made'}"
        return pytest.main([*OPTIONS, *IMPORTED, made, *arguments], [plugin])

    return in_fork(work)


def in_fork(work: Callable[[], int]) -> int:
    """The exit status of `work`, in a forked process with whatever that begins."""
    child = os.fork()
    if not child:
        try:
            os.setpgrp()
            os._exit(work())
        finally:
            traceback.print_exc()
            os._exit(BROKEN)
    _, status = os.waitpid(child, 0)
    # What it began ends with it.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(status)
