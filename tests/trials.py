"""Faults and the tests of their room -> whether one of those that the fault could reach fails."""

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from faults import Fault
from room_tests import BROKEN, RoomTests, in_fork, run_pytest
from swapping import Swaps, swap, swaps

# A test that takes so many times as long as without a fault, and some more seconds, hangs: by the
# processor, which counts loops where many share it, and compiles again; by the clock, which counts
# waits.
LIMITS = {signal.ITIMER_PROF: (4, 30), signal.ITIMER_REAL: (10, 120)}


class Trial(NamedTuple):
    """A fault, and the file that its verdict is written to."""

    fault: Fault
    place: Path


def try_all(tree: Path, trials: list[Trial], tests: RoomTests, folder: str) -> None:
    """Write the verdict of each fault: first those whose functions can be swapped, at once."""
    swapped, left = [], []
    for trial in trials:
        changed = _swaps(tree, trial.fault, tests)
        if changed is None:
            left.append(trial)
        else:
            swapped.append((trial, changed))
    if swapped and run_pytest(tree, [f"tests/{folder}"], _Swapped(tree, swapped, tests)):
        raise RuntimeError((tree.parent / "log").read_text())
    for trial in left:
        with _planted(tree / trial.fault.file, trial.fault.code):
            chosen = tests.in_order(trial.fault.file, trial.fault.line)
            _note(trial, any(_fails(tree, each, tests) for each in chosen if each))


def _swaps(tree: Path, fault: Fault, tests: RoomTests) -> Swaps | None:
    path = tree / fault.file
    if tests.runs_while_loaded(fault.file, fault.line):
        return None
    return swaps(path, path.read_text(encoding="utf-8"), fault.code)


def _note(trial: Trial, noticed: bool) -> None:
    trial.place.write_text("noticed" if noticed else "survived")


@contextlib.contextmanager
def _planted(path: Path, code: str) -> Iterator[None]:
    """A module with a fault, for processes that load it."""
    sound, before = path.read_bytes(), path.stat()
    try:
        _change(path, code.encode())
        yield
    finally:
        _change(path, sound)
        # What Numba compiled of it is still good.
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _change(path: Path, content: bytes) -> None:
    """Write a module and forget what Python compiled of it, which it knows by second and size."""
    path.write_bytes(content)
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.cpython-*.pyc"):
        compiled.unlink()


def _fails(tree: Path, chosen: list[str], tests: RoomTests) -> bool:
    """Whether one of the `chosen` tests fails, or hangs, where all is loaded with the fault."""
    files = dict.fromkeys(test.partition("::")[0] for test in chosen)
    return bool(run_pytest(tree, [*files], _Chosen(chosen, tests)))


def _end_after(seconds: float) -> None:
    """End this process, by a signal that nobody handles, once it takes far longer."""
    for timer, (times, more) in LIMITS.items():
        signal.setitimer(timer, times * seconds + more)


class _Chosen:
    """A plugin of pytest: only the chosen tests, in their order, each with an end."""

    def __init__(self, chosen: list[str], tests: RoomTests) -> None:
        self.places = {test: number for number, test in enumerate(chosen)}
        self.tests = tests

    def pytest_sessionstart(self) -> None:
        # Modules may loop while they are loaded.
        _end_after(0)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = (item for item in items if item.nodeid in self.places)
        items[:] = sorted(kept, key=lambda item: self.places[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        _end_after(self.tests.seconds[nodeid])


class _Swapped:
    """A plugin of pytest: for each fault, the tests that it could reach, in forked processes.

    Modules are loaded and tests collected once.
    """

    def __init__(self, tree: Path, trials: list[tuple[Trial, Swaps]], tests: RoomTests) -> None:
        self.tree, self.trials, self.tests = tree, trials, tests

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        for trial, changed in self.trials:
            path = self.tree / trial.fault.file
            with _planted(path, trial.fault.code):
                noticed = any(
                    self._fails(path, changed, [items[name] for name in names])
                    for names in self.tests.in_order(trial.fault.file, trial.fault.line)
                    if names
                )
            _note(trial, noticed)
        return True

    def _fails(self, path: Path, changed: Swaps, chosen: list[pytest.Item]) -> bool:
        def work() -> int:
            swap(path, changed)
            for item, after in zip(chosen, [*chosen[1:], None], strict=True):
                _end_after(self.tests.seconds[item.nodeid])
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if item.session.testsfailed:
                    return 1
            return 0

        shutil.rmtree(self.tree.parent / "made", ignore_errors=True)
        status = in_fork(work)
        if status == BROKEN:
            raise RuntimeError(f"{path} could not be tried")
        return bool(status)
