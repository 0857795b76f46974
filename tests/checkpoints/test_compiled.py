"""Loops are compiled wherever the program is installed, also where nothing can be written."""

import numpy as np
import pytest
from numba.core.caching import CacheImpl

from generator.checkpoints.formats.compiled import compiled


@pytest.mark.parametrize("read_only", [False, True])
def test_loops_are_compiled_where_nothing_can_be_kept(monkeypatch, read_only):
    if read_only:
        # The folders that Numba would write to: beside the module, and the user's own.
        monkeypatch.setattr(CacheImpl, "_locator_classes", [])

    @compiled(nogil=True)
    def double(values):
        for place in range(len(values)):
            values[place] *= 2

    values = np.arange(4.0)
    double(values)
    assert values.tolist() == [0, 2, 4, 6]
    assert (double.stats.cache_path is None) == read_only
