"""The shared hostile files: refused, or read, as each says, in little time."""

import json
import subprocess
import sys
import time

import pytest
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


def test_hostile_weight_files(hostile):
    wrong = {}
    truth = json.loads((hostile / "truth.json").read_text())
    cases = [case for case in truth if case["verb"] == "inspect"]
    assert len(cases) >= 12
    for case in cases:
        start = time.process_time()
        try:
            open_checkpoint(hostile / case["file"])
            outcome = "read"
        except CheckpointError:
            outcome = "refuse"
        if outcome != case["expect"] and not case.get("either"):
            wrong[case["case"]] = outcome
        if time.process_time() - start > case["limit_s"]:
            wrong[case["case"]] = "slow"
    assert not wrong
