"""The tests of one room: which of them run a line, and a run of some of them in its own process."""

import json
import os
import resource
import signal
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import coverage
import pytest

OPTIONS = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist")
# What was imported before pytest came cannot have its asserts rewritten.
IMPORTED = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
# A run that takes so many times as long as without a fault, and some more seconds, hangs.
PATIENCE, SECONDS_MORE = 10, 60


class RoomTests(NamedTuple):
    """Tests with their seconds; `ran[file][line]`: those that run it, or a fixture that does."""

    seconds: dict[str, float]
    ran: dict[str, dict[str, list[str]]]

    def in_order(self, file: str, line: int) -> Iterator[list[str]]:
        """First the tests that run the line, then all others: those that run the module first."""
        lines = self.ran.get(file, {})
        near = set(lines.get(str(line), []))
        module = {test for tests in lines.values() for test in tests}
        if near:
            yield sorted(near, key=self.seconds.__getitem__)
        rest = self.seconds.keys() - near
        yield sorted(rest, key=lambda test: (test not in module, self.seconds[test]))


class _Recorder:
    """A plugin of pytest: what `RoomTests` holds, written to a file."""

    def __init__(self, target: Path) -> None:
        self.target, self.context = target, ""
        self.seconds: dict[str, float] = {}
        # Name of a fixture -> the tests that use it.
        self.users: dict[str, set[str]] = defaultdict(set)
        self.coverage = coverage.Coverage(None, source=["generator"], config_file=False)

    def pytest_sessionstart(self) -> None:
        self.coverage.start()

    def _switch(self, context: str) -> str:
        self.context, before = context, self.context
        self.coverage.switch_context(context)
        return before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        for name in item.fixturenames:
            self.users[name].add(item.nodeid)
        self._switch(item.nodeid)
        start = time.monotonic()
        result = yield
        self.seconds[item.nodeid] = time.monotonic() - start
        self._switch("")
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef) -> Iterator[None]:
        before = self._switch(fixturedef.argname)
        try:
            return (yield)
        finally:
            self._switch(before)

    def _tests(self, contexts: list[str]) -> list[str]:
        return sorted(set().union(*(self.users.get(each, {each}) for each in contexts if each)))

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        data = self.coverage.get_data()
        ran = {
            Path(file).relative_to(Path.cwd()).as_posix(): {
                line: self._tests(contexts)
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        self.target.write_text(json.dumps([self.seconds, ran]))


class _Chosen:
    """A plugin of pytest: only the chosen tests, in their order."""

    def __init__(self, chosen: list[str]) -> None:
        self.places = {test: number for number, test in enumerate(chosen)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = (item for item in items if item.nodeid in self.places)
        items[:] = sorted(kept, key=lambda item: self.places[item.nodeid])


def learn(tree: Path, tests: str) -> RoomTests:
    """Run the tests of a room, in the folder `tests`, which must all pass."""
    target = tree.parent / f"{tests}.json"
    if _pytest(tree, [f"tests/{tests}"], _Recorder(target), None):
        sys.exit(f"{(tree.parent / 'log').read_text()}\ntests/{tests} fail without any fault")
    return RoomTests(*json.loads(target.read_text()))


def run(tree: Path, chosen: list[str], tests: RoomTests) -> bool:
    """Whether one of the `chosen` tests fails, or hangs."""
    files = dict.fromkeys(test.partition("::")[0] for test in chosen)
    seconds = SECONDS_MORE + PATIENCE * sum(tests.seconds[test] for test in chosen)
    return bool(chosen) and bool(_pytest(tree, [*files], _Chosen(chosen), seconds))


def _pytest(tree: Path, arguments: list[str], plugin: object, seconds: float | None) -> int:
    """The exit status of pytest in `tree`, in a forked process; 1 if it takes longer."""
    child = os.fork()
    if not child:
        try:
            os.setsid()
            os.chdir(tree)
            sys.path.insert(0, str(tree))
            os.environ["PYTHONPATH"] = str(tree)
            if seconds:
                # Endless loops end also where many processes share the processor.
                resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
            log = os.open(tree.parent / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(log, stream)
            made = f"--basetemp={tree.parent / 'made'}"
            os._exit(pytest.main([*OPTIONS, *IMPORTED, made, *arguments], [plugin]))
        finally:
            traceback.print_exc()
            os._exit(3)
    deadline = time.monotonic() + (seconds or float("inf"))
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 1
