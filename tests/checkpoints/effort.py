"""How much a reader does for a file, counted in calls: the same on every machine, busy or not."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What a reader may do for every file, and for each byte that the file holds.
CALLS, CALLS_PER_BYTE = 1000, 10


@contextmanager
def little_effort(path: Path) -> Iterator[None]:
    """Fail if what is done meanwhile takes more calls than a file of this size may cost."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)
    size = path.stat().st_size if path.is_file() else 0
    assert calls <= CALLS + CALLS_PER_BYTE * size
