"""The shared hostile files: refused, or read, as each says, with little effort."""

import json
import subprocess
import sys

import pytest
from effort import little_effort
from shared import made_once
from shared_cases import writers

from generator.checkpoints.formats.opening import open_checkpoint
from generator.errors import CheckpointError


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    maker = writers("hostile") / "make.py"

    def make(folder):
        subprocess.run([sys.executable, maker, folder], check=True, capture_output=True)

    return made_once(tmp_path_factory, "hostile", make)


@pytest.mark.slow
def test_hostile_weight_files(hostile):
    wrong = {}
    truth = json.loads((hostile / "truth.json").read_text())
    cases = [case for case in truth if case["verb"] == "inspect"]
    assert len(cases) >= 12
    for case in cases:
        path = hostile / case["file"]
        try:
            with little_effort(path):
                open_checkpoint(path)
            outcome = "read"
        except CheckpointError:
            outcome = "refuse"
        except AssertionError:
            outcome = "slow"
        if outcome != case["expect"] and not (case.get("either") and outcome != "slow"):
            wrong[case["case"]] = outcome
    assert not wrong
