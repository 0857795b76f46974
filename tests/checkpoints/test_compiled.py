"""Loops run as machine code; Numba is loaded to compile them, and not again."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from generator.checkpoints.formats.compiled import compiled, inlined

LOOPS = """
import sys
import numpy as np
from generator.checkpoints.formats.compiled import compiled

@compiled()
def double(values):
    for place in range(len(values)):
        values[place] *= 2

values = np.arange(4.0)
double(values)
assert values.tolist() == [0, 2, 4, 6]
print("numba" in sys.modules)
"""


class Rows(NamedTuple):
    whole: np.ndarray
    counts: np.ndarray


@inlined()
def _cubed(value):
    return _squared(value) * value


@inlined()
def _squared(value):
    return value * value


@compiled()
def add_cubes(rows, first, out):
    whole, counts = rows
    for row in range(len(whole)):
        for column in range(first, whole.shape[1]):
            out[row] += _cubed(whole[row, column]) * counts[row]


@compiled()
def divide(numbers, divisor):
    for place in range(len(numbers)):
        numbers[place] //= divisor


def cubes(whole, counts, first):
    out = np.zeros(len(whole))
    add_cubes(Rows(whole, counts), first, out)
    return out


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.uint8])
@pytest.mark.parametrize("layout", ["whole", "every other", "transposed", "read-only"])
def test_a_loop_sees_arrays_of_any_layout(dtype, layout):
    whole = np.random.default_rng(0).integers(0, 6, (6, 8)).astype(dtype)
    whole = {"every other": whole[::2, ::2], "transposed": whole.T}.get(layout, whole)
    whole.flags.writeable = layout != "read-only"
    counts = np.arange(len(whole))
    expected = (whole.astype(np.float64) ** 3)[:, 1:].sum(axis=1) * counts
    assert cubes(whole, counts, 1).tolist() == expected.tolist()


def test_an_error_in_a_loop_is_raised():
    numbers = np.arange(4)
    divide(numbers, 2)
    assert numbers.tolist() == [0, 0, 1, 1]
    with pytest.raises(ArithmeticError, match="divide"):
        divide(numbers, 0)


def test_threads_may_run_one_loop_at_once():
    whole = np.arange(3000.0).reshape(3, 1000)
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda first: cubes(whole, np.ones(3, int), first).tolist(), range(64))
        expected = [(whole**3)[:, first:].sum(axis=1).tolist() for first in range(64)]
        assert list(found) == [pytest.approx(each, rel=1e-12) for each in expected]


@pytest.mark.parametrize("read_only", [False, True])
def test_the_next_process_runs_a_loop_without_numba(tmp_path, read_only):
    program = tmp_path / "größer als" / "loops.py"
    program.parent.mkdir()
    program.write_text(LOOPS, "utf-8")
    if read_only:
        # No folder can have this name then, whoever runs the test.
        (program.parent / "__pycache__").write_bytes(b"")
    home = dict.fromkeys(("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA"), str(tmp_path))
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, **home, "PYTHONPATH": path}
    loaded = [
        subprocess.run(
            [sys.executable, str(program)], env=environment, capture_output=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert loaded == [[b"True"], [b"False"]]
