"""Functions of a loaded module get a fault as if the module had been loaded with it."""

import gc
import importlib.util
import sys

import pytest
from swapping import swap, swaps

SOUND = """
from functools import cache
LIMIT = 3
class Adder:
    step = 1
    def add(self, number): return number + self.step
@cache
def below(number): return number < LIMIT
def counted(numbers, start=0):
    found = [each + start for each in numbers]
    return found
squares = [each * each for each in range(LIMIT)]
"""


@pytest.fixture
def module(tmp_path):
    path = tmp_path / "sound.py"
    path.write_text(SOUND)
    spec = importlib.util.spec_from_file_location("sound", path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded, path


@pytest.mark.parametrize(
    ("was", "now", "call", "before", "after"),
    [
        ("number + self", "number - self", lambda m: m.Adder().add(5), 6, 4),
        ("number < LIMIT", "number <= LIMIT", lambda m: m.below(3), False, True),
        ("each + start", "each - start", lambda m: m.counted([1], 2), [3], [-1]),
    ],
)
def test_functions_are_changed_where_they_are(module, was, now, call, before, after):
    loaded, path = module
    changed = swaps(path, SOUND, SOUND.replace(was, now))
    assert changed
    assert call(loaded) == before
    loaded.below.cache_clear()
    gc.freeze()
    swap(path, changed)
    assert call(loaded) == after


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ("step = 1", "step = 2"),
        ("start=0", "start=1"),
        ("each * each", "each + each"),
        ("@cache\n", ""),
    ],
)
def test_what_runs_while_a_module_is_loaded_cannot_be_changed_later(module, was, now):
    _, path = module
    assert swaps(path, SOUND, SOUND.replace(was, now)) is None
    assert swaps(path, SOUND, SOUND) == {}


def test_a_function_that_is_not_found_is_told(module, monkeypatch):
    loaded, path = module
    changed = swaps(path, SOUND, SOUND.replace("number < LIMIT", "number > LIMIT"))
    swap(path, {})
    monkeypatch.setitem(sys.modules, "sound", loaded)
    (code,) = changed.values()
    with pytest.raises(RuntimeError, match="no function to change"):
        swap(path, {("elsewhere", 1): code})
