"""A sample of random inputs: none is read here and not by the oracle, no error is of another kind.

`python tests/fuzz/run.py` tries 100,000, `make fuzz` ten million.
"""

import numpy as np
import pytest
import run
import targets
from mutations import change_bytes

pytestmark = pytest.mark.slow


def test_random_files(tmp_path):
    assert run.fuzz(1000, 0, tmp_path) == {}


def test_a_fault_is_found(tmp_path):
    found = {}

    def read(path):
        found["content"] = path.read_bytes()
        raise KeyError("x")

    target = targets.Target(
        1, "a", lambda random: change_bytes(random, b"abc"), read, targets.nothing
    )
    assert "KeyError" in run.fault("x", target, tmp_path / "a", 1)
    lax = target._replace(read=lambda _: {}, oracle=lambda *_: np.frombuffer(b"x", "f4"))
    assert "oracle" in run.fault("x", lax, tmp_path / "a", 1)
    # The same seed makes the same input.
    first = found["content"]
    run.fault("x", target, tmp_path / "a", 1)
    assert found["content"] == first
