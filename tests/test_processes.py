"""Pools of processes on systems that are not this one."""

import sys
from concurrent.futures import ProcessPoolExecutor

import pytest

from generator.processes import MOST_ON_WINDOWS, worker_pools


def test_more_cores_than_windows_waits_for(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with worker_pools(MOST_ON_WINDOWS + 1) as new_pool:
        new_pool()
    # What a pool of the standard library says there, whose bound this is.
    with pytest.raises(ValueError, match=str(MOST_ON_WINDOWS)):
        ProcessPoolExecutor(MOST_ON_WINDOWS + 1)
